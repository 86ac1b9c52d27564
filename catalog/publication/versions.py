"""What is done with versions: publishing one again, and showing one at other times."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError, NotFoundError, VitrineError
from catalog.products.model import Product
from catalog.products.structure_store import find_attributes, find_families
from catalog.products.texts import sanitised
from catalog.publication import store, version_store
from catalog.publication.commands import asked_window, outcome_of, plan_of, refused, unknown
from catalog.publication.model import (
    FrozenPublication,
    PublicationResult,
    RequestedWindow,
)
from catalog.publication.plan import Plan
from catalog.publication.rules import content_digest_of
from catalog.publication.writing import published_events, write


class NotPublishedError(VitrineError):
    """The product is not published on the channel, so there is nothing to schedule."""

    code = "NOT_PUBLISHED"


class ReferenceGoneError(ConflictError):
    """What a version was published with is not there any more, or no longer above the product."""

    code = "REFERENCE_GONE"


async def roll_back_products(
    change: Change, skus: Sequence[str], channel: str, version: int
) -> tuple[PublicationResult, ...]:
    """Publish the frozen document of a version again, as a new version; drafts stay as they are.

    A model takes along what is below it: each goes back to what was published of it when that
    version of the model ended. What had no publication then stays as it is. Skus are those of
    today, and so is the window, as of `publish_products`.

    Args:
        change: the open transaction.
        skus: of products of any kind.
        channel: the code.
        version: of each of the products.

    Returns:
        One result for each sku, in their order.

    Raises:
        NotFoundError: there is no such channel.
    """
    plan = await plan_of(change.conn, skus, channel, RequestedWindow())
    named, below = _named_and_below(plan, skus)
    frozen = await version_store.find_frozen(change.conn, [*named], channel, version, [*below])
    for product in named.values():
        if product.id not in frozen:
            plan.refused[product.id] = _no_such_version(product, plan, version)
    plan.bring_back(skus)
    for each in frozen:
        plan.refuse_taken_back(plan.tree.by_id[each])
    await _publish_again(change, plan, frozen, is_rolled_back=True)
    await store.end_taken_back(change.conn, plan.brought_back, channel, change.actor.id)
    return tuple(_result(sku, plan) for sku in skus)


async def reschedule_products(
    change: Change,
    skus: Sequence[str],
    channel: str,
    *,
    visible_from: datetime | None = None,
    visible_until: datetime | None = None,
) -> tuple[PublicationResult, ...]:
    """Show what is published at other times, as a new version of the same document.

    A model takes along what is published below it. Drafts are not looked at.

    Args:
        change: the open transaction.
        skus: of products of any kind.
        channel: the code.
        visible_from: None: as stored.
        visible_until: exclusive; None: as stored; in the year 9999: never.

    Returns:
        One result for each sku, in their order.

    Raises:
        NotFoundError: there is no such channel.
        InvalidInputError: the window would end before it begins, or begin never.
    """
    window = asked_window(visible_from, visible_until)
    plan = await plan_of(change.conn, skus, channel, window)
    named, below = _named_and_below(plan, skus)
    frozen = await version_store.find_live_documents(change.conn, [*named, *below], channel)
    for product in named.values():
        if product.id not in frozen:
            plan.refused[product.id] = NotPublishedError(
                f"{product.sku} is not published on {channel}: publish it with these times",
                field="skus",
            )
    await _publish_again(change, plan, frozen, is_rolled_back=False)
    return tuple(_result(sku, plan) for sku in skus)


def _no_such_version(product: Product, plan: Plan, version: int) -> NotFoundError:
    newest = plan.current.get(product.id)
    told = "it never had one" if newest is None else f"the newest is {newest.version}"
    return NotFoundError(
        f"{product.sku} has no version {version} on {plan.channel}: {told}", field="version"
    )


def _named_and_below(
    plan: Plan, skus: Collection[str]
) -> tuple[dict[uuid.UUID, Product], dict[uuid.UUID, Product]]:
    by_sku = plan.tree.by_sku
    named = {by_sku[sku].id: by_sku[sku] for sku in skus if sku in by_sku}
    below = {
        each.id: each
        for root in named.values()
        for each in plan.tree.below(root)
        if each.id not in named
    }
    return named, below


async def _publish_again(
    change: Change,
    plan: Plan,
    frozen: Mapping[uuid.UUID, FrozenPublication],
    *,
    is_rolled_back: bool,
) -> None:
    known = await _known_codes(change.conn, frozen.values())
    products = [plan.tree.by_id[each] for each in frozen if each not in plan.refused]
    # models first: what is below them follows their windows
    for product in sorted(products, key=lambda each: len(plan.tree.line(each))):
        version = frozen[product.id]
        try:
            document = renewed(product, plan.tree.line(product)[1:], version, known)
            plan.take(
                product,
                document,
                version.covered,
                copy_of=_copied(plan, product, version, is_rolled_back=is_rolled_back),
            )
        except VitrineError as error:
            plan.refused[product.id] = error
    if plan.changed:
        await write(change.conn, plan.changed, plan.sources, change.actor.id)
        await change.record(*published_events(plan.changed, plan.current, plan.channel))


def _copied(
    plan: Plan, product: Product, version: FrozenPublication, *, is_rolled_back: bool
) -> int | None:
    """Return which version a publication is a copy of; None: it says what the draft does.

    One that only gets other times stays what it was.
    """
    if is_rolled_back or version.copy_of is not None:
        return version.version
    draft, document = plan.draft_of(product), version.document
    of_draft, of_version = (content_digest_of(each, plan.sources) for each in (draft, document))
    return None if of_draft == of_version else version.version


async def _known_codes(
    conn: Connection, frozen: Collection[FrozenPublication]
) -> tuple[Collection[str], Collection[str]]:
    """Return the families and attributes of documents that still exist."""
    families = {each.document["family"]["code"] for each in frozen}
    attributes = {one["code"] for each in frozen for one in each.document["attributes"]}
    return (
        (await find_families(conn, list(families))).keys(),
        (await find_attributes(conn, list(attributes))).keys(),
    )


def renewed(
    product: Product,
    models: Sequence[Product],
    version: FrozenPublication,
    known: tuple[Collection[str], Collection[str]],
) -> dict[str, Any]:
    """Return the document of a version, by the skus of today.

    Args:
        product: as it is now.
        models: its models, nearest first.
        version: of it.
        known: the families and the attributes of the document that still exist.

    Raises:
        ReferenceGoneError: the product is of another kind or below other models than then, or its
            family or an attribute is gone.
    """
    families, attributes = known
    document, what = version.document, f"version {version.version} of {product.sku}"
    if version.kind != product.kind or version.ancestors != tuple(each.id for each in models):
        place = "below {sku!r}".format(**document["parent"]) if document["parent"] else "by itself"
        raise ReferenceGoneError(
            f"{what} is of a {version.kind} {place}, which it is not now: publish its draft",
            field="version",
        )
    gone = [each["code"] for each in document["attributes"] if each["code"] not in attributes]
    gone += [code for code in [document["family"]["code"]] if code not in families]
    if gone:
        raise ReferenceGoneError(
            f"{what} needs {', '.join(gone)}, which there is no more: publish its draft",
            field="version",
        )
    parent = models[0] if models else None
    return {
        **document,
        "attributes": [_sanitised(each) for each in document["attributes"]],
        "sku": product.sku,
        "parent": None if parent is None else {"id": parent.public_id, "sku": parent.sku},
        "models": [each.sku for each in models],
    }


def _sanitised(attribute: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an attribute whose rich text is written by the rules of today."""
    if attribute["type"] != "rich_text":
        return attribute
    values = [{**each, "data": sanitised(each["data"])} for each in attribute["values"]]
    return {**attribute, "values": values}


def _result(sku: str, plan: Plan) -> PublicationResult:
    product = plan.tree.by_sku.get(sku)
    if product is None:
        return refused(sku, unknown(sku))
    decided = chain(plan.publications, plan.refused)
    touched = {*decided}
    below = tuple(
        outcome_of(each, plan, ()) for each in plan.tree.below(product) if each.id in touched
    )
    return outcome_of(product, plan, below)
