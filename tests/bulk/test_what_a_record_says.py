"""What a record says of what is stored is told in a table; every field of every record holds it."""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple, cast

from catalog.bulk.commands import import_file
from catalog.bulk.records import RECORD_TYPES
from catalog.changes import Changes
from catalog.clock import FAR_FUTURE, utc_now
from catalog.db import Pool
from catalog.rights.stated_instants import NEVER, parse_stated_instant
from tests.bulk.catalogue import NamedIngest, Record, write

PAGE = Path(__file__).parents[2] / "docs" / "bulk-format.md"
WORDS = {"false": False}

KEYS = {
    "product": {"sku"},
    "media_association": {"product", "asset", "role", "locale", "market", "channel"},
    "media_set": {"product", "role", "locale", "market", "channel"},
    "published_document": {"channel", "sku"},
    "publication": {"channel"},
    "person": {"email"},
    "service": {"name"},
}


def term(country: str) -> Record:
    return {
        "territory": {"include": [country]},
        "channels": ["*"],
        "usages": ["*"],
        "valid_from": "2026-01-01",
    }


#: What the records below name.
NAMED: list[Record] = [
    {"type": "locale", "code": "en", "name": "English"},
    {"type": "market", "code": "EU", "name": "EU", "countries": ["DE", "FR"],
     "default_locale": "en", "currency": "EUR"},
    {"type": "attribute", "code": "name", "attribute_type": "text"},
    {"type": "attribute", "code": "size", "attribute_type": "select", "options": [{"code": "s"}]},
    {"type": "category", "code": "shop"},
    {"type": "category", "code": "sale"},
    {"type": "licence", "code": "other", "licensor": "Them"},
    {"type": "licence", "code": "third", "licensor": "Them"},
    {"type": "collection", "code": "winter"},
    {"type": "collection", "code": "spring"},
    {"type": "asset", "code": "back", "file": "back.jpg"},
    {"type": "asset", "code": "side", "file": "side.jpg"},
]  # fmt: skip

