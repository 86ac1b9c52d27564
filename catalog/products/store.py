"""The SQL of products, their values and categories."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from catalog.db import Connection, Record
from catalog.products.model import Product, ValueKey

# Only who adds products waits here: two imports that add the same sku then see each other's row.
LOCK_CREATION_SQL = """
SELECT pg_advisory_xact_lock(hashtext('vitrine.product.creation'))
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS wanted(sku)
              WHERE NOT EXISTS (SELECT FROM product WHERE product.sku = wanted.sku))
"""
# All writers lock products in the order of their ids, so that none waits for another in a circle.
LOCK_SQL = """
WITH RECURSIVE line AS (
    SELECT id, parent FROM product WHERE sku = ANY ($1)
    UNION
    SELECT p.id, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT id FROM product WHERE id IN (SELECT id FROM line) ORDER BY id FOR NO KEY UPDATE
"""


async def lock(conn: Connection, skus: Sequence[str]) -> None:
    """Lock products and their models; where one is missing, nobody else adds products.

    A second time, because the first sees the models as they were before it began to wait.
    """
    await conn.execute(LOCK_CREATION_SQL, list(skus))
    await conn.execute(LOCK_SQL, list(skus))
    await conn.execute(LOCK_SQL, list(skus))


PRODUCTS_SQL = """
WITH RECURSIVE line AS (
    SELECT id, parent FROM product WHERE sku = ANY ($1)
    UNION
    SELECT p.id, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT id, public_id, sku, gtin, wrong_gtin, kind, family, family_variant, parent, revision,
       updated_at,
       ARRAY(SELECT category FROM product_category WHERE product = p.id) AS categories
FROM product AS p WHERE id IN (SELECT id FROM line)
"""
VALUES_SQL = """
SELECT owner, attribute, locale, market, channel, data FROM product_value WHERE owner = ANY ($1)
"""


async def find_products(conn: Connection, skus: Sequence[str]) -> list[Product]:
    """Return products and their models, with their values."""
    rows = await conn.fetch(PRODUCTS_SQL, list(skus))
    values: dict[uuid.UUID, dict[ValueKey, Any]] = {row["id"]: {} for row in rows}
    for owner, *key, data in await conn.fetch(VALUES_SQL, list(values)):
        values[owner][ValueKey(*key)] = data
    return [_product(row, values[row["id"]]) for row in rows]


def _product(row: Record, values: Mapping[ValueKey, Any]) -> Product:
    fields: dict[str, Any] = dict(row.items())
    fields.update(categories=frozenset(row["categories"]), values=values)
    return Product(**fields)


SIBLINGS_SQL = """
SELECT child.parent, child.id, jsonb_object_agg(v.attribute, v.data) AS axes
FROM product AS child
JOIN product AS model ON model.id = child.parent
JOIN variant_axis AS axis ON axis.family_variant = model.family_variant
JOIN product_value AS v ON v.owner = child.id AND v.attribute = axis.attribute
WHERE child.parent = ANY ($1)
GROUP BY child.parent, child.id
"""


class AxisValues(NamedTuple):
    """The values that tell a product from its siblings."""

    parent: uuid.UUID
    id: uuid.UUID
    axes: Mapping[str, Any]


async def find_axis_values(conn: Connection, models: Iterable[uuid.UUID]) -> list[AxisValues]:
    """Return the axis values of every product right below some models."""
    return [AxisValues(**row) for row in await conn.fetch(SIBLINGS_SQL, list(models))]


CATEGORY_CODES_SQL = "SELECT code FROM category WHERE code = ANY ($1)"


async def find_category_codes(conn: Connection, codes: Iterable[str]) -> frozenset[str]:
    """Return those of the category codes that exist."""
    return frozenset(row["code"] for row in await conn.fetch(CATEGORY_CODES_SQL, list(codes)))


SKUS_SQL = "SELECT sku FROM product WHERE sku = ANY ($1)"


async def find_skus(conn: Connection, skus: Iterable[str]) -> frozenset[str]:
    """Return those of the skus that there are."""
    wanted = list(skus)
    rows = await conn.fetch(SKUS_SQL, wanted) if wanted else ()
    return frozenset(row["sku"] for row in rows)


PUT_PRODUCTS_SQL = """
INSERT INTO product (id, public_id, sku, gtin, wrong_gtin, kind, family, family_variant, parent)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::text[], $9::uuid[])
ON CONFLICT (id) DO UPDATE SET gtin = EXCLUDED.gtin, wrong_gtin = EXCLUDED.wrong_gtin,
    family = EXCLUDED.family, parent = EXCLUDED.parent,
    revision = product.revision + 1, updated_at = clock_timestamp()
"""


async def put_products(conn: Connection, products: Sequence[Product]) -> None:
    """Add products, or change them and raise their revisions."""
    await conn.execute(
        PUT_PRODUCTS_SQL,
        [each.id for each in products],
        [each.public_id for each in products],
        [each.sku for each in products],
        [each.gtin for each in products],
        [each.wrong_gtin for each in products],
        [each.kind for each in products],
        [each.family for each in products],
        [each.family_variant for each in products],
        [each.parent for each in products],
    )


class OwnedValue(NamedTuple):
    """A value with its product."""

    owner: uuid.UUID
    key: ValueKey
    data: Any


DELETE_VALUES_SQL = """
DELETE FROM product_value AS v
USING unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS gone(owner, attribute, locale, market, channel)
WHERE v.owner = gone.owner AND v.attribute = gone.attribute
  AND v.locale IS NOT DISTINCT FROM gone.locale
  AND v.market IS NOT DISTINCT FROM gone.market
  AND v.channel IS NOT DISTINCT FROM gone.channel
"""


async def delete_values(conn: Connection, gone: Sequence[OwnedValue]) -> None:
    """Remove values by their keys."""
    if gone:
        await conn.execute(DELETE_VALUES_SQL, *_key_columns(gone))


PUT_VALUES_SQL = """
INSERT INTO product_value (owner, attribute, locale, market, channel, data, unique_text)
SELECT owner, attribute, locale, market, channel, data::jsonb,
       CASE WHEN a.validation @> '{"unique": true}'
            THEN sha256(convert_to(data::jsonb #>> '{}', 'UTF8')) END
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS v(owner, attribute, locale, market, channel, data)
JOIN attribute AS a ON a.code = v.attribute
ON CONFLICT (owner, attribute, locale, market, channel)
    DO UPDATE SET data = EXCLUDED.data, unique_text = EXCLUDED.unique_text,
                  changed_at = now()
"""


async def put_values(conn: Connection, values: Sequence[OwnedValue]) -> None:
    """Add or replace values."""
    if values:
        # as text: in an array of jsonb a list would count as one more dimension
        data = [orjson.dumps(each.data).decode() for each in values]
        await conn.execute(PUT_VALUES_SQL, *_key_columns(values), data)


def _key_columns(values: Sequence[OwnedValue]) -> tuple[list[Any], ...]:
    keys = [each.key for each in values]
    return (
        [each.owner for each in values],
        [key.attribute for key in keys],
        [key.locale for key in keys],
        [key.market for key in keys],
        [key.channel for key in keys],
    )


DELETE_CATEGORIES_SQL = """
DELETE FROM product_category AS c USING unnest($1::uuid[], $2::text[]) AS gone(product, category)
WHERE c.product = gone.product AND c.category = gone.category
"""
PUT_CATEGORIES_SQL = """
INSERT INTO product_category (product, category) SELECT * FROM unnest($1::uuid[], $2::text[])
"""


async def change_categories(
    conn: Connection,
    *,
    gone: Sequence[tuple[uuid.UUID, str]],
    added: Sequence[tuple[uuid.UUID, str]],
) -> None:
    """Take products out of categories and put them into others."""
    for statement, pairs in ((DELETE_CATEGORIES_SQL, gone), (PUT_CATEGORIES_SQL, added)):
        if pairs:
            await conn.execute(statement, [each[0] for each in pairs], [each[1] for each in pairs])
