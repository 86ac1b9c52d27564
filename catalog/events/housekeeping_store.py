"""The SQL that forgets what nobody needs any more: silent gateways, finished purges and jobs."""

from catalog.db import Connection

FORGET_GATEWAYS_SQL = """
WITH gone AS (
    DELETE FROM gateway WHERE seen_at < clock_timestamp() - interval '1 hour' RETURNING 1
)
SELECT count(*) FROM gone
"""


async def forget_silent_gateways(conn: Connection) -> int:
    """Remove gateways that have said nothing for an hour; return how many."""
    return int(await conn.fetchval(FORGET_GATEWAYS_SQL))


FORGET_PURGES_SQL = """
WITH finished AS (
    SELECT id FROM purge
    WHERE state = 'confirmed' AND confirmed_at < clock_timestamp() - interval '90 days'
    ORDER BY id LIMIT 10000
), gone AS (
    DELETE FROM purge USING finished WHERE purge.id = finished.id RETURNING 1
)
SELECT count(*) FROM gone
"""


async def forget_finished_purges(conn: Connection) -> int:
    """Remove purges that were confirmed 90 days ago, a bounded number; return how many."""
    return int(await conn.fetchval(FORGET_PURGES_SQL))
