"""Applies one batch of one type through the command of its package."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.bulk import store
from catalog.bulk.batches import Item
from catalog.bulk.model import Line, Refusal
from catalog.bulk.records import RecordType
from catalog.db import Connection
from catalog.events.commands import Change
from catalog.events.model import Applied, Rejection
from catalog.media.commands import put_assets
from catalog.products.model import Attribute, AttributeRecord
from catalog.products.structure_store import find_attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the records of a batch.

    Attributes:
        drafts: variants that were left unpublished because they are not complete.
    """

    applied: Applied
    refused: list[tuple[Line, Refusal]]
    drafts: int = 0


async def apply_items(change: Change, kind: RecordType, items: Sequence[Item]) -> Outcome:
    """Put the records of a batch."""
    if not items:
        return Outcome(applied=Applied(), refused=[])
    records = [item.record for item in items]
    if kind.name in store.KEPT_TYPES and any(item.keeps_stored for item in items):
        records = await _only_adding(change.conn, kind, items)
    if kind.put is None:
        ingested = {item.record.code: item.ingested for item in items if item.ingested}
        applied = await put_assets(change, records, ingested)
    else:
        applied = await kind.put(change, records)
    refused = [_refused(items[each.index].line, each) for each in applied.rejections]
    return Outcome(applied=applied, refused=refused)


def _refused(line: Line, rejection: Rejection) -> tuple[Line, Refusal]:
    # commands name fields as the API does; the file has them in snake case
    field = rejection.field and re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", rejection.field)
    return line, Refusal(
        line=line.number, field=field, code=rejection.code, message=rejection.message
    )


async def _only_adding(conn: Connection, kind: RecordType, items: Sequence[Item]) -> list[Any]:
    """Empty the records that keep what is stored, but for the options that an attribute lacks."""
    codes = [item.record.code for item in items if item.keeps_stored]
    if kind.record is AttributeRecord:
        attributes = await find_attributes(conn, codes)
        return [
            _missing_options(item.record, attributes[item.record.code])
            if item.keeps_stored and item.record.code in attributes
            else item.record
            for item in items
        ]
    stored = await store.stored_codes(conn, kind.name, codes)
    return [
        kind.record(code=item.record.code)
        if item.keeps_stored and item.record.code in stored
        else item.record
        for item in items
    ]


def _missing_options(record: AttributeRecord, stored: Attribute) -> AttributeRecord:
    known = {option.code for option in stored.options}
    missing = [option for option in record.options or () if option.code not in known]
    options = (*stored.options, *missing) if missing else None
    return AttributeRecord(code=record.code, options=options)
