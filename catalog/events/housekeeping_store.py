"""The SQL that forgets what nobody needs any more, and keeps old counters by the hour and day."""

from typing import Literal

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


ROLL_UP_EGRESS_SQL = """
WITH old AS (
    DELETE FROM egress WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM egress
        WHERE minute < date_trunc($1, clock_timestamp() - make_interval(days => $2), 'UTC')
          AND minute <> date_trunc($1, minute, 'UTC')
        LIMIT 20000))
    RETURNING *
), kept AS (
    INSERT INTO egress (asset, preset, channel, country, how, minute, bytes, requests)
    SELECT asset, preset, channel, country, how, date_trunc($1, minute, 'UTC') AS begin,
           sum(bytes), sum(requests)
    FROM old GROUP BY asset, preset, channel, country, how, begin
    ON CONFLICT (asset, minute, preset, channel, country, how) DO UPDATE
        SET bytes = egress.bytes + excluded.bytes, requests = egress.requests + excluded.requests
)
SELECT count(*) FROM old
"""
ROLL_UP_DENIAL_SQL = """
WITH old AS (
    DELETE FROM denial WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM denial
        WHERE minute < date_trunc($1, clock_timestamp() - make_interval(days => $2), 'UTC')
          AND minute <> date_trunc($1, minute, 'UTC')
        LIMIT 20000))
    RETURNING *
), kept AS (
    INSERT INTO denial (asset, reason, country, channel, minute, count)
    SELECT asset, reason, country, channel, date_trunc($1, minute, 'UTC') AS begin, sum(count)
    FROM old GROUP BY asset, reason, country, channel, begin
    ON CONFLICT (minute, asset, reason, country, channel) DO UPDATE
        SET count = denial.count + excluded.count
)
SELECT count(*) FROM old
"""


async def roll_up_counters(
    conn: Connection, unit: Literal["hour", "day"], *, after_days: int
) -> int:
    """Count egress and denials that are older by a longer unit; return how many rows went.

    A bounded number at a time: call it again while it finds some.
    """
    egress = int(await conn.fetchval(ROLL_UP_EGRESS_SQL, unit, after_days))
    return egress + int(await conn.fetchval(ROLL_UP_DENIAL_SQL, unit, after_days))
