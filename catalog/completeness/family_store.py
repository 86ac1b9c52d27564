"""The SQL of what a change of a family would do: each statement counts products of one family."""

from collections.abc import Iterable, Sequence

from catalog.completeness.family_changes import (
    MOST_NAMED,
    FilledPattern,
    LineMember,
    LostValues,
)
from catalog.db import Connection

COUNT_SQL = "SELECT count(*) FROM product WHERE family = $1"


async def count_products(conn: Connection, family: str) -> int:
    """Return how many products a family has, models included."""
    return await conn.fetchval(COUNT_SQL, family)


LOST_SQL = """
SELECT v.attribute, count(*) AS values, count(DISTINCT p.id) AS products,
       (array_agg(DISTINCT p.sku COLLATE "C"))[1:$3] AS skus
FROM product AS p JOIN product_value AS v ON v.owner = p.id
WHERE p.family = $1 AND v.attribute = ANY ($2)
GROUP BY v.attribute ORDER BY v.attribute COLLATE "C"
"""


async def find_lost(conn: Connection, family: str, attributes: Iterable[str]) -> list[LostValues]:
    """Return what products of a family have values of, among some attributes."""
    rows = await conn.fetch(LOST_SQL, family, list(attributes), MOST_NAMED)
    return [
        LostValues(
            attribute=row["attribute"],
            values=row["values"],
            products=row["products"],
            skus=tuple(row["skus"]),
        )
        for row in rows
    ]


# A product has what it and its models have; products that have the same count as one row.
PATTERNS_SQL = """
WITH RECURSIVE line (product, at) AS (
    SELECT id, id FROM product WHERE family = $1 AND kind <> 'MODEL'
    UNION ALL
    SELECT line.product, p.parent FROM line JOIN product AS p ON p.id = line.at
    WHERE p.parent IS NOT NULL
), has AS (
    SELECT line.product, jsonb_agg(DISTINCT jsonb_build_array(v.attribute, v.locale, v.channel))
               FILTER (WHERE v.attribute IS NOT NULL) AS filled
    FROM line LEFT JOIN product_value AS v ON v.owner = line.at AND v.attribute = ANY ($2)
    GROUP BY line.product
)
SELECT has.filled, count(*) AS products,
       (array_agg(p.sku ORDER BY p.sku COLLATE "C"))[1:$3] AS skus
FROM has JOIN product AS p ON p.id = has.product GROUP BY has.filled
"""


async def find_patterns(
    conn: Connection, family: str, attributes: Iterable[str]
) -> list[FilledPattern]:
    """Return which values of some attributes the products of a family have that are sold."""
    rows = await conn.fetch(PATTERNS_SQL, family, list(attributes), MOST_NAMED)
    return [
        FilledPattern(
            filled=frozenset((each[0], each[1], each[2]) for each in row["filled"] or ()),
            products=row["products"],
            skus=tuple(row["skus"]),
        )
        for row in rows
    ]


MEMBERS_SQL = """
WITH RECURSIVE below AS (
    SELECT id, sku, kind, NULL::text AS parent, 0 AS depth FROM product
    WHERE family_variant = $1 AND parent IS NULL
    UNION ALL
    SELECT p.id, p.sku, p.kind, below.sku, below.depth + 1
    FROM below JOIN product AS p ON p.parent = below.id
)
SELECT sku, kind, parent, depth, (
    SELECT coalesce(jsonb_object_agg(v.attribute, v.data), '{}') FROM product_value AS v
    WHERE v.owner = below.id AND v.attribute = ANY ($2)
      AND v.locale IS NULL AND v.market IS NULL AND v.channel IS NULL
) AS values
FROM below WHERE depth > 0
"""


async def find_members(conn: Connection, variant: str, axes: Sequence[str]) -> list[LineMember]:
    """Return the products below models of a family variant, with their values on some axes."""
    return [LineMember(**row) for row in await conn.fetch(MEMBERS_SQL, variant, list(axes))]
