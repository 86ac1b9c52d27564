"""The attributes, families and categories that a mapping brings along; what is stored is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.bulk.discovery import Discovery
from catalog.bulk.mapping import AttributePart, CsvMapping
from catalog.bulk.model import LINE_KEY
from catalog.products.model import Family

Record = dict[str, Any]

_KEPT: Record = {"keep_stored": True}
_WORDS = ("code", "attribute_type", "label", "localizable", "scopable", "market_scoped")
_WORDS_OF_SOME = {"unit": "unit", "limits": "validation", "group": "group"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFamily:
    """A family that rows name, as mappings make it.

    Attributes:
        required: attributes by channel.
        variants: axes by code.
    """

    label: Mapping[str, str]
    attributes: Sequence[str]
    required: Mapping[str, Sequence[str]]
    variants: Mapping[str, Sequence[Sequence[str]]]

    @classmethod
    def of(cls, code: str, label: Mapping[str, str], mapping: CsvMapping) -> "MadeFamily":
        """Return what one mapping makes of a family."""
        attributes = _attributes_of(code, mapping)
        part = mapping.family
        return cls(
            label=label,
            attributes=attributes,
            required={
                channel: [each for each in codes if each in attributes]
                for channel, codes in part.required.items()
            },
            variants={
                each.code.replace("{family}", code): each.axes
                for each in part.variants
                if all(axis in attributes for level in each.axes for axis in level)
            },
        )

    def joined(self, other: "MadeFamily") -> "MadeFamily":
        """Return what two mappings make of a family: the attributes and variants of both."""
        return MadeFamily(
            label={**other.label, **self.label},
            attributes=_joined(self.attributes, other.attributes),
            required={
                channel: _joined(self.required.get(channel, ()), other.required.get(channel, ()))
                for channel in (*self.required, *other.required)
            },
            variants={**other.variants, **self.variants},
        )


def _joined(one: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys([*one, *other]))


def _attributes_of(code: str, mapping: CsvMapping) -> list[str]:
    return [
        each.code for each in mapping.attribute if each.families is None or code in each.families
    ]


def structure_records(
    mapping: CsvMapping,
    found: Discovery,
    made: Mapping[str, MadeFamily],
    stored: Mapping[str, Family],
) -> Iterator[Record]:
    """Yield attributes with their options, then families, then categories.

    Args:
        mapping: bound to the header.
        found: what the rows name.
        made: the families that they name, as all mappings of the import make them.
        stored: families that are stored.
    """
    for part in mapping.attribute:
        yield _attribute(part, found)
    for code, named in found.families.items():
        yield from _family(code, named.line, made[code])
        if mapping.family.add_attributes and code in stored:
            yield from _more_attributes(stored[code], named.line, mapping)
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


def _attribute(part: AttributePart, found: Discovery) -> Record:
    named = found.options.get(part.code, {})
    given = [each.model_dump() for each in part.options]
    codes = {each.code for each in part.options}
    made = [{"code": c, "label": each.label} for c, each in named.items() if c not in codes]
    some = {name: getattr(part, ours) for ours, name in _WORDS_OF_SOME.items()}
    return {
        "type": "attribute",
        **{name: getattr(part, name) for name in _WORDS},
        **{name: value for name, value in some.items() if value},
        **({"options": [*given, *made]} if given or made else {}),
        **_KEPT,
        LINE_KEY: next((each.line for each in named.values()), 0),
    }


def _family(code: str, line: int, made: MadeFamily) -> Iterator[Record]:
    yield {
        "type": "family",
        "code": code,
        "label": made.label,
        "attributes": made.attributes,
        "required": made.required,
        "variants": [{"code": each, "axes": axes} for each, axes in made.variants.items()],
        **_KEPT,
        LINE_KEY: line,
    }


def _more_attributes(stored: Family, line: int, mapping: CsvMapping) -> Iterator[Record]:
    missing = [
        each for each in _attributes_of(stored.code, mapping) if each not in stored.attributes
    ]
    if missing:
        yield {
            "type": "family",
            "code": stored.code,
            "attributes": [*stored.attributes, *missing],
            LINE_KEY: line,
        }
