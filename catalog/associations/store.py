"""The SQL of media associations."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from catalog.associations.model import Association, AssociationKey, Provenance
from catalog.db import Connection, Record

# All writers lock products in the order of their ids, so that none waits for another in a circle;
# who holds a product is the only one to change its associations.
LOCK_PRODUCTS_SQL = """
SELECT id, public_id, sku AS code FROM product
WHERE sku = ANY ($1) OR public_id = ANY ($2) OR id = ANY ($3)
ORDER BY id FOR NO KEY UPDATE
"""
ASSETS_SQL = """
SELECT id, public_id, code FROM asset
WHERE code = ANY ($1) OR public_id = ANY ($2) OR id = ANY ($3)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsByName:
    """Products or assets by their natural keys and by their public ids."""

    by_code: Mapping[str, uuid.UUID]
    by_public_id: Mapping[str, uuid.UUID]
    public_ids: Mapping[uuid.UUID, str]


async def lock_products(
    conn: Connection,
    *,
    skus: Iterable[str] = (),
    public_ids: Iterable[str] = (),
    ids: Iterable[uuid.UUID] = (),
) -> IdsByName:
    """Find products and keep others from changing their associations."""
    return _named(await conn.fetch(LOCK_PRODUCTS_SQL, list(skus), list(public_ids), list(ids)))


async def find_assets(
    conn: Connection,
    *,
    codes: Iterable[str] = (),
    public_ids: Iterable[str] = (),
    ids: Iterable[uuid.UUID] = (),
) -> IdsByName:
    """Find assets."""
    return _named(await conn.fetch(ASSETS_SQL, list(codes), list(public_ids), list(ids)))


def _named(rows: Sequence[Record]) -> IdsByName:
    return IdsByName(
        by_code={row["code"]: row["id"] for row in rows},
        by_public_id={row["public_id"]: row["id"] for row in rows},
        public_ids={row["id"]: row["public_id"] for row in rows},
    )


KEYS_SQL = """
SELECT public_id, product, asset, role, locale, market, channel FROM media_association
WHERE public_id = ANY ($1)
"""


async def find_keys(conn: Connection, ids: Sequence[str]) -> dict[str, AssociationKey]:
    """Return what associations are about, by their public ids; it never changes."""
    return {
        public_id: AssociationKey(*key) for public_id, *key in await conn.fetch(KEYS_SQL, list(ids))
    }


ASSOCIATIONS_SQL = """
SELECT id, public_id, product, asset, role, locale, market, channel, position, origin, confidence,
       status, provenance, revision
FROM media_association WHERE product = ANY ($1)
"""


async def find_associations(
    conn: Connection, products: Iterable[uuid.UUID]
) -> dict[AssociationKey, Association]:
    """Return all associations of some products."""
    found = [_association(row) for row in await conn.fetch(ASSOCIATIONS_SQL, list(products))]
    return {each.key: each for each in found}


def _association(row: Record) -> Association:
    provenance = tuple(_provenance(each) for each in row["provenance"])
    return Association(
        id=row["id"],
        public_id=row["public_id"],
        key=AssociationKey(*(row[name] for name in AssociationKey._fields)),
        position=row["position"],
        origin=row["origin"],
        # the column is a rounded copy of it
        confidence=max((each.confidence for each in provenance), default=row["confidence"]),
        status=row["status"],
        provenance=provenance,
        revision=row["revision"],
    )


def _provenance(stored: Mapping[str, Any]) -> Provenance:
    return Provenance(
        origin=stored["origin"],
        actor=uuid.UUID(stored["actor"]),
        at=datetime.fromisoformat(stored["at"]),
        confidence=stored["confidence"],
    )


OWN_ROLES_SQL = "SELECT code FROM attribute WHERE type = 'asset'"


async def find_own_roles(conn: Connection) -> frozenset[str]:
    """Return the roles beside those of the model: the attributes that are media."""
    return frozenset(row["code"] for row in await conn.fetch(OWN_ROLES_SQL))


PUT_SQL = """
INSERT INTO media_association (id, public_id, product, asset, role, locale, market, channel,
                               position, origin, confidence, status, provenance)
SELECT id, public_id, product, asset, role, locale, market, channel, position, origin, confidence,
       status, provenance::jsonb
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::integer[], $10::text[], $11::real[], $12::text[], $13::text[])
    AS m(id, public_id, product, asset, role, locale, market, channel, position, origin, confidence,
         status, provenance)
ON CONFLICT (id) DO UPDATE SET position = EXCLUDED.position, origin = EXCLUDED.origin,
    confidence = EXCLUDED.confidence, status = EXCLUDED.status, provenance = EXCLUDED.provenance,
    revision = media_association.revision + 1
"""


async def put(conn: Connection, associations: Sequence[Association]) -> None:
    """Add associations, or change them and raise their revisions."""
    await conn.execute(
        PUT_SQL,
        [each.id for each in associations],
        [each.public_id for each in associations],
        [each.key.product for each in associations],
        [each.key.asset for each in associations],
        [each.key.role for each in associations],
        [each.key.locale for each in associations],
        [each.key.market for each in associations],
        [each.key.channel for each in associations],
        [each.position for each in associations],
        [each.origin for each in associations],
        [each.confidence for each in associations],
        [each.status for each in associations],
        [orjson.dumps(each.provenance, default=str).decode() for each in associations],
    )
