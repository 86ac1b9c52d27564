"""The CSV files of one import: what each is mapped by, and what they bring for each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.bulk.discovery import Discovery
from catalog.bulk.known_structure import KnownStructure, Labels
from catalog.bulk.mapping import AttributePart, CsvMapping
from catalog.bulk.structure import MadeFamily
from catalog.products.model import Attribute

_FLAGS = ("localizable", "scopable", "market_scoped")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFile:
    """A CSV with what its mapping makes of it.

    Attributes:
        records: the file that its records are written to.
        mapping: bound to the header.
        known: what there is beside it.
        found: what the rows name.
    """

    path: Path
    records: Path
    mapping: CsvMapping
    known: KnownStructure
    found: Discovery


def with_records_of(mapping: CsvMapping, others: Iterable[CsvMapping]) -> CsvMapping:
    """Return a mapping with the records of all mappings of an import."""
    return mapping.model_copy(update={"record": tuple(r for each in others for r in each.record)})


def beside(
    known: KnownStructure, mappings: Sequence[CsvMapping], files: Iterable[MappedFile]
) -> KnownStructure:
    """Return what there is, with what the mappings and files of an import bring for each other.

    Args:
        known: what the catalogue has.
        mappings: of all files; what any of them says of an attribute holds for all.
        files: that were read already: what their labels mean, they mean in all.
    """
    stated = _attributes(mappings) if len(mappings) > 1 else {}
    options = {code: dict(labels) for code, labels in known.options.items()}
    categories: dict[str, tuple[str | None, Labels]] = {}
    for each in files:
        for code, named in each.found.options.items():
            if code in options:
                labels = {option: label.label for option, label in named.items()}
                options[code] = {**labels, **options[code]}
        categories |= {
            code: (named.parent, named.label) for code, named in each.found.categories.items()
        }
    return replace(
        known,
        attributes={**stated, **known.attributes},
        options=options,
        categories={**categories, **known.categories},
    )


def _attributes(mappings: Iterable[CsvMapping]) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    for part in (part for mapping in mappings for part in mapping.attribute):
        found[part.code] = _united(found.get(part.code), part)
    return found


def _united(before: Attribute | None, part: AttributePart) -> Attribute:
    """Return an attribute as several mappings state it: what is said counts before what is not."""
    if before is None:
        before = Attribute(code=part.code, attribute_type=part.attribute_type)
    said: dict[str, Any] = {
        name: getattr(part, name) for name in _FLAGS if name in part.model_fields_set
    }
    return replace(
        before,
        unit=before.unit or part.unit,
        validation={**part.limits, **before.validation},
        **said,
    )


def families_made(files: Iterable[MappedFile]) -> dict[str, MadeFamily]:
    """Return the families that the rows of an import name, with what all its mappings say of them.

    Whichever of the files comes first, a family that is not stored is made whole.
    """
    made: dict[str, MadeFamily] = {}
    for each in files:
        for code, named in each.found.families.items():
            family = MadeFamily.of(code, named.label, each.mapping)
            made[code] = made[code].joined(family) if code in made else family
    return made
