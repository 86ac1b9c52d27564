"""Which gateways count as having obeyed a change, and which do not."""

from uuid import uuid4

import pytest

from catalog.db import Pool
from catalog.events.commands import Changes
from catalog.events.model import Event, GatewayIdentity, asset_subject
from catalog.events.store import is_dark_at_gateways, report

LEASE_S = 60.0

ADD_GATEWAY_SQL = """
INSERT INTO gateway (id, seen_at, snapshot, secret_sha256)
VALUES ($1, clock_timestamp() - $2::float8 * interval '1 second', $3::text::pg_snapshot,
        sha256(uuid_send($4)))
"""
SNAPSHOT_SQL = "SELECT pg_current_snapshot()::text"


async def commit(pool: Pool) -> tuple[str, str, str]:
    """Commit a change; return its transaction, and the snapshots before and after it."""
    before = await pool.fetchval(SNAPSHOT_SQL)
    async with Changes(pool=pool).begin("test") as change:
        event = Event(
            type="rights.changed",
            subject="asset/aaaa",
            version=1,
            subjects=(asset_subject("aaaa"),),
        )
        (recorded,) = await change.record(event)
    return recorded.xid8, before, await pool.fetchval(SNAPSHOT_SQL)


@pytest.mark.parametrize(
    ("silent_s", "has_applied", "is_dark"),
    [
        (0.0, "the change", True),
        (0.0, "what was before it", False),
        (0.0, "nothing yet", False),
        (LEASE_S + 1, "the change", False),
        (3601.0, "nothing yet", True),
    ],
)
async def test_a_gateway_is_dark_once_it_has_applied_the_change_and_was_heard_of_within_the_lease(
    pool: Pool, *, silent_s: float, has_applied: str, is_dark: bool
) -> None:
    xid8, before, after = await commit(pool)
    snapshots = {"the change": after, "what was before it": before, "nothing yet": None}
    await pool.execute(ADD_GATEWAY_SQL, uuid4(), silent_s, snapshots[has_applied], uuid4())
    await pool.execute(ADD_GATEWAY_SQL, uuid4(), 0.0, after, uuid4())  # another, which has obeyed

    async with pool.acquire() as conn:
        assert await is_dark_at_gateways(conn, xid8, lease_s=LEASE_S) is is_dark


async def test_what_a_gateway_counts_acknowledges_nothing(pool: Pool, gateway_pool: Pool) -> None:
    gateway = GatewayIdentity.new()
    xid8, before, _ = await commit(pool)
    await pool.execute(ADD_GATEWAY_SQL, gateway.id, LEASE_S + 1, before, gateway.secret)

    async with gateway_pool.acquire() as conn:
        await report(conn, gateway, denials=[], egresses=[], exceptions=[])

    async with pool.acquire() as conn:
        assert not await is_dark_at_gateways(conn, xid8, lease_s=LEASE_S)
