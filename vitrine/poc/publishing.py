"""Step `publishing`: a draft is previewed, published, rolled back, shown for a while, restored."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vitrine.poc.evidence import Evidence
from vitrine.poc.families import put_products
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario, ScenarioCard

SHOWN: Final = """query ($sku: String!, $preview: Boolean)
@inContext(channel: "d2c", locale: "en-US", preview: $preview) {
  product(sku: $sku) { name variants(first: 20) { nodes { sku name } } }
  products(filter: {skus: [$sku]}) { nodes { sku name } totalCount }
}"""
PUBLISH: Final = """mutation ($sku: String!) {
  publishProducts(skus: [$sku], channel: "d2c") { results { outcome version } }
}"""
DIFFERENCES: Final = """query ($sku: String!) {
  publicationDifferences(sku: $sku, channel: "d2c") { attribute locale before after }
}"""
VERSIONS: Final = """query ($sku: String!) {
  publications(sku: $sku, channel: "d2c") { nodes { version copyOf checksum } }
}"""
ROLL_BACK: Final = """mutation ($sku: String!, $version: Int!) {
  rollBackProducts(skus: [$sku], channel: "d2c", version: $version) {
    results { outcome version errors { code } } }
}"""
SCHEDULE: Final = """mutation ($sku: String!, $from: DateTime, $until: DateTime) {
  rescheduleProducts(skus: [$sku], channel: "d2c", visibleFrom: $from, visibleUntil: $until) {
    results { outcome errors { code } } }
}"""
SCHEDULED: Final = """{ scheduledPublications(channel: "d2c") { nodes { sku nextAt } } }"""
RESTORE: Final = """mutation ($sku: String!, $version: Int!) {
  restoreDraft(sku: $sku, channel: "d2c", version: $version) {
    draft { remaining { field } } errors { code } }
}"""
_AHEAD = timedelta(seconds=0.6)
_SHOWN_FOR = timedelta(seconds=0.5)
_CLOCKS_DIFFER_S = 0.05  # of the processes, and of a request on its way
_DRAFT = "A vase by another name"


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Change the draft of a card and follow it through its versions; at the end it is as before.

    Raises:
        StepFailedError: a reader saw a draft, or a version or an instant was another.
    """
    for query in (SHOWN, PUBLISH, DIFFERENCES, VERSIONS, ROLL_BACK, SCHEDULE, RESTORE):
        evidence.ask(query)
    card = scenario.cards[0]
    before = house.ask(SHOWN, sku=card.sku)
    newest = _versions(house, card)[0]

    _rename(house, card)
    evidence.expect("readers see no draft", house.ask(SHOWN, sku=card.sku), before)
    preview = house.ask(SHOWN, as_admin=True, sku=card.sku, preview=True)
    evidence.expect("a preview shows the draft", preview["product"]["name"], _DRAFT)
    (differs,) = house.ask(DIFFERENCES, as_admin=True, sku=card.sku)["publicationDifferences"]
    evidence.expect("the difference is that one name", differs["after"], _DRAFT)

    house.ask(PUBLISH, as_admin=True, sku=card.sku)
    published = house.ask(SHOWN, sku=card.sku)
    evidence.expect("publishing shows what the preview did", published, preview)

    (row,) = house.ask(ROLL_BACK, as_admin=True, sku=card.sku, version=newest["version"])[
        "rollBackProducts"
    ]["results"]
    evidence.expect("the older version is a new one", row["version"], newest["version"] + 2)
    evidence.expect("readers see what they saw", house.ask(SHOWN, sku=card.sku), before)
    copy = _versions(house, card)[0]
    evidence.expect("it is a copy by name", copy["copyOf"], newest["version"])
    evidence.expect("and by its checksum", copy["checksum"], newest["checksum"])

    _shown_for_a_while(house, card, evidence)
    restored = house.ask(RESTORE, as_admin=True, sku=card.sku, version=newest["version"])
    draft = restored["restoreDraft"]["draft"]
    evidence.expect("the draft says what that version did", draft, {"remaining": []})
    left = house.ask(DIFFERENCES, as_admin=True, sku=card.sku)["publicationDifferences"]
    evidence.expect("nothing is left to publish", left, [])


def _shown_for_a_while(house: House, card: ScenarioCard, evidence: Evidence) -> None:
    """Schedule what is published, and read it without a pause until it has come and gone."""
    begins = datetime.now(UTC) + _AHEAD
    ends = begins + _SHOWN_FOR
    window = {"from": begins.isoformat(), "until": ends.isoformat()}
    house.ask(SCHEDULE, as_admin=True, sku=card.sku, **window)
    listed = house.ask(SCHEDULED, as_admin=True)["scheduledPublications"]["nodes"]
    evidence.holds("it is told what is scheduled", card.sku in {each["sku"] for each in listed})
    wrong = reads = 0
    first, last = begins.timestamp(), ends.timestamp()
    while (asked := time.time()) < last + 10 * _CLOCKS_DIFFER_S:
        is_shown = house.ask(SHOWN, sku=card.sku)["product"] is not None
        answered = time.time()
        inside = first + _CLOCKS_DIFFER_S <= asked and answered <= last - _CLOCKS_DIFFER_S
        outside = answered <= first - _CLOCKS_DIFFER_S or asked >= last + _CLOCKS_DIFFER_S
        wrong += (inside and not is_shown) or (outside and is_shown)
        reads += 1
    evidence.expect("it was shown from the instant on and up to the other, and else not", wrong, 0)
    evidence.measure("reads around both instants", reads)
    back = {"from": datetime.now(UTC).isoformat(), "until": None}
    house.ask(SCHEDULE, as_admin=True, sku=card.sku, **back)
    evidence.holds("it is there again", house.ask(SHOWN, sku=card.sku)["product"])


def _rename(house: House, card: ScenarioCard) -> None:
    name = {"attribute": "name", "locale": "en-US", "data": _DRAFT}
    put_products(house, {"sku": card.sku, "values": [name]})


def _versions(house: House, card: ScenarioCard) -> list[Mapping[str, Any]]:
    return house.ask(VERSIONS, as_admin=True, sku=card.sku)["publications"]["nodes"]
