"""The association service: the one writer of links between products and media."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from catalog.associations import rules, store
from catalog.associations.model import (
    Association,
    AssociationKey,
    BindingResult,
    MediaAssociationRecord,
    MediaBinding,
)
from catalog.associations.rules import Claim
from catalog.associations.store import IdsByName
from catalog.batches import BatchChanges, BatchResult, check_known, judge
from catalog.changes import Change
from catalog.channels.store import find_scopes
from catalog.errors import NotFoundError
from catalog.events.model import Event
from catalog.events.store import database_now
from catalog.ids import new_id, new_public_id
from catalog.subjects import product_subject

Item = TypeVar("Item")


async def put_media_associations(
    change: Change, records: Sequence[MediaAssociationRecord]
) -> BatchResult:
    """Merge what origins say about associations into what is stored.

    Nothing is darkened and no epoch rises: an association decides what a page shows, not what may
    be delivered. A record that says what another importer has said before is kept as one more
    provenance, and counts as unchanged: nothing that a record states is otherwise.
    """
    products = await store.lock_products(change.conn, skus={each.product for each in records})
    assets = await store.find_assets(change.conn, codes={each.asset for each in records})
    at = await database_now(change.conn)
    judged, _ = await merge_claims(
        change,
        records,
        key=lambda record: key_of(record, products.by_code, assets.by_code),
        claim=lambda record: Claim(
            origin=record.origin,
            actor=change.actor.id,
            at=at,
            confidence=1.0 if record.confidence is None else record.confidence,
            position=record.position,
            status=record.status,
        ),
        named=(products, assets),
    )
    said_again = [
        key
        for key, each in judged.updated.items()
        if replace(judged.before[key], provenance=each.provenance) == each
    ]
    return replace(
        judged.applied,
        updated=len(judged.updated) - len(said_again),
        unchanged=judged.unchanged + len(said_again),
    )


async def bind_media(change: Change, inputs: Sequence[MediaBinding]) -> list[BindingResult]:
    """Show assets at products, as a person decides: approved at once.

    Returns:
        One result for each input, in their order.
    """
    products = await store.lock_products(change.conn, public_ids={each.product for each in inputs})
    assets = await store.find_assets(change.conn, public_ids={each.asset for each in inputs})
    at = await database_now(change.conn)
    _, results = await merge_claims(
        change,
        inputs,
        key=lambda each: key_of(each, products.by_public_id, assets.by_public_id),
        claim=lambda each: Claim(
            origin=rules.PERSON, actor=change.actor.id, at=at, position=each.position
        ),
        named=(products, assets),
    )
    return results


async def unbind_media(change: Change, ids: Sequence[str]) -> list[BindingResult]:
    """Retire associations, as a person decides: no machine brings them back.

    Args:
        change: the open transaction.
        ids: public ids of associations.

    Returns:
        One result for each id, in their order.
    """
    keys = await store.find_keys(change.conn, ids)
    products = await store.lock_products(change.conn, ids={key.product for key in keys.values()})
    assets = await store.find_assets(change.conn, ids={key.asset for key in keys.values()})
    claim = Claim(
        origin=rules.PERSON,
        actor=change.actor.id,
        at=await database_now(change.conn),
        status="retired",
    )
    _, results = await merge_claims(
        change,
        ids,
        key=lambda public_id: _stored_key(public_id, keys),
        claim=lambda _: claim,
        named=(products, assets),
    )
    return results


def key_of(
    named: MediaAssociationRecord | MediaBinding,
    products: Mapping[str, uuid.UUID],
    assets: Mapping[str, uuid.UUID],
) -> AssociationKey:
    """Return what a record or a person's wish is about.

    Raises:
        InvalidInputError: the product or the asset does not exist.
    """
    for noun, name, known in (
        ("product", named.product, products),
        ("asset", named.asset, assets),
    ):
        check_known([name], known, noun=noun, field=noun)
    return AssociationKey(
        product=products[named.product],
        asset=assets[named.asset],
        role=named.role,
        locale=named.locale,
        market=named.market,
        channel=named.channel,
    )


def _stored_key(public_id: str, keys: Mapping[str, AssociationKey]) -> AssociationKey:
    if public_id not in keys:
        raise NotFoundError(f"there is no media association {public_id!r}", field="ids")
    return keys[public_id]


async def merge_claims(
    change: Change,
    items: Sequence[Item],
    *,
    key: Callable[[Item], AssociationKey],
    claim: Callable[[Item], Claim],
    named: tuple[IdsByName, IdsByName],
) -> tuple[BatchChanges[AssociationKey, Association], list[BindingResult]]:
    """Merge the claim of each item into its association, and write what changed.

    Args:
        change: the open transaction.
        items: of a batch.
        key: what an item is about; may refuse it.
        claim: what it says.
        named: the products, which are locked, and the assets of the items.
    """
    products, assets = named
    scopes = await find_scopes(change.conn)
    roles = await store.find_own_roles(change.conn)
    known = await store.find_associations(change.conn, products.public_ids)

    def merge(item: Item, before: Association | None) -> Association:
        rules.check_claim(key(item), claim(item), scopes, roles)
        return rules.merge(before, key(item), claim(item), (new_id(), new_public_id()))

    judged = judge(items, known, key=key, merge=merge)
    if judged.changed:
        await store.put(change.conn, judged.changed)
        events = [
            _event(each, judged.before.get(each.key), products, assets) for each in judged.changed
        ]
        await change.record(*events)
    refused = {
        each.index: BindingResult(code=each.code, message=each.message, field=each.field)
        for each in judged.rejections
    }
    return judged, [
        refused[place] if place in refused else _result(known[key(item)])
        for place, item in enumerate(items)
    ]


def _result(association: Association) -> BindingResult:
    return BindingResult(id=association.public_id, status=association.status)


def _event(
    each: Association, before: Association | None, products: IdsByName, assets: IdsByName
) -> Event:
    product = products.public_ids[each.key.product]
    is_same = before is not None and each.status == before.status
    return Event(
        type=f"association.{'updated' if is_same else each.status}",
        subject=f"association/{each.public_id}",
        version=each.revision + 1,
        subjects=(product_subject(product),),
        data={
            "id": each.public_id,
            "product": product,
            "asset": assets.public_ids[each.key.asset],
            "role": each.key.role,
            "status": each.status,
        },
        before=before,
        after=each,
    )
