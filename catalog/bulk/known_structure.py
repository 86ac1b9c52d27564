"""What a mapping may name: what the catalogue has, and what the records of the mapping bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from catalog.bulk.mapping import CsvMapping
from catalog.channels.store import find_scopes
from catalog.db import Connection
from catalog.products.model import Attribute
from catalog.products.structure_store import find_attributes, find_categories

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStructure:
    """What there is before the rows of a CSV are looked at.

    Attributes:
        attributes: that are stored, of those that the mapping names.
        options: labels by code, of each attribute.
        categories: all of them: parent and labels.
        scopes: the locales, markets and channels.
    """

    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    options: Mapping[str, Mapping[str, Labels]] = field(
        default_factory=dict[str, Mapping[str, Labels]]
    )
    categories: Mapping[str, tuple[str | None, Labels]] = field(
        default_factory=dict[str, tuple[str | None, Labels]]
    )
    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


async def find_known(conn: Connection, mapping: CsvMapping) -> KnownStructure:
    """Look up what the catalogue has of what a mapping may name."""
    attributes = await find_attributes(conn, [part.code for part in mapping.attribute])
    categories = await find_categories(conn) if mapping.category is not None else {}
    scopes = await find_scopes(conn)
    options = {
        part.code: {
            **{each.code: each.label for each in part.options},
            **_options_of(_records(mapping, "attribute").get(part.code)),
            **{
                each.code: each.label
                for each in (attributes[part.code].options if part.code in attributes else ())
            },
        }
        for part in mapping.attribute
    }
    ours = {
        code: (cast("str | None", record.get("parent")), _labels(record))
        for code, record in _records(mapping, "category").items()
    }
    return KnownStructure(
        attributes=attributes,
        options=options,
        categories={
            **ours,
            **{code: (each.parent, each.label) for code, each in categories.items()},
        },
        scopes={
            name: frozenset(stored) | frozenset(_records(mapping, name))
            for name, stored in (
                ("locale", scopes.locales),
                ("market", scopes.markets),
                ("channel", scopes.channels),
            )
        },
    )


def _records(mapping: CsvMapping, kind: str) -> dict[str, Mapping[str, Any]]:
    return {
        record["code"]: record
        for record in mapping.record
        if record.get("type") == kind and isinstance(record.get("code"), str)
    }


def _options_of(record: Mapping[str, Any] | None) -> dict[str, Labels]:
    options: Any = (record or {}).get("options", [])
    if not isinstance(options, list):
        return {}
    given = [cast("dict[str, Any]", each) for each in options if isinstance(each, dict)]  # pyright: ignore[reportUnknownVariableType]
    return {each["code"]: _labels(each) for each in given if isinstance(each.get("code"), str)}


def _labels(record: Mapping[str, Any]) -> Labels:
    label: Any = record.get("label", {})
    if not isinstance(label, dict):
        return {}
    given = cast("dict[str, Any]", label)
    return {locale: text for locale, text in given.items() if isinstance(text, str)}
