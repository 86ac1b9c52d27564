"""A CSV and its mapping, brought as far as records, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from catalog.bulk.binding import bind
from catalog.bulk.discovery import discover
from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapped_files import MappedFile, families_made
from catalog.bulk.mapper import Mapper
from catalog.bulk.mapping import read_mapping
from catalog.bulk.model import FAULTS_KEY, LineRefusal
from catalog.bulk.rows import read_header
from catalog.products.model import Family

SCOPES = {
    "locale": frozenset({"en-US", "de-DE", "fr-FR"}),
    "market": frozenset({"DE", "US"}),
    "channel": frozenset({"d2c", "print"}),
}
THING = """
locale = "en-US"
[product]
sku = "sku"
family = { constant = "thing" }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a mapping made of a file."""

    records: list[dict[str, Any]]
    refused: list[LineRefusal]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one type without the notes of the mapping."""
        return [
            {name: value for name, value in record.items() if not name.startswith("_")}
            for record in self.records
            if record.get("type") == kind and FAULTS_KEY not in record
        ]

    @property
    def products(self) -> dict[str, dict[str, Any]]:
        """The products by sku."""
        return {each["sku"]: each for each in self.of("product")}

    def values(self, sku: str) -> dict[str, Any]:
        """Return the data of a product by attribute and what they are scoped by: `name@de-DE`."""
        return {
            "@".join(
                str(each[name])
                for name in ("attribute", "locale", "market", "channel")
                if name in each
            ): each["data"]
            for each in self.products[sku].get("values", [])
        }

    @property
    def faults(self) -> list[tuple[int, str | None]]:
        """Line and column of each refusal."""
        return [(each.line, each.field) for each in self.refused]


def mapped(
    folder: Path,
    csv: str | bytes,
    toml: str,
    known: KnownStructure | None = None,
    families: Mapping[str, Family] | None = None,
) -> Mapped:
    """Map a file as `vitrine import` does."""
    path, mapping_path, into = folder / "a.csv", folder / "a.toml", folder / "a.jsonl"
    path.write_bytes(csv.encode() if isinstance(csv, str) else csv)
    mapping_path.write_text(toml, "utf-8")
    mapping, known = read_mapping(mapping_path), known or KnownStructure(scopes=SCOPES)
    mapping = bind(mapping, read_header(path, mapping), known)
    unread: list[LineRefusal] = []
    found = discover(path, mapping, known, unread.append)
    file = MappedFile(path=path, records=into, mapping=mapping, known=known, found=found)
    mapper = Mapper(path, mapping, known, found)
    records = [
        orjson.loads(orjson.dumps(each))
        for each in mapper.records(families_made([file]), families or {})
    ]
    unread += [LineRefusal(**each) for record in records for each in record.get(FAULTS_KEY, ())]
    return Mapped(records=records, refused=unread)
