"""`vitrine poc`: the proof of concept, walked against real processes."""

import sys
from pathlib import Path

from rich.console import Console

from catalog.clock import utc_now
from catalog.errors import InvalidInputError
from vitrine.poc.report import write_report
from vitrine.poc.run import walk_steps
from vitrine.poc.scenario import QUICK_SKUS, SKUS, make_scenario
from vitrine.poc.steps import STEPS, chosen_steps

_FAILED = 1


def run_proof(
    *,
    step: tuple[str, ...] = (),
    report: Path = Path("poc-report"),
    quick: bool = False,
    seed: int = 1,
) -> None:
    """Build the scenario in an empty home, walk its steps, and write a report.

    The home, its processes and what stands in front are started on free ports of this machine, and
    removed at the end; nothing that runs already is touched. Where Debian's `varnish` and
    `varnish-modules` are installed, a Varnish stands in front as an authorising edge.

    Exit status 1: a step failed. What is not built yet is listed as such, and fails nothing.

    Args:
        step: walk only these, and what they need; by default all. `vitrine poc list` names them.
        report: folder that `report.html` and `report.json` are written into; where a step fails,
            with the logs of the processes.
        quick: 60 skus instead of 1,000.
        seed: of the scenario: the same gives the same.

    Raises:
        InvalidInputError: the folder of the report cannot be written.
    """
    chosen = chosen_steps(step)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        report.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(f"{report}: {error.strerror}", field="report") from error
    scenario = make_scenario(seed, QUICK_SKUS if quick else SKUS)
    outcomes = walk_steps(scenario, chosen, console, keep=report)
    page = write_report(report, outcomes, scenario, at=utc_now())
    counted = dict.fromkeys(("passed", "failed", "not_built"), 0)
    for each in outcomes:
        counted[each.state] += 1
    console.print(
        f"{counted['passed']} passed, {counted['failed']} failed, {counted['not_built']} not built "
        f"yet. The report: {page.absolute()}"
    )
    if counted["failed"]:
        sys.exit(_FAILED)


def list_steps() -> None:
    """List all steps of the proof with what each shows."""
    width = max(len(each.name) for each in STEPS)
    for each in STEPS:
        state = "" if each.walk is not None else " (not built yet)"
        sys.stdout.write(f"{each.name:<{width}}  {each.shows}{state}\n")
