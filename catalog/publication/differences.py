"""How two documents of a product differ, field by field. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.products.values import ValueScope
from catalog.publication.model import Document

_OF_THE_PRODUCT = ("sku", "kind", "gtin", "family", "parent", "categories", "axes", "options")
_OF_AN_ATTRIBUTE = ("type", "label", "unit", "group", "options")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One field that two documents have differently.

    Attributes:
        field: of the document, such as `gtin` or `categories`; `value` of an attribute, or what
            is said of it, such as `label`.
        attribute: its code; None: it is a field of the product.
        locale, market: of a value; None: all.
        before, after: as JSON has it; None: it was or is not there.
    """

    field: str
    attribute: str | None = None
    locale: str | None = None
    market: str | None = None
    before: Any = None
    after: Any = None


def differences_of(before: Document, after: Document) -> list[FieldDifference]:
    """Return in what one document says something else than the other.

    First what concerns the product, then attribute by attribute in the order of the later one.
    Media are in no document: they are live.
    """
    found = [
        FieldDifference(field=name, before=before.get(name), after=after.get(name))
        for name in _OF_THE_PRODUCT
        if before.get(name) != after.get(name)
    ]
    then, now = _by_code(before), _by_code(after)
    for code in dict.fromkeys([*now, *then]):
        found += _of_attribute(code, then.get(code, {}), now.get(code, {}))
    return found


def values_of(document: Document) -> dict[ValueScope, Any]:
    """Return the values of a document by attribute, locale and market."""
    return {
        ValueScope(attribute["code"], value["locale"], value["market"]): value["data"]
        for attribute in document["attributes"]
        for value in attribute["values"]
    }


def _by_code(document: Document) -> Mapping[str, Mapping[str, Any]]:
    return {each["code"]: each for each in document["attributes"]}


def _of_attribute(
    code: str, then: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[FieldDifference]:
    if then and now:  # of one that comes or goes its values say all
        for name in _OF_AN_ATTRIBUTE:
            if then[name] != now[name] and not _follows_values(name, then, now):
                yield FieldDifference(
                    field=name, attribute=code, before=then[name], after=now[name]
                )
    had = {(each["locale"], each["market"]): each["data"] for each in then.get("values", ())}
    has = {(each["locale"], each["market"]): each["data"] for each in now.get("values", ())}
    for locale, market in dict.fromkeys([*has, *had]):
        before, after = had.get((locale, market)), has.get((locale, market))
        if before != after:
            yield FieldDifference(
                field="value",
                attribute=code,
                locale=locale,
                market=market,
                before=before,
                after=after,
            )


def _follows_values(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Return whether options differ only because a document describes those that its values use."""
    if name != "options":
        return False
    had, has = then["options"], now["options"]
    return all(had[code] == has[code] for code in had.keys() & has.keys()) and bool(
        then["values"] or now["values"]
    )
