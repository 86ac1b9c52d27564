"""Publishes what a file asks for: many short transactions, since a model takes all below along."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from catalog.batches import BatchResult
from catalog.bulk import store
from catalog.bulk.apply import BatchOutcome
from catalog.bulk.batches import Item
from catalog.bulk.consequences import RefusedRecords
from catalog.bulk.model import Line, LineRefusal
from catalog.bulk.records import TYPES_BY_NAME, PublicationRecord
from catalog.changes import Change, Changes
from catalog.errors import VitrineError
from catalog.principal import Principal
from catalog.publication.commands import publish_products
from catalog.publication.model import PublicationResult
from catalog.publication.plan import TakenBackError
from catalog.rights.stated_instants import StatedInstant

#: A model has a dozen or so variants: some 400 documents a transaction.
SKUS_AT_ONCE = 30
_PUBLICATION = TYPES_BY_NAME["publication"]


async def publish(
    changes: Changes, actor: Principal, items: Sequence[Item], earlier: RefusedRecords
) -> BatchOutcome:
    """Publish, committing on the way; a sku that cannot be published costs only itself.

    Args:
        changes: begins a transaction for some products each.
        actor: who the changes are recorded for.
        items: all parsed.
        earlier: records of the file that were refused.
    """
    outcomes: Counter[str] = Counter()
    refused: list[tuple[Line, LineRefusal]] = []
    for item in items:
        record: PublicationRecord = item.record
        try:
            skus = await _skus(changes, record)
            named = {*record.skus, *skus}
            for place in range(0, len(skus), SKUS_AT_ONCE):
                async with changes.begin(actor) as change:
                    chunk = skus[place : place + SKUS_AT_ONCE]
                    results = await _publish(change, record, chunk)
                for each in (one for result in results for one in _all_of(result)):
                    if not _is_refused(each):
                        outcomes[_outcome(each)] += 1
                    elif each.code == TakenBackError.code:
                        continue  # what a person decided stands, and is no fault of the file
                    elif each.sku in named:
                        refused.append(_refused(item.line, each, earlier))
                    else:
                        outcomes["rejected"] += 1
        except VitrineError as error:
            refused.append((item.line, earlier.refuse(_PUBLICATION, item.line, [error])))
    applied = BatchResult(
        created=outcomes["created"], updated=outcomes["updated"], unchanged=outcomes["unchanged"]
    )
    return BatchOutcome(applied=applied, refused=refused, drafts=outcomes["rejected"])


async def _skus(changes: Changes, record: PublicationRecord) -> Sequence[str]:
    async with changes.pool.acquire() as conn:
        if isinstance(record.skus, str):
            return await store.shown_skus(conn)
        if not record.with_below:
            return list(record.skus)
        return await store.without_those_below(conn, record.skus)  # each is published once


async def _publish(
    change: Change, record: PublicationRecord, skus: Sequence[str]
) -> list[PublicationResult]:
    """Publish some; a relative instant counts from the first time and is then left as it is."""
    stated = (record.visible_from, record.visible_until)
    if not any(instant is not None and instant.offset is not None for instant in stated):
        return await _publish_in_window(change, record, skus)
    known = await store.published_skus(change.conn, record.channel, skus)
    again = [sku for sku in skus if sku in known]
    anew = [sku for sku in skus if sku not in known]
    as_stored = replace(
        record,
        visible_from=_unless_relative(record.visible_from),
        visible_until=_unless_relative(record.visible_until),
    )
    return [
        *(await _publish_in_window(change, as_stored, again)),
        *(await _publish_in_window(change, record, anew)),
    ]


def _unless_relative(instant: StatedInstant | None) -> StatedInstant | None:
    return None if instant is None or instant.offset is not None else instant


async def _publish_in_window(
    change: Change, record: PublicationRecord, skus: Sequence[str]
) -> list[PublicationResult]:
    if not skus:
        return []
    now = datetime.now(UTC)
    start, end = record.visible_from, record.visible_until
    results = await publish_products(
        change,
        skus,
        record.channel,
        visible_from=None if start is None else start.as_start(now, UTC),
        visible_until=None if end is None else end.as_end(now, UTC),
        is_import=True,
        with_below=record.with_below,
    )
    return list(results)


def _is_refused(result: PublicationResult) -> bool:
    return result.outcome == "rejected"


def _refused(
    line: Line, result: PublicationResult, earlier: RefusedRecords
) -> tuple[Line, LineRefusal]:
    assert not isinstance(line.data, str)  # noqa: S101 - those lines have no type
    because = earlier.cause([("product", result.sku)], line.file)
    return replace(line, data={**line.data, "skus": [result.sku]}), LineRefusal(
        line=line.number,
        file=line.file,
        field="skus",
        code=result.code or "INVALID_INPUT",
        message=(result.message or "it cannot be published") + because,
    )


def _all_of(result: PublicationResult) -> Iterator[PublicationResult]:
    """Yield the results of a product and of all below it."""
    yield result
    yield from result.below


def _outcome(result: PublicationResult) -> str:
    if result.outcome == "unchanged":
        return "unchanged"
    return "created" if result.version == 1 else "updated"
