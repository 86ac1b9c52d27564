"""Walks the steps in one house, and says how it goes."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import httpx2
from rich.console import Console

from catalog.errors import VitrineError
from vitrine.poc.evidence import Evidence, StepFailedError
from vitrine.poc.house import House, open_house
from vitrine.poc.scenario import Scenario
from vitrine.poc.steps import ProofStep

State: TypeAlias = Literal["passed", "failed", "not_built"]


@dataclass(slots=True, kw_only=True)
class StepOutcome:
    """What came of a step.

    Attributes:
        problem: why it failed.
        took_s: 0 where it was not walked.
    """

    step: ProofStep
    state: State
    evidence: Evidence = field(default_factory=Evidence)
    problem: str | None = None
    took_s: float = 0.0


def walk_steps(
    scenario: Scenario, chosen: Sequence[ProofStep], console: Console, *, keep: Path | None = None
) -> Sequence[StepOutcome]:
    """Open a house, walk the chosen steps that are built, and close it.

    Args:
        scenario: what the house is filled with.
        chosen: in the order in which they are walked.
        console: that shows how it goes.
        keep: a folder for the logs of a house that did not do what it should.

    Returns:
        An outcome for each chosen step, in their order.

    Raises:
        VitrineError: the house did not start.
    """
    built = [step for step in chosen if step.walk is not None]
    outcomes: dict[str, StepOutcome] = {}
    with ExitStack() as stack:
        if built:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vitrine-poc-")))
            folder.chmod(0o755)  # as root the database runs as another user
            home = folder / "home"
            home.mkdir(mode=0o700)
            with console.status("Starting the house"):
                house = stack.enter_context(open_house(home))
            for step in built:
                outcomes[step.name] = _walk(step, house, scenario, console, outcomes)
            if keep is not None and any(each.state == "failed" for each in outcomes.values()):
                shutil.copytree(home / "logs", keep / "logs", dirs_exist_ok=True)
    for step in chosen:
        outcomes.setdefault(step.name, StepOutcome(step=step, state="not_built"))
    return [outcomes[step.name] for step in chosen]


def _walk(
    step: ProofStep,
    house: House,
    scenario: Scenario,
    console: Console,
    before: dict[str, StepOutcome],
) -> StepOutcome:
    outcome = StepOutcome(step=step, state="passed")
    broken = [name for name in step.after if before[name].state == "failed"]
    if broken:
        outcome.state, outcome.problem = "failed", f"it needs {', '.join(broken)}, which failed"
        _say(console, outcome)
        return outcome
    began_s = time.monotonic()
    try:
        with console.status(f"{step.name}: {step.shows}"):
            _walker(step)(house, scenario, outcome.evidence)
    except (StepFailedError, VitrineError) as error:
        outcome.state, outcome.problem = "failed", error.message
    except httpx2.HTTPError as error:
        outcome.state, outcome.problem = "failed", f"no answer: {error!r}"
    outcome.took_s = time.monotonic() - began_s
    _say(console, outcome)
    return outcome


def _walker(step: ProofStep) -> Callable[[House, Scenario, Evidence], None]:
    if step.walk is None:
        raise StepFailedError(f"{step.name} is not built yet")
    return step.walk


def _say(console: Console, outcome: StepOutcome) -> None:
    colour = {"passed": "green", "failed": "red", "not_built": "dim"}[outcome.state]
    line = f"[{colour}]{outcome.state.replace('_', ' '):>9}[/]  {outcome.step.name}"
    console.print(f"{line}  [dim]{outcome.took_s:.1f} s[/]")
    if outcome.problem:
        console.print(f"           {outcome.problem}", markup=False)
