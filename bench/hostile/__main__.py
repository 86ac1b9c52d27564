"""`vitrine bench hostile`: the command."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bench.hostile.run import ACCEPTED, FileOutcome, percentile, run
from bench.report import Figure, Report
from imaging.ingest_worker import ChildLimits

_Flag = Annotated[bool, Parameter(negative=())]
_SEED = 20_260_101
_GROWTH_AIM = 1.2
_QUICK_FILES = 260
_MIB = 1024**2

app = App(help="Take in files that are damaged on purpose: every answer is typed, and in time.")


@app.default
def measure(
    *,
    files: int = 10_000,
    children: int = 2,
    seed: int = _SEED,
    keep: Path | None = None,
    quick: _Flag = False,
    json: _Flag = False,
) -> None:
    """Damage valid files of every kind, take them in, and render what is accepted.

    Args:
        files: how many damaged ones.
        children: that look at files at the same time.
        seed: the same one makes the same files.
        keep: a folder for the files that ended a child, took too long or broke in the render.
        quick: 260 files.
        json: print one JSON object.
    """
    if quick:
        files = _QUICK_FILES
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    limits = ChildLimits()
    outcome = asyncio.run(run(files=files, seed=seed, children=children, limits=limits, keep=keep))
    Report(
        name="hostile",
        settings={
            "files": files,
            "children": children,
            "seed": seed,
            "noteworthy": [f"{answer} {name}" for name, answer in outcome.noteworthy],
        },
        figures=_figures(outcome),
        at_most={
            "untyped": 0,
            "child_crashes": 0,
            "child_timeouts": 0,
            "slowest_ms": limits.wall_s * 1000,
            "parent_growth": _GROWTH_AIM,
            "child_peak_mib": limits.address_space_bytes / _MIB,
        },
    ).print(as_json=json)


def _figures(outcome: FileOutcome) -> dict[str, Figure]:
    most_bytes = max(outcome.parent_bytes)
    answers = outcome.answers
    counted = {
        "files": answers.total(),
        "accepted": answers[ACCEPTED],
        "untyped": outcome.untyped,
        "child_crashes": answers["PROBE_CRASHED"],
        "child_timeouts": answers["PROBE_TIMEOUT"],
        **{f"answered_{code}": count for code, count in sorted(answers.items())},
        **{f"render_{code}": count for code, count in sorted(outcome.renders.items())},
    }
    measured = {
        "median_ms": (percentile(outcome.milliseconds, 0.5), "ms"),
        "p99_ms": (percentile(outcome.milliseconds, 0.99), "ms"),
        "slowest_ms": (max(outcome.milliseconds), "ms"),
        "parent_growth": (outcome.parent_growth, "ratio"),
        "parent_peak_mib": (most_bytes / _MIB, "MiB"),
        "child_peak_mib": (outcome.child_bytes / _MIB, "MiB"),
    }
    return {
        **{name: Figure(values=[count], unit="files") for name, count in counted.items()},
        **{name: Figure(values=[value], unit=unit) for name, (value, unit) in measured.items()},
    }


if __name__ == "__main__":
    app()
