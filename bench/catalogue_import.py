"""`import`: a whole catalogue from CSV and photographs into an empty database, end to end."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import App, Parameter

from bench.homes import temporary_home
from bench.report import Figure, Report
from vitrine.welcome import BEGINNING

_MAPPING = Path(__file__).parent / "luma" / "mapping.toml"
_AIM_S = 60.0

app = App(help="Measure an import into an empty database, in a process of its own.")


@app.default
def measure(
    *,
    data: Path | None = None,
    rounds: int = 1,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Import a catalogue and print seconds, products and assets.

    Args:
        data: folder of the Luma sample data: `products.csv` and `media/`.
        rounds: how often, each time into a new database.
        quick: import a locale and a channel in its place.
        json: print one JSON object.
    """
    if data is None and not quick:
        sys.exit("name the folder of the Luma sample data with --data, or measure --quick")
    counts: list[dict[str, Any]] = []
    seconds: list[float] = []
    for _ in range(1 if quick else rounds):
        began = time.monotonic()
        counts.append(_import(None if quick else data))
        seconds.append(time.monotonic() - began)
    Report(
        name="import",
        settings={
            "catalogue": "beginning" if quick else "luma",
            "cores": os.cpu_count(),
            "includes": "making and starting the embedded PostgreSQL",
        },
        figures={
            "seconds": Figure(values=seconds, unit="s"),
            "products": Figure(values=[each["products"] for each in counts], unit="products"),
            "assets": Figure(values=[each["assets"] for each in counts], unit="assets"),
            "rejected": Figure(values=[each["rejected"] for each in counts], unit="records"),
        },
        at_most={"seconds": _AIM_S, "rejected": 0},
    ).print(as_json=json)


def _import(data: Path | None) -> dict[str, Any]:
    with temporary_home() as home:
        if data is None:
            beginning = home.parent / "begin.jsonl"
            beginning.write_text(BEGINNING)
            arguments = [str(beginning)]
        else:
            luma = data.absolute()
            arguments = [str(luma / "products.csv"), "--mapping", str(_MAPPING)]
            arguments += ["--media-root", str(luma / "media"), "--publish", "d2c"]
            arguments += ["--report", str(home.parent / "rejected.csv")]
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "vitrine", "import", *arguments, "--json"],
            env={**os.environ, "VITRINE_HOME": str(home)},
            stdout=subprocess.PIPE,
            check=True,
        )
        return orjson.loads(done.stdout)


if __name__ == "__main__":
    app()
