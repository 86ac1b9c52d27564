"""`delivery-warm`: the command."""

from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.stored import QUICK, StoredScale, measure_stored

app = App(help="Measure how fast stored renditions are delivered, beside bare Starlette and nginx.")


@app.default
def measure(
    *,
    scale: Annotated[StoredScale | None, Parameter(name="*")] = None,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask a gateway for stored renditions, and peers for the same bytes, in turn.

    Args:
        scale: how much is asked for.
        quick: 25 pictures, 2 rounds, 8 connections.
        json: print one JSON object.
    """
    measure_stored("delivery-warm", 200, QUICK if quick else scale or StoredScale(), json=json)


if __name__ == "__main__":
    app()