#: One record of each type with every field that it may have, and no default among its values.
FULL: dict[str, Record] = {
    "locale": {"code": "de", "name": "Deutsch", "fallback": "en"},
    "market": {
        "code": "DACH",
        "name": "DACH",
        "countries": ["DE", "AT"],
        "default_locale": "de",
        "currency": "EUR",
        "unit_system": "imperial",
        "parent": "EU",
    },
    "channel": {
        "code": "feed",
        "name": "Feed",
        "kind": "marketplace",
        "country_rule": "viewer",
        "usages": ["web", "print"],
        "default_usage": "web",
        "locales": ["en", "de"],
        "public": True,
        "token_window_s": 3600,
        "token_min_life_s": 600,
        "category_tree": "shop",
    },
    "vocabulary": {
        "code": "materials",
        "label": {"en": "Materials", "de": "Materialien"},
        "terms": [{"code": "wood", "synonyms": {"en": ["timber"]}}, {"code": "oak"}],
    },
    "attribute_group": {
        "code": "looks",
        "label": {"en": "Looks", "de": "Aussehen"},
        "position": 2,
    },
    "attribute": {
        "code": "colour",
        "attribute_type": "select",
        "label": {"en": "Colour", "de": "Farbe"},
        "unit": "1",
        "group": "looks",
        "options": [{"code": "red"}, {"code": "blue"}],
    },
    "family": {
        "code": "mugs",
        "label": {"en": "Mugs", "de": "Becher"},
        "attributes": ["name", "size", "colour"],
        "required": {"feed": ["name"]},
    },
    "category": {
        "code": "cups",
        "parent": "shop",
        "label": {"en": "Cups", "de": "Tassen"},
        "position": 3,
    },
    "territory_set": {"code": "NORDIC", "name": "Nordic", "countries": ["SE", "FI"]},
    "licence": {
        "code": "own",
        "licensor": "Us",
        "document": "contract 7",
        "time_zone": "Europe/Berlin",
        "credit": "By us",
        "web_statement": "https://shop.example/terms",
        "licensor_url": "https://shop.example",
        "grants": [term("DE"), term("FR")],
        "restrictions": [term("AT"), term("CH")],
    },
    "collection": {
        "code": "summer",
        "name": "Summer",
        "grants": [term("DE"), term("FR")],
        "restrictions": [term("AT"), term("CH")],
    },
    "preset": {
        "code": "card",
        "audience": "staff",
        "lifetime_s": 600,
        "recipe": {"widths_px": [320, 640]},
    },
    "product": {
        "sku": "MUG",
        "kind": "SIMPLE",
        "family": "mugs",
        "gtin": "4006381333931",
        "categories": ["cups", "shop"],
        "values": [
            {"attribute": "name", "data": "Mug"},
            {"attribute": "size", "data": "s"},
        ],
    },
    "asset": {
        "code": "front",
        "file": "front.jpg",
        "kind": "image",
        "status": "approved",
        "focal_point": {"x": 0.2, "y": 0.3},
        "values": {"title": {"en": "Front", "de": "Vorne"}, "alt": "A mug"},
        "licences": ["own", "other"],
        "collections": ["summer", "winter"],
        "grants": [term("DE"), term("FR")],
        "restrictions": [term("AT"), term("CH")],
    },
    "media_association": {
        "product": "MUG",
        "asset": "front",
        "role": "hero",
        "position": 4,
        "origin": "dam",
        "confidence": 0.95,
    },
    "media_set": {"product": "MUG", "role": "gallery", "assets": ["back", "side"]},
    "published_document": {
        "channel": "feed",
        "sku": "MUG",
        "visible_from": "2026-01-01",
        "document": {
            "sku": "MUG",
            "gtin": None,
            "kind": "SIMPLE",
            "family": {"code": "mugs", "label": {"en": "Mugs"}},
            "parent": None,
            "updatedAt": "2026-01-01T00:00:00+00:00",
            "categories": ["cups"],
            "axes": [],
            "options": {},
            "attributes": [],
        },
    },
    "publication": {"channel": "feed", "skus": ["MUG"], "visible_from": "2026-01-01"},
    "role": {"code": "chief", "name": "Chief", "actions": ["rights.read", "assets.approve"]},
    "person": {"email": "ada@shop.example", "name": "Ada Lovelace"},
    "service": {"name": "pim"},
}

#: A member that is not in the list of the record above, by (record, field).
ANOTHER: dict[tuple[str, str], Any] = {
    ("product", "categories"): "sale",
    ("asset", "licences"): "third",
    ("media_set", "assets"): "front",
    ("asset", "collections"): "spring",
    ("product", "values"): [{"attribute": "name", "data": "Cup"}],
    ("asset", "values"): {"caption": "Seen from the front"},
}


#: What does not stay where it is left out, or is needed.
ALWAYS = ("recipe", "skus", "document", "origin", "confidence")
#: What has to go along.
ALONG: dict[tuple[str, str], Record] = {("family", "attributes"): {"required": {}}}


class RecordRow(NamedTuple):
    record: str
    field: str
    left_out: str
    null: str
    listed: str


def rows() -> list[RecordRow]:
    section = PAGE.read_text("utf-8").split("## What a record says of what is stored", 1)[1]
    found: list[RecordRow] = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            record, named, *rest = cells
            found += [
                RecordRow(record.strip("`"), name, *rest) for name in re.findall("`(.+?)`", named)
            ]
    return found


def test_the_table_names_every_field_of_every_record() -> None:
    named = sorted((row.record, row.field) for row in rows())
    there = [
        (kind.name, field.name)
        for kind in RECORD_TYPES
        for field in fields(kind.record)
        if field.name not in KEYS.get(kind.name, {"code"})
    ]
    assert named == sorted(there)


