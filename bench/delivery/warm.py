"""`delivery-warm`: the command."""

from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.stored import QUICK, Scale, measure_stored

app = App(help="Measure how fast stored renditions are delivered, beside bare Starlette and nginx.")


@app.default
def measure(
    *,
    pictures: int = Scale().pictures,
    rounds: int = Scale().rounds,
    connections: int = Scale().connections,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask a gateway for stored renditions, and peers for the same bytes, in turn.

    Args:
        pictures: in the catalogue, each stored in eight widths.
        rounds: in which each server is asked for every rendition once.
        connections: with one request in flight on each.
        quick: 25 pictures, 2 rounds, 8 connections.
        json: print one JSON object.
    """
    scale = Scale(pictures=pictures, rounds=rounds, connections=connections)
    measure_stored("delivery-warm", 200, QUICK if quick else scale, json=json)


if __name__ == "__main__":
    app()
