"""Publishes what a file asks for: many short transactions, since a model takes all below along."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from catalog.bulk import store
from catalog.bulk.apply import Outcome
from catalog.bulk.batches import Item
from catalog.bulk.model import Line, Refusal
from catalog.bulk.records import PublicationRecord
from catalog.errors import VitrineError
from catalog.events.commands import Change, Changes
from catalog.events.model import Applied
from catalog.publication.commands import publish_products
from catalog.publication.model import PublicationResult
from catalog.rights.moments import Moment

#: A model has a dozen or so variants: some 400 documents a transaction.
SKUS_AT_ONCE = 30


async def publish(changes: Changes, actor: str, items: Sequence[Item]) -> Outcome:
    """Publish, committing on the way; a sku that cannot be published costs only itself."""
    outcomes: Counter[str] = Counter()
    refused: list[tuple[Line, Refusal]] = []
    for item in items:
        record: PublicationRecord = item.record
        try:
            skus = await _skus(changes, record)
            for place in range(0, len(skus), SKUS_AT_ONCE):
                async with changes.begin(actor) as change:
                    chunk = skus[place : place + SKUS_AT_ONCE]
                    results = await _publish(change, record, chunk)
                refused += [_refused(item.line, each) for each in results if _is_refused(each)]
                for each in results:
                    outcomes.update(_outcomes(each))
        except VitrineError as error:
            refused.append((item.line, Refusal.of(item.line.number, error)))
    applied = Applied(
        created=outcomes["created"], updated=outcomes["updated"], unchanged=outcomes["unchanged"]
    )
    return Outcome(applied=applied, refused=refused, drafts=outcomes["rejected"])


async def _skus(changes: Changes, record: PublicationRecord) -> Sequence[str]:
    if not isinstance(record.skus, str):
        return record.skus
    async with changes.pool.acquire() as conn:
        return await store.shown_skus(conn)


async def _publish(
    change: Change, record: PublicationRecord, skus: Sequence[str]
) -> list[PublicationResult]:
    """Publish some; a relative instant counts from the first time and is then left as it is."""
    moments = (record.visible_from, record.visible_until)
    if not any(moment is not None and moment.offset is not None for moment in moments):
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


def _unless_relative(moment: Moment | None) -> Moment | None:
    return None if moment is None or moment.offset is not None else moment


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
    )
    return list(results)


def _is_refused(result: PublicationResult) -> bool:
    return result.outcome == "rejected"


def _refused(line: Line, result: PublicationResult) -> tuple[Line, Refusal]:
    assert not isinstance(line.data, str)  # noqa: S101 - those lines have no type
    return replace(line, data={**line.data, "skus": [result.sku]}), Refusal(
        line=line.number,
        field="skus",
        code=result.code or "INVALID_INPUT",
        message=result.message or "it cannot be published",
    )


def _outcomes(result: PublicationResult) -> Iterator[str]:
    """Yield what became of a product and of everything below it; a refused one is told apart."""
    if not _is_refused(result):
        is_new = result.outcome == "published" and result.version == 1
        yield "created" if is_new else "updated" if result.outcome == "published" else "unchanged"
    for each in result.below:
        if _is_refused(each):
            yield "rejected"
        yield from _outcomes(each)
