"""Step `graph`: one query for each region and channel, held against what the scenario knows."""

import time
from collections.abc import Mapping
from typing import Any

from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import CHANNELS, CURRENCIES, DECLARED, LOCALES, REGIONS, Scenario

LISTED = """
query List($market: String, $locale: String, $channel: String, $after: String)
@inContext(market: $market, locale: $locale, channel: $channel) {
  products(first: 50, after: $after) {
    nodes {
      sku name resolvedLocale
      attributes(codes: ["price"]) { value unit }
      hero { picture(preset: "card", sizes: "25vw") { src sources { type srcset } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Read every card in every region of the shop, and on every other channel.

    Raises:
        StepFailedError: a text, a price or a picture is another than it has to be.
    """
    evidence.ask(LISTED.strip())
    pages_ms: list[float] = []
    for region in REGIONS:
        shown = _read(house, pages_ms, market=region, locale=LOCALES[region], channel="d2c")
        _holds(scenario, evidence, shown, f"{region} on d2c", (region,), "web")
        # English of Britain is nowhere written, and falls back to that of America
        locale = "en-US" if region == "GB" else LOCALES[region]
        of_names = {card["resolvedLocale"] for card in shown.values()}
        evidence.expect(f"{region} reads its language", of_names, {locale})
        units = {card["attributes"][0]["unit"] for card in shown.values()}
        evidence.expect(f"{region} sees its currency", units, {CURRENCIES[region]})
    for channel in CHANNELS[1:]:
        shown = _read(house, pages_ms, channel=channel, as_admin=True)
        usage = "print" if channel == "print" else "web"
        _holds(scenario, evidence, shown, channel, DECLARED[channel], usage)
    evidence.measure("pages of 50 cards", len(pages_ms))
    evidence.measure_spread("a page of 50 cards", pages_ms)


def _read(
    house: House, pages_ms: list[float], *, as_admin: bool = False, **context: str
) -> Mapping[str, Mapping[str, Any]]:
    """Return all cards by sku, page by page."""
    shown: dict[str, Mapping[str, Any]] = {}
    after: str | None = None
    while True:
        began_s = time.monotonic()
        page = house.ask(LISTED, as_admin=as_admin, after=after, **context)["products"]
        pages_ms.append(1000 * (time.monotonic() - began_s))
        shown |= {card["sku"]: card for card in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            return shown
        after = page["pageInfo"]["endCursor"]


def _holds(
    scenario: Scenario,
    evidence: Evidence,
    shown: Mapping[str, Mapping[str, Any]],
    where: str,
    countries: tuple[str, ...],
    usage: str,
) -> None:
    evidence.expect(f"{where} lists every card", {*shown}, {card.sku for card in scenario.cards})
    with_picture = {sku for sku, card in shown.items() if card["hero"]}
    permitted = {card.sku for card in scenario.cards if card.picture.may_be_shown(countries, usage)}
    evidence.expect(f"{where} has those pictures that may be shown", with_picture, permitted)
