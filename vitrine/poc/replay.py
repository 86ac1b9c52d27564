"""Step `replay`: every answer of the gateways is decided again."""

import json

from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario


def walk(house: House, _: Scenario, evidence: Evidence) -> None:
    """Replay the delivery log against the history of rights.

    Raises:
        StepFailedError: the rule forbids an answer, or there was none to judge.
    """
    evidence.ask("vitrine replay --json")
    found = json.loads(house.run("replay", "--json", accept=(0, 3, 4)))
    evidence.measure("answers that were judged", found["judged"])
    evidence.measure("deliveries among them", found["delivered"])
    evidence.holds("there was something to judge", found["judged"])
    evidence.expect("no answer was against the rights of its instant", found["incidents"], 0)
    evidence.expect("nothing was wrongly denied", found["wrongly_denied"], 0)
    evidence.measure(
        "longest time from a change to the last answer by what was before",
        1000 * found["late"]["most_s"],
        "ms",
    )
