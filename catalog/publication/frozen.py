"""Published documents as records: of what is live and says something else than its draft."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import (
    Any,
    NamedTuple,
    NotRequired,  # pydantic reads no other before Python 3.12
)

from typing_extensions import TypedDict

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
from catalog.publication.model import Document, Publication, RequestedWindow
from catalog.publication.plan import Plan, TakenBackError
from catalog.publication.rules import checksum_of, content_digest_of
from catalog.publication.writing import published_events, write
from catalog.rights.model import Window
from catalog.rights.stated_instants import StatedInstant

# Mappings, since what a document leaves out is not in it at all.
_Source = TypedDict("_Source", {"from": int, "channel": str}, total=False)


class _Value(_Source):
    locale: str | None
    market: str | None
    data: Any


class _Column(TypedDict):
    code: str
    type: str
    label: NotRequired[Mapping[str, str]]
    unit: NotRequired[str]


class _Attribute(TypedDict):
    code: str
    type: str
    label: Mapping[str, str]
    unit: str | None
    group: str | None
    columns: NotRequired[list[_Column]]
    values: list[_Value]
    options: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDocument:
    """A published document without ids, which another house gives for itself.

    Attributes:
        parent: the sku of its model.
        models: the skus of all of them, nearest first; None: it is from before they were kept.
    """

    sku: str
    gtin: str | None
    kind: str
    family: _Family
    parent: str | None
    updatedAt: str  # noqa: N815 - as the document has it
    categories: list[str]
    axes: list[list[str]]
    options: Mapping[str, str]
    attributes: list[_Attribute]
    models: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDocumentRecord:
    """A document that is to be live on a channel as it stands, whatever the draft says.

    Attributes:
        visible_until: None: it never ends.
    """

    channel: str
    sku: str
    document: StatedDocument
    visible_from: StatedInstant
    visible_until: StatedInstant | None = None


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


def stated(document: Document) -> dict[str, Any]:
    """Return a document as a record states it: without ids."""
    parent = document["parent"]
    said = {key: value for key, value in document.items() if key != "id"}
    return {**said, "parent": None if parent is None else parent["sku"]}


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
    named = [each for each in records if each.channel == channel]
    models = [each.document.parent for each in named if each.document.parent]
    plan = await plan_of(
        conn,
        [*(each.sku for each in named), *models],
        channel,
        RequestedWindow(),
        ends_taken_back_by=None,
    )
    live = await store.find_live(conn, plan.tree.by_id, channel)
    return _Channel(plan, {each.product: each for each in live})


def _publication(
    record: PublishedDocumentRecord, stored: Publication | None, plan: Plan
) -> Publication:
    """Return the publication that a record asks for; the stored one where it says the same.

    Raises:
        NotFoundError: there is no such product, or model.
        InvalidInputError: the document is another product's.
        TakenBackError: a person took the product off the channel.
    """
    product = _named(record.sku, plan, field="sku")
    if (record.document.sku, record.document.kind) != (record.sku, product.kind):
        raise InvalidInputError(
            f"the document is not of the {product.kind} {record.sku}", field="document"
        )
    if product.id in plan.taken_back:
        raise TakenBackError(
            f"{record.sku} was taken back: publish it by its own sku, by hand", field="sku"
        )
    parent = record.document.parent
    models = [] if parent is None else plan.tree.line(_named(parent, plan, field="document.parent"))
    stated = asdict(record.document)
    if stated["models"] is None:
        del stated["models"]
    document = {
        **stated,
        "id": product.public_id,
        "parent": {"id": models[0].public_id, "sku": models[0].sku} if models else None,
    }
    now = plan.sources.now
    window = Window(
        start=record.visible_from.as_start(now, UTC),
        end=FAR_FUTURE if record.visible_until is None else record.visible_until.as_end(now, UTC),
    )
    if window.end <= window.start:
        raise InvalidInputError("give an end after the beginning", field="visible_until")
    if stored is not None and (stored.document, stored.window) == (document, window):
        return stored
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


def _named(sku: str, plan: Plan, *, field: str) -> Product:
    product = plan.tree.by_sku.get(sku)
    if product is None:
        raise UnknownNameError(
            f"there is no product {sku!r}: add it first", field=field, named=(("product", sku),)
        )
    return product
