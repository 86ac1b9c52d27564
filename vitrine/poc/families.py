"""Step `families`: a family goes in, is read by group, and a change is tried before it is made."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House, HouseError
from vitrine.poc.scenario import CURRENCIES, Record, Scenario

FAMILY: Final = """{ families(codes: ["rugs"]) {
  groups { code attributes { code type } }
  required { channel attributes } variants { code axes } } }"""
REHEARSE: Final = """{ rehearseFamily(family: {
  code: "rugs", attributes: ["name", "price", "care", "colour", "size", "made_of"],
  required: [{channel: "d2c", attributes: ["name", "made_of"]}]
}) {
  productCount lost { attribute productCount skus } incomplete { channel attributes skus } } }"""
MATRIX: Final = """{ variantMatrix(sku: "RUG") {
  axes combinations { sku values publications { channel } } } }"""
PUT_PRODUCTS: Final = """mutation ($rows: [ProductInput!]!) {
  putProducts(rows: $rows) { results { key errors { message } } errors { message } } }"""

_PRICE: Final = {currency: 14_000 if currency == "JPY" else 90 for currency in CURRENCIES.values()}


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Make a family with two levels of axes and its first products, and rehearse a change.

    Raises:
        StepFailedError: something else was read, or the rehearsal changed something.
    """
    del scenario  # the rugs are the same whatever the shop
    put(house, "rugs.jsonl", _records())
    evidence.ask("vitrine import rugs.jsonl")
    for query in (FAMILY, REHEARSE, MATRIX):
        evidence.ask(query)
    (family,) = house.ask(FAMILY, as_admin=True)["families"]
    groups = {
        each["code"]: [one["code"] for one in each["attributes"]] for each in family["groups"]
    }
    evidence.expect("attributes of a group stand together", groups["use"], ["care", "width"])
    (variant,) = family["variants"]
    evidence.expect("it varies in two levels", variant["axes"], [["colour"], ["size"]])

    told = house.ask(REHEARSE, as_admin=True)["rehearseFamily"]
    lost = [{"attribute": "width", "productCount": 1, "skus": ["RUG"]}]
    evidence.expect("it is told which values would be lost", told["lost"], lost)
    lacking = [{"channel": "d2c", "attributes": ["made_of"], "skus": ["RUG-RED-L", "RUG-RED-S"]}]
    evidence.expect("and what would be incomplete", told["incomplete"], lacking)
    again = house.ask(FAMILY, as_admin=True)["families"]
    evidence.expect("nothing was changed", again, [family])

    matrix = house.ask(MATRIX, as_admin=True)["variantMatrix"]
    exist = {each["sku"]: each["values"] for each in matrix["combinations"]}
    both = {"RUG-RED-L": ["red", "l"], "RUG-RED-S": ["red", "s"]}
    evidence.expect("the matrix has the combinations that exist", exist, both)


def put_products(house: House, *rows: Record) -> None:
    """Put products by a mutation.

    Raises:
        HouseError: one was refused.
    """
    payload = house.ask(PUT_PRODUCTS, as_admin=True, rows=rows)["putProducts"]
    refused = [each["errors"] for each in [payload, *payload["results"]] if each["errors"]]
    if refused:
        raise HouseError(f"products were refused: {refused}")


def put(house: House, name: str, records: Iterable[Record]) -> None:
    """Import records by a file of this name in the home."""
    path = house.home / name
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in records))
    house.run("import", str(path))


def _records() -> Iterable[Record]:
    by = {"family": "rugs", "family_variant": "rugs-by-colour-and-size"}
    yield {
        "type": "attribute",
        "code": "colour",
        "options": _options("chalk", "ink", "rust", "red"),
    }
    yield _attribute("care", "text", localizable=True, market_scoped=True, scopable=True)
    yield _attribute("width", "measurement", unit="cm")
    yield {
        "type": "family",
        "code": "rugs",
        "attributes": ["name", "price", "care", "width", "colour", "size", "made_of"],
        "required": {"d2c": ["name"]},
        "variants": [{"code": by["family_variant"], "axes": [["colour"], ["size"]]}],
    }
    model = [
        {"attribute": "name", "locale": "en-US", "data": "Rug"},
        {"attribute": "name", "locale": "de-DE", "data": "Teppich"},
        {"attribute": "care", "locale": "en-US", "data": "Wash at 30 degrees"},
        {"attribute": "width", "data": {"amount": 140, "unit": "cm"}},
        {"attribute": "price", "data": _PRICE},
    ]
    yield _product("RUG", "MODEL", model, **by)
    yield _product("RUG-RED", "MODEL", [{"attribute": "colour", "data": "red"}], parent="RUG")
    for size in ("s", "l"):
        own = [{"attribute": "size", "data": size}]
        yield _product(f"RUG-RED-{size.upper()}", "VARIANT", own, parent="RUG-RED")


def _attribute(code: str, kind: str, **more: object) -> Record:
    return {"type": "attribute", "code": code, "attribute_type": kind, "group": "use", **more}


def _options(*codes: str) -> list[Mapping[str, Any]]:
    return [{"code": each, "label": {"en-US": each.capitalize()}} for each in codes]


def _product(sku: str, kind: str, values: Sequence[Mapping[str, Any]], **more: str) -> Record:
    return {"type": "product", "sku": sku, "kind": kind, "values": values, **more}
