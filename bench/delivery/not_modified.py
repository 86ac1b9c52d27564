"""`delivery-304`: the command."""

from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.stored import QUICK, StoredScale, measure_stored

app = App(help="Measure how fast a gateway says that nothing has changed, against bare Starlette.")


@app.default
def measure(
    *,
    scale: Annotated[StoredScale | None, Parameter(name="*")] = None,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask with the validator of each stored rendition, and a bare Starlette 304, in turn.

    Args:
        scale: how much is asked for.
        quick: 25 pictures, 2 rounds, 8 connections.
        json: print one JSON object.
    """
    measure_stored("delivery-304", 304, QUICK if quick else scale or StoredScale(), json=json)


if __name__ == "__main__":
    app()
