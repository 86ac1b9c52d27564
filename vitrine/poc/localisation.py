"""Step `localisation`: a rug says something else in each of five regions, and why is told."""

from collections.abc import Iterable
from typing import Any, Final

from vitrine.poc.evidence import Evidence
from vitrine.poc.families import PUT_PRODUCTS, put, put_products
from vitrine.poc.house import House
from vitrine.poc.scenario import LOCALES, Record, Scenario

SHOWN: Final = """query ($market: String!, $locale: String!)
@inContext(channel: "d2c", market: $market, locale: $locale) {
  product(sku: "RUG-RED-S") { attributes(codes: ["care", "width"]) {
    code value unit source { level owner locale market } } } }"""
GAPS: Final = """query ($locale: String!, $state: TranslationState) {
  translationGaps(locale: $locale, source: "en-US", state: $state, family: ["rugs"]) {
    totalCount nodes { sku attribute state source } } }"""
PUBLISH: Final = """mutation {
  publishProducts(skus: ["RUG"], channel: "d2c") { results { outcome } } }"""
TAKE_BACK: Final = """mutation {
  unpublishProducts(skus: ["RUG"], channel: "d2c") { results { outcome } } }"""
#: By region: what is read there, and the level, product, locale and market that it is stored for.
_READ: Final = {
    "US": ("Wash at 30 degrees", ("MODEL", "RUG", "en-US", None)),
    "GB": ("Wash at 30 degrees", ("MODEL", "RUG", "en-US", None)),
    "DE": ("Bei 30 Grad waschen", ("MODEL", "RUG", "de-DE", "EUROPE")),
    "FR": ("Laver à 30 degrés", ("SUB_MODEL", "RUG-RED", "fr-FR", "FR")),
    "JP": ("手洗い", ("OWN", "RUG-RED-S", "ja-JP", "JP")),
}


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """State overrides by market and locale, read them in each region, and clear one.

    Raises:
        StepFailedError: a region reads another value, or it is told to come from elsewhere.
    """
    del scenario  # the rug is the same whatever the shop
    for query in (SHOWN, GAPS, PUBLISH, PUT_PRODUCTS):
        evidence.ask(query)
    put(house, "overrides.jsonl", _overrides())
    house.ask(PUBLISH, as_admin=True)
    for region, (text, source) in _READ.items():
        shown = _read(house, region)
        evidence.expect(f"{region} reads its text", shown["care"]["value"], text)
        evidence.expect(f"{region} is told where it stands", _source(shown["care"]), source)
        unit = "in" if region == "US" else "cm"
        evidence.expect(f"{region} measures in its unit", shown["width"]["unit"], unit)
    current = _gaps(house, "de-DE", "OUTDATED")
    evidence.expect("German is up to date", len(current), 0)

    name = {"attribute": "name", "locale": "en-US", "data": "Woven rug"}
    renamed = {"sku": "RUG", "values": [name]}
    put_products(house, _care("RUG-RED", "fr-FR", None, "FR"), renamed)
    house.ask(PUBLISH, as_admin=True)
    cleared = _read(house, "FR")["care"]
    evidence.expect("what is cleared shows what is above", _source(cleared), _READ["US"][1])
    missing = _gaps(house, "fr-FR", None)
    evidence.expect("it is told what French lacks", missing, {("RUG", "care"), ("RUG", "name")})
    outdated = _gaps(house, "de-DE", "OUTDATED")
    evidence.expect("it is told what changed since", outdated, {("RUG", "name")})
    house.ask(TAKE_BACK, as_admin=True)  # the next steps count the cards of the shop


def _overrides() -> Iterable[Record]:
    yield {
        "type": "market",
        "code": "EUROPE",
        "name": "Europe",
        "countries": ["DE", "FR"],
        "default_locale": "en-US",
        "currency": "EUR",
    }
    yield from ({"type": "market", "code": each, "parent": "EUROPE"} for each in ("DE", "FR"))
    yield {"type": "market", "code": "US", "unit_system": "imperial"}
    for care in (
        _care("RUG", "de-DE", "Bei 30 Grad waschen", "EUROPE"),
        _care("RUG-RED", "fr-FR", "Laver à 30 degrés", "FR"),
        _care("RUG-RED-S", "ja-JP", "手洗い", "JP"),
    ):
        yield {"type": "product", **care}


def _care(sku: str, locale: str, text: str | None, market: str) -> Record:
    value = {"attribute": "care", "locale": locale, "market": market, "data": text}
    return {"sku": sku, "values": [value]}


def _read(house: House, region: str) -> dict[str, Any]:
    product = house.ask(SHOWN, market=region, locale=LOCALES[region])["product"]
    return {each["code"]: each for each in product["attributes"]}


def _source(attribute: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    source = attribute["source"]
    return source["level"], source["owner"], source["locale"], source["market"]


def _gaps(house: House, locale: str, state: str | None) -> set[tuple[str, str]]:
    found = house.ask(GAPS, as_admin=True, locale=locale, state=state)["translationGaps"]["nodes"]
    return {(each["sku"], each["attribute"]) for each in found}
