"""What is live, as records that make it live again: of documents that differ from their drafts."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

from catalog.batches import BatchResult, judge
from catalog.changes import Change
from catalog.channels.store import find_channels
from catalog.clock import FAR_FUTURE
from catalog.db import Connection
from catalog.errors import InvalidInputError, NotFoundError, UnknownNameError
from catalog.products.model import Product
from catalog.products.store import find_products
from catalog.publication import store
from catalog.publication.commands import plan_for, plan_of
from catalog.publication.model import Publication, RequestedWindow
from catalog.publication.plan import Plan, TakenBackError
from catalog.publication.rules import checksum_of, content_digest_of
from catalog.publication.stated_documents import (
    PublishedDocumentRecord,
    check_place,
    checked,
    stated,
    with_ids,
)
from catalog.publication.writing import published_events, write
from catalog.rights.model import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePublication:
    """What is live of a product on a channel.

    Attributes:
        depth: how many models are above it.
        is_as_draft: publishing it again would change nothing.
        document: as a record states it.
    """

    sku: str
    depth: int
    window: Window
    is_as_draft: bool
    document: Mapping[str, Any]


async def live_publications(
    conn: Connection, channel: str, skus: Sequence[str]
) -> Sequence[LivePublication]:
    """Return what is live on a channel of some products and of all above and below them.

    Args:
        conn: in a transaction that sees one instant.
        channel: the code.
        skus: some 30 of models; all with what is below them is held in memory.
    """
    products = await find_products(conn, await store.find_tree(conn, skus))
    plan = await plan_for(conn, products, channel, RequestedWindow())
    ids = [each.id for each in products]
    live = {each.product: each for each in await store.find_live(conn, ids, channel)}
    named = [each for each in plan.tree.by_sku.values() if each.id in live]
    named.sort(key=lambda each: (len(plan.tree.line(each)), each.sku))
    plan.publish([each.sku for each in named], with_below=False)
    return [
        LivePublication(
            sku=each.sku,
            depth=len(plan.tree.line(each)) - 1,
            window=live[each.id].window,
            is_as_draft=each.id in plan.unchanged,
            document=stated(live[each.id].document),
        )
        for each in named
    ]


class _Channel(NamedTuple):
    """What documents of one channel are held against: nothing is decided in the plan."""

    plan: Plan
    live: Mapping[uuid.UUID, Publication]


async def put_published_documents(
    change: Change, records: Sequence[PublishedDocumentRecord]
) -> BatchResult:
    """Make documents live as they stand; drafts stay as they are.

    A model need not be live yet: it may come after what is below it.
    """
    channels: dict[str, _Channel] = {}
    stored: dict[tuple[str, str], Publication] = {}
    existing = await find_channels(change.conn)
    # all at once, in the order of their ids: channel by channel they would be locked in circles
    await store.lock_tree(change.conn, _skus_of(records))
    for channel in sorted({each.channel for each in records} & existing.keys()):
        channels[channel] = await _load(change.conn, channel, records)
        stored |= {(channel, each.sku): each for each in channels[channel].live.values()}

    def merge(record: PublishedDocumentRecord, before: Publication | None) -> Publication:
        if record.channel not in channels:
            raise NotFoundError(f"there is no channel {record.channel!r}", field="channel")
        return _publication(record, before, channels[record.channel].plan)

    judged = judge(records, stored, key=lambda each: (each.channel, each.sku), merge=merge)
    changed = {**judged.created, **judged.updated}
    for channel, of in channels.items():
        wanted = [each for (on, _), each in changed.items() if on == channel]
        if wanted:
            await write(change.conn, wanted, of.plan.sources, change.actor.id)
            await change.record(*published_events(wanted, of.plan.current, channel))
    return judged.applied


async def _load(
    conn: Connection, channel: str, records: Sequence[PublishedDocumentRecord]
) -> _Channel:
    skus = _skus_of([each for each in records if each.channel == channel])
    plan = await plan_of(conn, skus, channel, RequestedWindow())
    live = await store.find_live(conn, plan.tree.by_id, channel)
    return _Channel(plan, {each.product: each for each in live})


def _publication(
    record: PublishedDocumentRecord, stored: Publication | None, plan: Plan
) -> Publication:
    """Return the publication that a record asks for; the stored one where it says the same.

    Raises:
        NotFoundError: there is no such product, or model.
        InvalidInputError: the document is another product's, or stands where it cannot.
        ValueRuleError: a value is none that its attribute takes.
        TakenBackError: a person took the product, or a model above it, off the channel.
    """
    product = _named(record.sku, plan, field="sku")
    parent = record.document.parent
    models = [] if parent is None else plan.tree.line(_named(parent, plan, field="document.parent"))
    check_place(record.document, product, models)
    _refuse_taken_back([*plan.tree.line(product), *models], plan)
    document = with_ids(record.document, product, models)
    now = plan.sources.now
    window = Window(
        start=record.visible_from.as_start(now, UTC),
        end=FAR_FUTURE if record.visible_until is None else record.visible_until.as_end(now, UTC),
    )
    if window.end <= window.start:
        raise InvalidInputError("give an end after the beginning", field="visible_until")
    if stored is not None and (stored.document, stored.window) == (document, window):
        return stored
    document = checked(document, models)
    before = plan.current.get(product.id)
    return Publication(
        product=product.id,
        public_id=product.public_id,
        sku=product.sku,
        kind=product.kind,
        version=1 if before is None else before.version + 1,
        ancestors={each.id: each.public_id for each in models},
        document=document,
        checksum=checksum_of(document),
        content_digest=content_digest_of(document, plan.sources),
        window=window,
        first_published_at=now if before is None else before.first_published_at,
    )


def _skus_of(records: Sequence[PublishedDocumentRecord]) -> list[str]:
    """Return the skus of documents and of what they stand below."""
    named = [sku for each in records for sku in (each.sku, each.document.parent) if sku]
    return [*dict.fromkeys(named)]


def _refuse_taken_back(line: Sequence[Product], plan: Plan) -> None:
    for each in line:
        if each.id in plan.taken_back:
            raise TakenBackError(
                f"{each.sku} was taken back: publish it by its own sku, by hand", field="sku"
            )


def _named(sku: str, plan: Plan, *, field: str) -> Product:
    product = plan.tree.by_sku.get(sku)
    if product is None:
        raise UnknownNameError(
            f"there is no product {sku!r}: add it first", field=field, named=(("product", sku),)
        )
    return product
