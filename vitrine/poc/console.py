"""Step `console`: a rights manager withdraws a picture on its page, and sees when it was dark."""

import re
from http import HTTPStatus

from vitrine.poc.delivery import shown_in_germany
from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.people import asking
from vitrine.poc.scenario import Scenario

_ADDRESS = "rita@proof.example"
_LINK = re.compile(r"http\S+")
_MEASURED = re.compile(r'<strong class="figure">([\d.,]+) ms</strong>')
_PAGES = ("/console", "/console/assets", "/console/going-dark", "/console/licences")


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Log a rights manager in, who withdraws a picture by a form and brings it back.

    Raises:
        StepFailedError: a page is missing or open to whom it is not, or the picture was not dark.
    """
    picture = shown_in_germany(house, scenario, 1)[0]
    page = f"/console/assets/{picture.asset}"
    with asking(house) as browser:
        evidence.expect("without a login it leads there", browser.landing("/console"), "/login")
        browser.follow_link(_link(house, evidence))
        for each in _PAGES:
            evidence.expect(f"{each} is open", browser.client.get(each).status_code, HTTPStatus.OK)
        closed = browser.client.get("/console/audit").status_code
        evidence.expect("what the role does not allow is closed", closed, HTTPStatus.FORBIDDEN)

        evidence.ask(f"POST {page} do=withdraw")
        dark = browser.submit(page, do="withdraw", reason="proof").text
        gone = house.look(picture.urls["webp"]).status_code
        evidence.expect("the picture is dark once the page says so", gone, HTTPStatus.GONE)
        measured = _MEASURED.search(dark)
        evidence.holds("the page says when it was dark", measured)
        if measured:
            evidence.measure("from the change to dark, by the page", float(measured[1]), "ms")

        evidence.ask(f"POST {page} do=reinstate")
        browser.submit(page, do="reinstate")
        again = shown_in_germany(house, scenario, 1)[0]
        back = house.look(again.urls["webp"]).status_code
        evidence.expect("what is brought back is there", back, HTTPStatus.OK)


def _link(house: House, evidence: Evidence) -> str:
    """Make the person and a link that logs them in, as an operator does."""
    for command in (
        ("user", "create", "Rita Rechte", "--email", _ADDRESS),
        ("user", "give", _ADDRESS, "rights_manager"),
        ("user", "login-link", _ADDRESS),
    ):
        evidence.ask(f"vitrine {' '.join(command)}")
        said = house.run(*command)
    found = _LINK.search(said)
    evidence.holds("a link is made", found)
    return found[0] if found else ""
