"""The attributes, families and categories that a mapping brings along; what is stored is kept."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.bulk.discovery import Discovered
from catalog.bulk.mapping import CsvMapping
from catalog.bulk.source import LINE_KEY
from catalog.products.model import Family

Record = dict[str, Any]

_KEPT: Record = {"keep_stored": True}
_WORDS = ("code", "attribute_type", "label", "localizable", "scopable", "market_scoped")
_WORDS_OF_SOME = ("unit", "validation", "group")


def structure_records(
    mapping: CsvMapping, found: Discovered, stored: Mapping[str, Family]
) -> Iterator[Record]:
    """Yield attributes with their options, then families, then categories.

    Args:
        mapping: bound to the header.
        found: what the rows name.
        stored: families that are stored.
    """
    for part in mapping.attribute:
        named = found.options.get(part.code, {})
        given = [each.model_dump() for each in part.options]
        codes = {each.code for each in part.options}
        made = [{"code": c, "label": each.label} for c, each in named.items() if c not in codes]
        record = {
            "type": "attribute",
            **{name: getattr(part, name) for name in _WORDS},
            **{name: value for name in _WORDS_OF_SOME if (value := getattr(part, name))},
            **_KEPT,
            LINE_KEY: next((each.line for each in named.values()), 0),
        }
        yield {**record, "options": [*given, *made]} if given or made else record
    for code in found.families:
        yield from _families(code, mapping, found, stored)
    for position, (code, category) in enumerate(found.categories.items()):
        yield {
            "type": "category",
            "code": code,
            "label": category.label,
            "position": position,
            **({"parent": category.parent} if category.parent else {}),
            **_KEPT,
            LINE_KEY: category.line,
        }


def _families(
    code: str, mapping: CsvMapping, found: Discovered, stored: Mapping[str, Family]
) -> Iterator[Record]:
    named, part = found.families[code], mapping.family
    attributes = [
        each.code for each in mapping.attribute if each.families is None or code in each.families
    ]
    required = {
        channel: [each for each in codes if each in attributes]
        for channel, codes in part.required.items()
    }
    variants = [
        {"code": each.code.replace("{family}", code), "axes": each.axes}
        for each in part.variants
        if all(axis in attributes for level in each.axes for axis in level)
    ]
    yield {
        "type": "family",
        "code": code,
        "label": named.label,
        "attributes": attributes,
        "required": required,
        "variants": variants,
        **_KEPT,
        LINE_KEY: named.line,
    }
    if part.add_attributes and code in stored:
        before = stored[code].attributes
        missing = [each for each in attributes if each not in before]
        if missing:
            yield {
                "type": "family",
                "code": code,
                "attributes": [*before, *missing],
                LINE_KEY: named.line,
            }
