"""The SQL of texts that only one product may have."""

import uuid
from collections.abc import Collection, Sequence

from catalog.db import Connection
from catalog.products.unique_texts import UniqueText

LOCK_SQL = "SELECT pg_advisory_xact_lock(hashtext('vitrine.product.unique'))"
OWNERS_SQL = """
SELECT v.attribute, v.data #>> '{}' AS text, v.owner
FROM unnest($1::text[], $2::text[]) AS wanted(attribute, text)
JOIN product_value AS v ON v.attribute = wanted.attribute
    AND v.unique_text = sha256(convert_to(wanted.text, 'UTF8'))
"""


async def lock_owners(
    conn: Connection, texts: Collection[UniqueText]
) -> list[tuple[UniqueText, uuid.UUID]]:
    """Return which products have texts, once nobody else gives any; two at once see each other."""
    if not texts:
        return []
    await conn.execute(LOCK_SQL)
    rows = await conn.fetch(
        OWNERS_SQL, [each.attribute for each in texts], [each.text for each in texts]
    )
    return [(UniqueText(row["attribute"], row["text"]), row["owner"]) for row in rows]


SHARED_SQL = """
SELECT attribute, min(text) AS text FROM (
    SELECT attribute, data #>> '{}' AS text FROM product_value WHERE attribute = ANY ($1)
    GROUP BY attribute, data #>> '{}' HAVING count(DISTINCT owner) > 1
) AS shared GROUP BY attribute
"""


async def find_shared(conn: Connection, attributes: Sequence[str]) -> dict[str, str]:
    """Return per attribute a text that several products have."""
    if not attributes:
        return {}
    rows = await conn.fetch(SHARED_SQL, list(attributes))
    return {row["attribute"]: row["text"] for row in rows}


MARK_SQL = """
UPDATE product_value AS v SET unique_text =
    CASE WHEN a.validation @> '{"unique": true}'
         THEN sha256(convert_to(v.data #>> '{}', 'UTF8')) END
FROM attribute AS a
WHERE a.code = v.attribute AND v.attribute = ANY ($1)
"""


async def mark(conn: Connection, attributes: Sequence[str]) -> None:
    """Hold the values of attributes to what these have become."""
    if attributes:
        await conn.execute(MARK_SQL, list(attributes))
