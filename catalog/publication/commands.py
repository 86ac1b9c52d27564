"""Publishing and taking back: documents, lists and events in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from catalog.changes import Change
from catalog.clock import FAR_FUTURE, is_never
from catalog.db import Connection
from catalog.errors import InvalidInputError, NotFoundError, VitrineError
from catalog.events.model import Event
from catalog.products.model import Product
from catalog.products.store import find_products
from catalog.publication import store
from catalog.publication.model import (
    PublicationResult,
    RequestedWindow,
)
from catalog.publication.plan import Plan, grow
from catalog.publication.writing import (
    list_publications,
    load_sources,
    models_above,
    published_events,
    unpublished_event,
    write,
)

_LISTED_AT_ONCE = 500


async def publish_products(  # noqa: PLR0913 - what one may say of it
    change: Change,
    skus: Sequence[str],
    channel: str,
    *,
    visible_from: datetime | None = None,
    visible_until: datetime | None = None,
    is_import: bool = False,
    with_below: bool = True,
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
        with_below: a model takes what is below it along; else each of them is named.

    Returns:
        One result for each sku, in their order.

    Raises:
        NotFoundError: there is no such channel.
        InvalidInputError: the window would end before it begins, or begin never.
    """
    window = asked_window(visible_from, visible_until)
    plan = await freeze(
        change.conn,
        skus,
        channel,
        window,
        actor=change.actor.id,
        is_import=is_import,
        with_below=with_below,
    )
    if plan.changed:
        await change.record(*published_events(plan.changed, plan.current, channel))
    return tuple(result_of(sku, plan, with_below=with_below) for sku in skus)


async def freeze(  # noqa: PLR0913 - as above
    conn: Connection,
    skus: Sequence[str],
    channel: str,
    window: RequestedWindow,
    *,
    actor: uuid.UUID,
    is_import: bool = False,
    with_below: bool = True,
) -> Plan:
    """Write what publishing writes, and tell nobody: the caller records it, or rolls it back.

    Raises:
        NotFoundError: there is no such channel.
    """
    plan = await plan_of(conn, skus, channel, window)
    plan.renews_copies = True
    if not is_import:
        plan.bring_back(skus)
    plan.publish(skus, with_below=with_below)
    await store.end_taken_back(conn, plan.brought_back, channel, actor)
    if plan.changed:
        await write(conn, plan.changed, plan.sources, actor)
    return plan


async def plan_of(
    conn: Connection,
    skus: Sequence[str],
    channel: str,
    window: RequestedWindow,
) -> Plan:
    """Lock products with all above and below them, and load what a plan of them is made from.

    Args:
        conn: in a transaction.
        skus: of products of any kind.
        channel: the code.
        window: when they are to be visible.

    Raises:
        NotFoundError: there is no such channel.
    """
    products = await find_products(conn, await store.lock_tree(conn, skus))
    return await plan_for(conn, products, channel, window)


async def plan_for(
    conn: Connection, products: Sequence[Product], channel: str, window: RequestedWindow
) -> Plan:
    """Load what a plan is made from, of products with all above and below them.

    Raises:
        NotFoundError: there is no such channel.
    """
    ids = [each.id for each in products]
    sources = await load_sources(conn, channel, products)
    return Plan(
        tree=grow(products),
        current=await store.find_current(conn, ids, channel),
        asked=window,
        sources=sources,
        taken_back=await store.find_taken_back(conn, ids, channel),
    )


def asked_window(start: datetime | None, end: datetime | None) -> RequestedWindow:
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
    sources = await load_sources(change.conn, channel, products)
    by_sku = {each.sku: each for each in products}
    asked = [by_sku[sku].id for sku in skus if sku in by_sku]
    ended = await store.take_back(change.conn, asked, channel)
    taken_back = await store.put_taken_back(change.conn, asked, channel, change.actor.id)
    kept_off = taken_back - {each.product for each in ended}
    await change.record(*(_kept_off(each, channel) for each in products if each.id in kept_off))
    if ended:
        await store.delete_listings(change.conn, [each.product for each in ended], channel)
        await list_publications(change.conn, [], models_above(ended), sources)
        await change.record(*(unpublished_event(each, channel) for each in ended))
    outcomes = {
        each.sku: PublicationResult(sku=each.sku, outcome="unpublished", version=each.version)
        for each in ended
    }
    return tuple(
        outcomes.get(sku, PublicationResult(sku=sku, outcome="unchanged"))
        if sku in by_sku
        else refused(sku, unknown(sku))
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
        await list_publications(
            change.conn, live, set(), await load_sources(change.conn, channel, ())
        )
    return len(stale)


def _kept_off(product: Product, channel: str) -> Event:
    """Tell that a product shall not be published, which it was not: nothing rests on it."""
    return Event(
        type="publication.kept_off",
        subject=f"product/{product.sku}",
        version=product.revision,
        data={"id": product.public_id, "sku": product.sku, "channel": channel},
    )


def result_of(sku: str, plan: Plan, *, with_below: bool = True) -> PublicationResult:
    """Return what a plan makes of a product, and of all below it where that is taken along."""
    product = plan.tree.by_sku.get(sku)
    if product is None:
        return refused(sku, unknown(sku))
    others = plan.tree.below(product) if with_below else ()
    return outcome_of(product, plan, tuple(outcome_of(each, plan, ()) for each in others))


def outcome_of(
    product: Product, plan: Plan, below: tuple[PublicationResult, ...]
) -> PublicationResult:
    """Return what a plan makes of a product that it decides about."""
    error = plan.refused.get(product.id)
    if error is not None:
        stored = plan.current.get(product.id)
        version = stored.version if stored is not None and stored.is_live else None
        return refused(product.sku, error, version=version, below=below)
    return PublicationResult(
        sku=product.sku,
        outcome="unchanged" if product.id in plan.unchanged else "published",
        version=plan.publications[product.id].version,
        below=below,
    )


def refused(
    sku: str,
    error: VitrineError,
    *,
    version: int | None = None,
    below: tuple[PublicationResult, ...] = (),
) -> PublicationResult:
    """Return why a product is refused."""
    return PublicationResult(
        sku=sku,
        outcome="rejected",
        version=version,
        code=error.code,
        message=error.message,
        below=below,
    )


def unknown(sku: str) -> NotFoundError:
    """Say that there is no such product."""
    return NotFoundError(f"there is no product {sku!r}", field="skus")
