"""The SQL of rich text that was stored before it was sanitised."""

import uuid
from typing import NamedTuple

from catalog.db import Connection

NEXT_SQL = "SELECT code FROM attribute WHERE to_sanitise ORDER BY code LIMIT 1"
VALUES_SQL = """
SELECT v.owner, p.sku, v.locale, v.market, v.channel, v.data #>> '{}' AS data
FROM product_value AS v JOIN product AS p ON p.id = v.owner
WHERE v.attribute = $1 AND v.owner IN (
    SELECT DISTINCT owner FROM product_value
    WHERE attribute = $1 AND owner > $2 ORDER BY owner LIMIT 200)
ORDER BY v.owner
"""
DONE_SQL = "UPDATE attribute SET to_sanitise = false WHERE code = $1"


class StoredText(NamedTuple):
    """A rich text with its product."""

    owner: uuid.UUID
    sku: str
    locale: str | None
    market: str | None
    channel: str | None
    data: str


async def find_next(conn: Connection) -> str | None:
    """Return an attribute whose rich texts were not sanitised; None: there is none."""
    return await conn.fetchval(NEXT_SQL)


async def find_texts(conn: Connection, attribute: str, after: uuid.UUID) -> list[StoredText]:
    """Return the rich texts of the next 200 products that have any."""
    return [StoredText(**row) for row in await conn.fetch(VALUES_SQL, attribute, after)]


async def mark_done(conn: Connection, attribute: str) -> None:
    """Keep that all texts of an attribute are sanitised."""
    await conn.execute(DONE_SQL, attribute)
