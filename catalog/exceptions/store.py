"""The SQL of the queue for people; gateways add to it through `gateway_report`."""

from collections.abc import Sequence

from catalog.db import Connection
from catalog.exceptions.model import Concern

RAISE_CONCERN_SQL = """
INSERT INTO exception (kind, subject, cause) VALUES ($1, $2, $3)
ON CONFLICT (kind, subject, cause) WHERE state = 'open'
DO UPDATE SET count = exception.count + 1, last_at = clock_timestamp()
"""


async def raise_concern(conn: Connection, *, kind: str, subject: str, cause: str) -> None:
    """Queue something for people, or count it once more where it is queued already."""
    await conn.execute(RAISE_CONCERN_SQL, kind, subject, cause)


OPEN_CONCERNS_SQL = """
SELECT id, kind, subject, cause, count, first_at, last_at FROM exception
WHERE state = 'open' AND id < $1 ORDER BY id DESC LIMIT $2
"""
_NEWEST = 2**63 - 1


async def open_concerns(
    conn: Connection, *, before: int = _NEWEST, limit: int = 100
) -> Sequence[Concern]:
    """Return what is open, the newest first, below an id."""
    rows = await conn.fetch(OPEN_CONCERNS_SQL, before, limit)
    return [Concern(**row) for row in rows]


RESOLVE_CONCERN_SQL = """
UPDATE exception SET state = 'resolved', last_at = clock_timestamp()
WHERE id = $1 AND state = 'open' RETURNING true
"""


async def resolve_concern(conn: Connection, concern: int) -> bool:
    """Close a concern; the same again opens a new one. Return whether it was open."""
    return bool(await conn.fetchval(RESOLVE_CONCERN_SQL, concern))
