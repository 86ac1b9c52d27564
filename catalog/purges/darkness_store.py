"""The SQL of darkness: who has applied a change, and which CDNs have confirmed its purges."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.db import Connection

DARK_AT_GATEWAYS_SQL = """
SELECT clock_timestamp() WHERE NOT EXISTS (
    SELECT FROM gateway
    WHERE seen_at > clock_timestamp() - interval '1 hour'
      AND (seen_at < clock_timestamp() - $2::float8 * interval '1 second'
           OR snapshot IS NULL OR NOT pg_visible_in_snapshot($1::text::xid8, snapshot)))
"""


async def dark_at_gateways(conn: Connection, xid8: str, *, lease_s: float) -> datetime | None:
    """Return an instant, now, at which every gateway has applied the transaction; None: not yet."""
    return await conn.fetchval(DARK_AT_GATEWAYS_SQL, xid8, lease_s)


DARK_AT_EDGES_SQL = """
SELECT count(*) FILTER (WHERE state <> 'confirmed') AS waiting, max(confirmed_at) AS dark_at
FROM purge JOIN purge_driver USING (driver)
WHERE is_in_use AND cause = ANY ($1) AND pass = 2
"""


async def dark_at_edges(
    conn: Connection, causes: Sequence[uuid.UUID]
) -> tuple[bool, datetime | None]:
    """Return whether purges of events still wait, and when the last was confirmed.

    Those count that were sent once every gateway had applied the change, for what was purged
    before may have been stored again; and those of drivers in use, for nobody confirms any other.
    """
    row = await conn.fetchrow(DARK_AT_EDGES_SQL, list(causes))
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row["waiting"] > 0, row["dark_at"]


LAST_OBEYED_SQL = """
SELECT data FROM event WHERE subject = $1 AND type = $2 ORDER BY seq DESC LIMIT 1
"""


async def last_obeyed(conn: Connection, subject: str, type_: str) -> dict[str, Any] | None:
    """Return what the last event of a type says of a subject; None: there is none."""
    return await conn.fetchval(LAST_OBEYED_SQL, subject, type_)
