"""Cards as product records of the bulk format: models, variants, simple products."""

from collections.abc import Iterator
from typing import Any

from vitrine.demo.model import Card, Record

PLUGS = {None: "type-f", "US": "type-a", "GB": "type-g", "FR": "type-e", "JP": "type-a"}
"""Where a value differs by market, the one without a market is the fallback."""

Units = dict[str, str]
"""Unit of each measurement attribute."""


def product_records(card: Card, units: Units) -> Iterator[Record]:
    """Write one card: its common part first, then what varies."""
    common = [*_content(card), *_facts(card, units)]
    if card.is_simple:
        colour = _value("colour", card.colours[0])
        yield _product(card, card.sku, "SIMPLE", [*common, colour], gtin=_gtin(card, 1))
        return
    yield _product(card, card.sku, "MODEL", common)
    kind = "MODEL" if card.sizes else "VARIANT"
    for place, colour in enumerate(card.colours):
        sku = card.colour_sku(colour)
        gtin = None if card.sizes else _gtin(card, place + 1)
        values = [_value("colour", colour)]
        yield _product(card, sku, kind, values, parent=card.sku, gtin=gtin)
        yield from _sizes(card, sku, first=place * len(card.sizes) + 1)


def _sizes(card: Card, parent: str, *, first: int) -> Iterator[Record]:
    for place, size in enumerate(card.sizes, start=first):
        values = [_value(card.size_axis, size)]
        if size in card.surcharge:
            extra = card.surcharge[size]
            values.append(
                _value("price", {c: amount + extra[c] for c, amount in card.price.items()})
            )
        sku = f"{parent}-{size.upper()}"
        yield _product(card, sku, "VARIANT", values, parent=parent, gtin=_gtin(card, place))


def _product(
    card: Card,
    sku: str,
    kind: str,
    values: list[Record],
    *,
    parent: str | None = None,
    gtin: str | None = None,
) -> Record:
    record: Record = {"type": "product", "sku": sku, "kind": kind, "family": card.family}
    if kind == "MODEL":
        axes = f"{card.size_axis}" if card.sizes else ""
        record["family_variant"] = f"{card.family}-by-colour" + (f"-and-{axes}" if axes else "")
    if parent:
        record["parent"] = parent
    else:
        record["categories"] = [card.category]
    if gtin:
        record["gtin"] = gtin
    return {**record, "values": values}


def _content(card: Card) -> Iterator[Record]:
    for locale, words in card.words.items():
        yield _value("name", words.name, locale=locale)
        if "marketplace-a" in card.also and locale != "ja-JP":
            # this marketplace wants the brand first
            yield _value("name", f"Vitrine {words.name}", locale=locale, channel="marketplace-a")
        for attribute, text in (("description", words.description), ("story", words.story)):
            if text:
                yield _value(attribute, text, locale=locale)
    yield _value("price", dict(card.price))


def _facts(card: Card, units: Units) -> Iterator[Record]:
    for attribute, fact in card.facts.items():
        unit = units.get(attribute)
        yield _value(attribute, {"amount": fact, "unit": unit} if unit else fact)
    if card.family == "lamps":
        for market, plug in PLUGS.items():
            yield _value("plug", plug, market=market)


def _value(attribute: str, data: Any, **scope: str | None) -> Record:  # noqa: ANN401 - any JSON
    return {"attribute": attribute, **{k: v for k, v in scope.items() if v}, "data": data}


def _gtin(card: Card, place: int) -> str:
    """Number a variant in GS1's range for restricted circulation (prefix 200-299)."""
    body = f"{card.gtin_prefix}000{card.number:03}{place:03}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """Return the last digit of a GTIN (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(body)))
    return str(-weighted % 10)
