"""What a product shows in one role, stated as a whole: what is no longer named is retired."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.associations import rules, store
from catalog.associations.commands import key_of, merge_claims
from catalog.associations.model import (
    Association,
    AssociationKey,
    MediaAssociationRecord,
    MediaSetRecord,
)
from catalog.associations.rules import Claim
from catalog.associations.store import IdsByName
from catalog.batches import BatchResult, Rejection, check_known
from catalog.changes import Change
from catalog.errors import VitrineError
from catalog.events.store import database_now
from catalog.members import Edit, named_in


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatedAssociation:
    """What a record says of one association."""

    record: int
    key: AssociationKey
    claim: Claim


async def put_media_sets(change: Change, records: Sequence[MediaSetRecord]) -> BatchResult:
    """Show what sets name, and retire what the same actor showed and they no longer name.

    What a person, a DAM or a machine shows stays, and so does everything of a set that names an
    asset which does not exist.
    """
    conn = change.conn
    products = await store.lock_products(conn, skus={each.product for each in records})
    assets = await store.find_assets(
        conn, codes={code for r in records for code in named_in(r.assets)}
    )
    stored: dict[AssociationKey, dict[AssociationKey, Association]] = defaultdict(dict)
    for key, each in (await store.find_associations(conn, products.public_ids)).items():
        stored[_place(key)][key] = each
    claim = Claim(origin=rules.PERSON, actor=change.actor.id, at=await database_now(conn))
    said: list[_StatedAssociation] = []
    rejections: list[Rejection] = []
    new: set[int] = set()
    for index, record in enumerate(records):
        try:
            here = stored[_place_of(record, products)]
            wanted = _claims(record, (products, assets), here, claim)
        except VitrineError as error:
            rejections.append(Rejection.of(index, error))
            continue
        if wanted and not here:
            new.add(index)
        said += [
            _StatedAssociation(record=index, key=key, claim=each) for key, each in wanted.items()
        ]
    shown = await store.find_assets(conn, ids={each.key.asset for each in said})
    judged, _ = await merge_claims(
        change,
        said,
        key=lambda each: each.key,
        claim=lambda each: each.claim,
        named=(products, replace(assets, public_ids=shown.public_ids)),
    )
    rejections += [replace(r, index=said[r.index].record) for r in judged.rejections]
    changed = {each.record for each in said if each.key in {**judged.created, **judged.updated}}
    refused = {each.index for each in rejections}
    return BatchResult(
        created=len((changed & new) - refused),
        updated=len(changed - new - refused),
        unchanged=len(records) - len(changed | refused),
        rejections=tuple({each.index: each for each in rejections}.values()),
    )


def _place(key: AssociationKey) -> AssociationKey:
    """Return what all associations of one product, role and scope have in common."""
    return key._replace(asset=key.product)


def _place_of(record: MediaSetRecord, products: IdsByName) -> AssociationKey:
    """Return what a record is about.

    Raises:
        UnknownNameError: the product does not exist.
    """
    check_known([record.product], products.by_code, noun="product", field="product")
    product = products.by_code[record.product]
    return AssociationKey(
        product=product,
        asset=product,
        role=record.role,
        locale=record.locale,
        market=record.market,
        channel=record.channel,
    )


def _claims(
    record: MediaSetRecord,
    named: tuple[IdsByName, IdsByName],
    here: Mapping[AssociationKey, Association],
    claim: Claim,
) -> dict[AssociationKey, Claim]:
    """Return what a record says of every association that it is about.

    Args:
        record: the set.
        named: the products and the assets that exist.
        here: the associations of its product, role and scope.
        claim: what it says of each, but for position and status.

    Raises:
        UnknownNameError: an asset does not exist.
    """
    products, assets = named

    def keys(codes: Sequence[str]) -> list[AssociationKey]:
        return [
            key_of(_one(record, code), products.by_code, assets.by_code)
            for code in dict.fromkeys(codes)
        ]

    if record.assets is None:
        return {}
    if not isinstance(record.assets, Edit):
        wanted = keys(record.assets)
        positions = rules.positions_of(wanted, here)
        gone = [k for k in here if k not in positions and rules.is_shown_by(here[k], claim.actor)]
    else:
        wanted, gone = keys(record.assets.add), keys(record.assets.remove)
        last = max((each.position for each in here.values()), default=-1)
        new = [key for key in wanted if key not in here]
        positions = {key: last + 1 + new.index(key) if key in new else None for key in wanted}
        gone = [key for key in gone if key in here and here[key].status != "retired"]
    shown = {k: replace(claim, status="approved", position=positions[k]) for k in wanted}
    return {**{key: replace(claim, status="retired") for key in gone}, **shown}


def _one(record: MediaSetRecord, asset: str) -> MediaAssociationRecord:
    return MediaAssociationRecord(
        product=record.product,
        asset=asset,
        role=record.role,
        locale=record.locale,
        market=record.market,
        channel=record.channel,
    )
