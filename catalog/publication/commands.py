"""Publishing and taking back: documents, lists and events in one transaction."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from catalog.changes import Change
from catalog.channels.rules import fallback_chain
from catalog.channels.store import find_channels, find_scopes
from catalog.clock import FAR_FUTURE, is_never
from catalog.errors import InvalidInputError, NotFoundError, VitrineError
from catalog.events.model import Event
from catalog.events.store import database_now
from catalog.products.model import Product
from catalog.products.store import find_products
from catalog.products.structure_store import (
    find_attributes,
    find_families,
)
from catalog.publication import store
from catalog.publication.listing import listings_of
from catalog.publication.model import (
    ChannelSources,
    CurrentPublication,
    EndedPublication,
    Publication,
    PublicationResult,
    RequestedWindow,
)
from catalog.publication.plan import Plan, grow
from catalog.subjects import publication_subject

_LISTED_AT_ONCE = 500


async def publish_products(
    change: Change,
    skus: Sequence[str],
    channel: str,
    *,
    visible_from: datetime | None = None,
    visible_until: datetime | None = None,
    is_import: bool = False,
) -> tuple[PublicationResult, ...]:
    """Freeze products for a channel, as they are now.

    A model takes all below it along: its sub-models and its complete variants; a second call is
    what spreads inherited values that changed. A variant may be published by itself once its
    model is published. Where document and window stay the same nothing is written. What a person
    took back stays off until it is published by its own sku, and by no import.

    Args:
        change: the open transaction; keep it short, some 500 products with all that is below.
        skus: of products of any kind.
        channel: the code.
        visible_from: None: as stored, else as the model, else now.
        visible_until: exclusive; None: as stored, else as the model; in the year 9999: never.
        is_import: no person or system names these skus one by one, by a key of theirs.

    Returns:
        One result for each sku, in their order.

    Raises:
        NotFoundError: there is no such channel.
        InvalidInputError: the window would end before it begins, or begin never.
    """
    window = _asked_window(visible_from, visible_until)
    tree_skus = await store.lock_tree(change.conn, skus)
    products = await find_products(change.conn, tree_skus)
    if not is_import:
        named = [each.id for each in products if each.sku in set(skus)]
        await store.end_taken_back(change.conn, named, channel, change.actor.id)
    plan = await _plan(change, products, channel, window)
    plan.publish(skus)
    if plan.changed:
        await store.put(change.conn, plan.changed, channel)
        await _list(change, plan.changed, _models_above(plan.changed), plan.sources)
        await change.record(*_published_events(plan, channel))
    return tuple(_result(sku, plan) for sku in skus)


def _asked_window(start: datetime | None, end: datetime | None) -> RequestedWindow:
    """Return when what is published is to be visible; None: as stored.

    Raises:
        InvalidInputError: it would end before it begins, or begin never.
    """
    if start and is_never(start):
        raise InvalidInputError("the year 9999 is never: begin earlier", field="visible_from")
    if end and is_never(end):
        end = FAR_FUTURE
    if start and end and end <= start:
        raise InvalidInputError("give an end after the beginning", field="visible_until")
    return RequestedWindow(start=start, end=end)


async def _plan(
    change: Change, products: Sequence[Product], channel: str, window: RequestedWindow
) -> Plan:
    ids = [each.id for each in products]
    return Plan(
        tree=grow(products),
        current=await store.find_current(change.conn, ids, channel),
        asked=window,
        sources=await _load_sources(change, channel, products),
        taken_back=await store.find_taken_back(change.conn, ids, channel),
    )


async def unpublish_products(
    change: Change, skus: Sequence[str], channel: str
) -> tuple[PublicationResult, ...]:
    """Take products back from a channel, and with a model all that was published below it.

    They stay off, whether they were published or not, until a person publishes them.

    Returns:
        One result for each sku, in their order; `unchanged` where it was not published.

    Raises:
        NotFoundError: there is no such channel.
    """
    products = await find_products(change.conn, await store.lock_tree(change.conn, skus))
    sources = await _load_sources(change, channel, products)
    by_sku = {each.sku: each for each in products}
    asked = [by_sku[sku].id for sku in skus if sku in by_sku]
    ended = await store.take_back(change.conn, asked, channel)
    taken_back = await store.put_taken_back(change.conn, asked, channel, change.actor.id)
    kept_off = taken_back - {each.product for each in ended}
    await change.record(*(_kept_off(each, channel) for each in products if each.id in kept_off))
    if ended:
        await store.delete_listings(change.conn, [each.product for each in ended], channel)
        await _list(change, [], _models_above(ended), sources)
        await change.record(*(_unpublished(each, channel) for each in ended))
    outcomes = {
        each.sku: PublicationResult(sku=each.sku, outcome="unpublished", version=each.version)
        for each in ended
    }
    return tuple(
        outcomes.get(sku, PublicationResult(sku=sku, outcome="unchanged"))
        if sku in by_sku
        else _refused(sku, _unknown(sku))
        for sku in skus
    )


async def list_anew(change: Change, channel: str) -> int:
    """Write some listings anew that other rules have made, such as those of an older version.

    Variants come before their models, which are listed by them.

    Returns:
        Of how many products; 0: all are made by the rules of today.
    """
    stale = await store.find_stale(change.conn, channel, _LISTED_AT_ONCE)
    if stale:
        await store.lock_tree(change.conn, list(stale.values()))
        await store.delete_listings(change.conn, list(stale), channel)
        live = await store.find_live(change.conn, stale, channel)
        await _list(change, live, set(), await _load_sources(change, channel, ()))
    return len(stale)


async def _load_sources(
    change: Change, channel: str, products: Iterable[Product]
) -> ChannelSources:
    channels = await find_channels(change.conn)
    if channel not in channels:
        raise NotFoundError(f"there is no channel {channel!r}", field="channel")
    scopes = await find_scopes(change.conn)
    families = await find_families(change.conn, list({each.family for each in products}))
    codes = {code for family in families.values() for code in family.attributes}
    return ChannelSources(
        channel=channels[channel],
        now=await database_now(change.conn),
        locales={code: fallback_chain(code, scopes.locales) for code in channels[channel].locales},
        markets={code: fallback_chain(code, scopes.markets) for code in sorted(scopes.markets)},
        families=families,
        attributes=await find_attributes(change.conn, list(codes)),
    )


async def _list(
    change: Change, written: Sequence[Publication], models: set[uuid.UUID], sources: ChannelSources
) -> None:
    """Write anew how products stand in lists.

    Args:
        change: the open transaction.
        written: what was published.
        models: above what was published or taken back; they are listed by what is below them.
        sources: of the channel.
    """
    conn, channel = change.conn, sources.channel.code
    others = models - {each.product for each in written}
    live = await store.find_live(conn, others, channel) if others else []
    publications = [*written, *live]
    await store.lock_categories(conn)
    await store.delete_listings(conn, [each.product for each in publications], channel)
    sold = [each for each in publications if each.kind != "MODEL"]
    listings = [listing for each in sold for listing in listings_of(each, sources)]
    await store.put_listings(conn, listings, channel)
    gathering = [each for each in publications if each.kind == "MODEL"]
    below = await store.find_below(conn, [each.product for each in gathering], channel)
    listings = [
        listing for each in gathering for listing in listings_of(each, sources, below[each.product])
    ]
    await store.put_listings(conn, listings, channel)


def _models_above(products: Iterable[Publication | EndedPublication]) -> set[uuid.UUID]:
    return {model for each in products for model in each.ancestors}


def _published_events(plan: Plan, channel: str) -> list[Event]:
    events: list[Event] = []
    for each in plan.changed:
        before = plan.current.get(each.product)
        if before is not None and before.is_live and before.ancestors != each.ancestors:
            # its old models may have stopped being live: what edges hold for them has to go
            events.append(_unpublished(_as_ended(before, each), channel))
        events.append(_event("publication.published", each, channel))
    return events


def _unpublished(ended: EndedPublication, channel: str) -> Event:
    return _event("publication.unpublished", ended, channel)


def _kept_off(product: Product, channel: str) -> Event:
    """Tell that a product shall not be published, which it was not: nothing rests on it."""
    return Event(
        type="publication.kept_off",
        subject=f"product/{product.sku}",
        version=product.revision,
        data={"id": product.public_id, "sku": product.sku, "channel": channel},
    )


def _as_ended(before: CurrentPublication, publication: Publication) -> EndedPublication:
    return EndedPublication(
        product=publication.product,
        public_id=publication.public_id,
        sku=publication.sku,
        version=before.version,
        ancestors=before.ancestors,
    )


def _event(type_: str, of: Publication | EndedPublication, channel: str) -> Event:
    """Name the product and every model above it, whose pictures it may be live with."""
    owners = (of.public_id, *of.ancestors.values())
    return Event(
        type=type_,
        subject=f"product/{of.sku}",
        version=of.version,
        subjects=tuple(publication_subject(owner, channel) for owner in owners),
        data={"id": of.public_id, "sku": of.sku, "channel": channel, "version": of.version},
    )


def _result(sku: str, plan: Plan) -> PublicationResult:
    product = plan.tree.by_sku.get(sku)
    if product is None:
        return _refused(sku, _unknown(sku))
    below = tuple(_outcome(each, plan, ()) for each in plan.tree.below(product))
    return _outcome(product, plan, below)


def _outcome(
    product: Product, plan: Plan, below: tuple[PublicationResult, ...]
) -> PublicationResult:
    error = plan.refused.get(product.id)
    if error is not None:
        stored = plan.current.get(product.id)
        version = stored.version if stored is not None and stored.is_live else None
        return _refused(product.sku, error, version=version, below=below)
    return PublicationResult(
        sku=product.sku,
        outcome="unchanged" if product.id in plan.unchanged else "published",
        version=plan.publications[product.id].version,
        below=below,
    )


def _refused(
    sku: str,
    error: VitrineError,
    *,
    version: int | None = None,
    below: tuple[PublicationResult, ...] = (),
) -> PublicationResult:
    return PublicationResult(
        sku=sku,
        outcome="rejected",
        version=version,
        code=error.code,
        message=error.message,
        below=below,
    )


def _unknown(sku: str) -> NotFoundError:
    return NotFoundError(f"there is no product {sku!r}", field="skus")
