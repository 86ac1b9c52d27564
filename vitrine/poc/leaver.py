"""Step `leaver`: somebody comes, does what the role allows, leaves, and is refused everywhere."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from vitrine.poc.delivery import shown_in_germany
from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.people import Asking, asking, change, identity_provider
from vitrine.poc.scenario import Scenario

_NAME = "ada@proof.example"
_WITHDRAW = """mutation ($id: ID!) {
  withdrawAsset(assetId: $id, reason: "by a person") { errors { code } }
}"""
_REINSTATE = "mutation ($id: ID!) { reinstateAsset(assetId: $id) { errors { code } } }"
_TASKS = "{ tasks(first: 1) { nodes { id } } }"
_AUDIT = """query ($principal: ID, $subject: String) {
  audit(principal: $principal, subject: $subject, first: 50) {
    nodes { type subject principal session apiKey data }
  }
}"""
_CONSOLE = "/console"
_GIVE = """mutation ($person: ID!) {
  giveRole(principal: $person, role: "rights_manager") { errors { message } }
}"""
_LINK = "mutation ($person: ID!) { createLoginLink(principal: $person) { url errors { message } } }"
#: Keys that end with whoever acts by them, and with their owner.
_KEYS: Mapping[str, str] = {
    "a key of their own": """mutation ($person: ID!) {
  createApiKey(input: {name: "of-ada", principal: $person}) { secret errors { message } }
}""",
    "a key that they own": """mutation ($person: ID!) {
  createApiKey(input: {name: "of-a-pim", scopes: ["manage.products"], owner: $person}) {
    secret errors { message }
  }
}""",
}
_BEFORE_S, _AFTER_S = 0.2, 1.3  # a process may believe for a second what it knows
_PAUSE_S = 0.1  # an address may send few keys that are none


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Let the identity provider make somebody, who works, and then set them inactive.

    Raises:
        StepFailedError: they could do more than their role says, or anything afterwards.
    """
    with ExitStack() as stack:
        provider = stack.enter_context(identity_provider(house))
        person = provider.make(_NAME)
        evidence.ask("POST /scim/v2/Users")
        for mutation in (_GIVE, _LINK, *_KEYS.values()):
            evidence.ask(mutation)
        change(house, _GIVE, person=person)
        links = [change(house, _LINK, person=person)["url"] for _ in range(2)]
        browser = stack.enter_context(asking(house))
        known_by = {"the session": browser} | {
            whose: stack.enter_context(
                asking(house, key=change(house, mutation, person=person)["secret"])
            )
            for whose, mutation in _KEYS.items()
        }
        account = browser.follow_link(links[0])
        evidence.holds("a link logs them in", _NAME in account.text)
        evidence.expect("the console is open to them", browser.landing(_CONSOLE), _CONSOLE)
        _work(house, scenario, evidence, browser)
        for how, each in known_by.items():
            evidence.expect(f"{how} is answered", each.code(_TASKS), None)

        _leave(known_by, lambda: provider.set_inactive(person), evidence)
        for how, each in known_by.items():
            evidence.expect(f"{how} is refused", each.code(_TASKS), "UNAUTHENTICATED")
        evidence.expect("the console leads to the login", browser.landing(_CONSOLE), "/login")
        refused = browser.follow_link(links[1]).status_code
        evidence.expect("a link that was not used yet is refused", refused, 401)
    _audited(house, evidence, person)


def _work(house: House, scenario: Scenario, evidence: Evidence, browser: Asking) -> None:
    """Do what a rights manager may, and try what they may not."""
    picture = shown_in_germany(house, scenario, 1)[0]
    for mutation in (_WITHDRAW, _REINSTATE):
        evidence.ask(mutation)
        (payload,) = browser.graph(mutation, id=picture.asset)["data"].values()
        evidence.expect("they change rights", payload["errors"], [])
    refused = browser.code(_AUDIT)
    evidence.expect("they may not read the audit", refused, "FORBIDDEN")


def _leave(
    known_by: Mapping[str, Asking], set_inactive: Callable[[], None], evidence: Evidence
) -> None:
    """Set somebody inactive who asks all the time by all they have; measure the last answers."""
    is_over = threading.Event()

    def ask(asker: Asking) -> tuple[int, float]:
        answers, last_s = 0, 0.0
        while not is_over.is_set():
            if asker.code(_TASKS) is None:
                answers, last_s = answers + 1, time.monotonic()
            else:
                is_over.wait(_PAUSE_S)
        return answers, last_s

    with ThreadPoolExecutor(len(known_by)) as threads:
        asked = [threads.submit(ask, each) for each in known_by.values()]
        try:
            time.sleep(_BEFORE_S)
            evidence.ask('PATCH /scim/v2/Users/{id}: "active": false')
            sent_s = time.monotonic()
            set_inactive()
            told_s = time.monotonic()
            time.sleep(_AFTER_S)
        finally:
            is_over.set()
    outcomes = [each.result() for each in asked]
    evidence.measure("answers to them meanwhile", sum(answers for answers, _ in outcomes))
    last_s = max(last_s for _, last_s in outcomes)
    for since, at_s in (("sending the change", sent_s), ("SCIM's answer", told_s)):
        took_ms = 1000 * max(0.0, last_s - at_s)
        evidence.measure(f"from {since} to the last answer to the leaver", took_ms, "ms")


def _audited(house: House, evidence: Evidence, person: str) -> None:
    """Look the person up in the audit, and hold the audit against its seals."""
    evidence.ask(_AUDIT)
    did = house.ask(_AUDIT, as_admin=True, principal=person)["audit"]["nodes"]
    of_work = [(each["type"], bool(each["session"])) for each in did]
    evidence.expect(
        "the audit says what they did, in which session",
        of_work,
        [("asset.reinstated", True), ("asset.withdrawn", True)],
    )
    about = house.ask(_AUDIT, as_admin=True, subject=f"principal/{person}")["audit"]["nodes"]
    ended = [each for each in about if each["type"] == "principal.ended"]
    evidence.expect("and that they were ended once", len(ended), 1)
    evidence.expect("with both keys", len(ended[0]["data"]["keys_revoked"]), len(_KEYS))
    evidence.ask("vitrine audit verify")
    evidence.found.append(house.run("audit", "verify").strip())
