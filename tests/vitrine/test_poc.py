"""The proof of concept: its list, its scenario, and its quick walk through real processes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import NotFoundError
from tests.gateway.varnish_rig import needs_varnish
from tests.support.processes import ROOT
from vitrine.poc.evidence import Evidence, StepFailedError
from vitrine.poc.scenario import SKUS, make_scenario
from vitrine.poc.steps import STEPS, chosen_steps

BUILT = [
    *("catalogue", "families", "localisation", "graph", "publishing", "delivery"),
    *("rights", "edges", "leaver", "console", "replay"),
]


def test_a_step_is_walked_after_those_that_it_needs() -> None:
    needed = ["catalogue", "delivery", "rights", "edges", "replay"]
    assert [step.name for step in chosen_steps(["replay"])] == needed
    for number, step in enumerate(STEPS):
        assert {*step.after} <= {before.name for before in STEPS[:number]}


def test_a_step_that_there_is_not_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="there are: catalogue, ingest"):
        chosen_steps(["everything"])


def test_the_same_seed_gives_the_same_shop_and_all_licences() -> None:
    shop, again, other = (make_scenario(seed, SKUS) for seed in (1, 1, 2))
    assert [*shop.records()] == [*again.records()]
    assert [*shop.records()] != [*other.records()]
    assert shop.skus == SKUS
    assert len({card.picture.licence for card in shop.cards}) == 5


def test_what_is_not_as_it_has_to_be_fails_its_step() -> None:
    with pytest.raises(StepFailedError, match="two are there: expected 2, found 1"):
        Evidence().expect("two are there", 1, 2)


def test_steps_that_are_named_in_the_questions_are_there() -> None:
    page = (ROOT / "docs/rfp.md").read_text()
    named = {
        name
        for cell in re.findall(r"\bsteps? (`[^|]*)", page)
        for name in re.findall(r"`([a-z]+)`", cell)
    }
    assert named <= {step.name for step in STEPS}
    assert {*BUILT} <= named


@needs_varnish
def test_the_quick_proof_passes_and_writes_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report"
    done = subprocess.run(
        [sys.executable, "-m", "vitrine", "poc", "run", "--quick", "--report", f"{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    (states,) = report.glob("*.json")
    steps = json.loads(states.read_text())["steps"]
    assert [each["name"] for each in steps] == [step.name for step in STEPS]
    assert [each["name"] for each in steps if each["state"] == "passed"] == BUILT
    assert {each["state"] for each in steps} == {"passed", "not_built"}
    page = (report / "report.html").read_text()
    assert "a forged token is refused" in page
    assert "a key that they own is refused" in page
