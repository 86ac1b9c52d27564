"""Applies one batch of one type through the command of its package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.batches import BatchResult
from catalog.bulk import store
from catalog.bulk.batches import Item
from catalog.bulk.consequences import RefusedRecords
from catalog.bulk.model import Line, LineRefusal
from catalog.bulk.records import PublicationRecord, RecordType, top_level
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import VitrineError, faults_of
from catalog.media.commands import put_assets
from catalog.media.model import IngestedFile
from catalog.products.model import Attribute, AttributeRecord
from catalog.products.structure_store import find_attributes
from catalog.products.value_types import VALIDATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """What came of the records of a batch.

    Attributes:
        drafts: variants that were left unpublished because they are not complete.
    """

    applied: BatchResult
    refused: list[tuple[Line, LineRefusal]]
    drafts: int = 0


async def apply_items(
    change: Change, kind: RecordType, items: Sequence[Item], refused: RefusedRecords
) -> BatchOutcome:
    """Put the records of a batch.

    Args:
        change: the open transaction.
        kind: of the records.
        items: all parsed.
        refused: before this batch, and now by it.
    """
    if not items:
        return BatchOutcome(applied=BatchResult(), refused=[])
    records = [item.record for item in items]
    if kind.name in store.KEPT_TYPES and any(item.keeps_stored for item in items):
        records = await _only_adding(change.conn, kind, items)
    ingested = {item.record.code: item.ingested for item in items if item.ingested}
    applied = await _put(change, kind, records, ingested)
    rejected = [(items[each.index].line, each.faults) for each in applied.rejections]
    return BatchOutcome(
        applied=applied,
        refused=[(line, refused.refuse(kind, line, faults)) for line, faults in rejected],
    )


async def refuse_items(
    change: Change, kind: RecordType, items: Sequence[Item], refused: RefusedRecords
) -> list[tuple[Line, LineRefusal]]:
    """Refuse records that could not be read, with all else that is wrong with them.

    What could be read of them is put and taken back.
    """
    rests = [item for item in items if item.rest is not None]
    more: dict[int, Sequence[VitrineError]] = {}
    if rests and kind.record is not PublicationRecord:
        ingested = {item.rest.code: item.ingested for item in rests if item.ingested}
        records = [item.rest for item in rests]
        applied = await _put_and_take_back(change, kind, records, ingested)
        more = {id(rests[each.index]): each.faults for each in applied.rejections}
    told: list[tuple[Line, LineRefusal]] = []
    for item in items:
        assert item.fault is not None  # noqa: S101 - why it is among these
        known = {top_level(each) for each in faults_of(item.fault)}
        others = [each for each in more.get(id(item), ()) if top_level(each) not in known]
        told.append((item.line, refused.refuse(kind, item.line, [item.fault, *others])))
    return told


async def _put(
    change: Change, kind: RecordType, records: Sequence[Any], ingested: Mapping[str, IngestedFile]
) -> BatchResult:
    if kind.put is None:
        return await put_assets(change, records, ingested)
    return await kind.put(change, records)


async def _put_and_take_back(
    change: Change, kind: RecordType, records: Sequence[Any], ingested: Mapping[str, IngestedFile]
) -> BatchResult:
    trial = change.conn.transaction()
    await trial.start()
    try:
        return await _put(replace(change, recorded=[]), kind, records, ingested)
    except store.REFUSED:
        return BatchResult()  # no rule of ours says what is wrong
    finally:
        await trial.rollback()


async def _only_adding(conn: Connection, kind: RecordType, items: Sequence[Item]) -> list[Any]:
    """Empty the records that keep what is stored, but for what an attribute lacks."""
    codes = [item.record.code for item in items if item.keeps_stored]
    if kind.record is AttributeRecord:
        attributes = await find_attributes(conn, codes)
        return [
            _missing(item.record, attributes[item.record.code])
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


def _missing(record: AttributeRecord, stored: Attribute) -> AttributeRecord:
    """Return a record of the options and validations that a stored attribute lacks."""
    known = {option.code for option in stored.options}
    missing = [option for option in record.options or () if option.code not in known]
    options = (*stored.options, *missing) if missing else None
    limits = {
        key: limit
        for key, limit in (record.validation or {}).items()
        if key not in stored.validation and stored.attribute_type in VALIDATIONS.get(key, ())
    }
    validation = {**stored.validation, **limits} if limits else None
    return AttributeRecord(code=record.code, options=options, validation=validation)