def test_what_the_table_says_of_null_is_what_null_stands_for() -> None:
    said = {(row.record, row.field): row.null for row in rows()}
    for kind in RECORD_TYPES:
        for field in fields(kind.record):
            null = said.get((kind.name, field.name), "stays")
            stands_for = kind.cleared.get(field.name, "stays")
            if null == "empty":
                assert stands_for in ("", (), {}), (kind.name, field.name)
            elif stands_for == NEVER:
                assert parse_stated_instant(null.strip("`")).as_end(utc_now(), UTC) == FAR_FUTURE
            elif field.name in kind.cleared:
                assert null == f"`{str(stands_for).lower()}`", (kind.name, field.name)


class Books:
    """Imports one record after the other and tells what came of each."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder

    async def put(self, *records: Record) -> str:
        """Return `created`, `updated`, `unchanged` or `rejected`, of a single record."""
        path = write(self._folder / "records.jsonl", *records)
        result = await import_file(path, changes=Changes(pool=self._pool), ingest=NamedIngest())
        words = ("created", "updated", "unchanged", "rejected")
        return ", ".join(word for word in words if result.counts[word])


async def test_every_field_does_what_the_table_says(pool: Pool, tmp_path: Path) -> None:
    books = Books(pool, tmp_path)
    full = [{"type": name, **record} for name, record in FULL.items()]
    # the product's document is published, and then its draft in its place
    assert await books.put(*NAMED, *full) == "created, updated"

    wrong: list[str] = []
    for row in rows():
        record = {"type": row.record, **FULL[row.record]}
        keys = {"type", *KEYS.get(row.record, {"code"})}
        key = {name: record[name] for name in keys if name in record}
        needed = {name: record[name] for name in ALWAYS if name in record}
        for step, stated, expected in _steps(row, record, key, needed):
            outcome = await books.put(stated)
            if outcome != expected:
                wrong.append(f"{row.record}.{row.field} {step}: {outcome}, not {expected}")
        await books.put(record | ({"replace_values": True} if "values" in record else {}))
    assert not wrong, "\n".join(wrong)


def _steps(
    row: RecordRow, record: Record, key: Record, needed: Record
) -> Iterator[tuple[str, Record, str]]:
    """Yield what is put one after the other, and what must come of it."""
    field = row.field
    others = {name: value for name, value in needed.items() if name != field}
    null = {**key, **others, **ALONG.get((row.record, field), {}), field: None}
    if row.left_out == "stays":
        yield "left out", {**key, **others}, "unchanged"
    elif row.left_out == "needed":
        yield "left out", {**key, **others}, "rejected"
        yield "null", null, "rejected"
    if row.null == "stays":
        yield "null", null, "unchanged"
    if field not in record:
        return
    if row.null == "empty" or row.null in ("`0`", "`metric`"):
        yield "null", null, "updated"
        yield "null twice", null, "unchanged"
        yield "stated", record, "updated"
    if row.listed.startswith("whole") and row.record != "publication":
        yield "shorter", {**key, **others, field: _shorter(record[field])}, "updated"
        yield "stated", record, "updated"
    if row.listed.endswith("members"):
        member = ANOTHER.get((row.record, field), term("IT"))
        yield "add", {**key, field: {"add": [member]}}, "updated"
        yield "add twice", {**key, field: {"add": [member]}}, "unchanged"
        yield "remove", {**key, field: {"remove": [member]}}, "updated"
        yield "the others", record, "unchanged"
    if row.listed == "one by one":
        more = {**key, field: ANOTHER[row.record, field]}
        yield "more", more, "updated"
        yield "the others", more | {"replace_values": True}, "updated"


def _shorter(listed: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(listed, dict):
        if "widths_px" in listed:
            return {"widths_px": [320]}
        left = cast("dict[str, Any]", listed)
        return {name: left[name] for name in list(left)[:-1]}
    return listed[:-1]
