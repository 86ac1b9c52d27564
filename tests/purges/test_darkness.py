"""When a change counts as obeyed: by which gateways, and by which purge of the edges."""

import asyncio
import math
from uuid import uuid4

import pytest

from catalog.changes import Changes
from catalog.db import Pool
from catalog.events.model import Event, GatewayIdentity, RecordedEvent
from catalog.events.store import report
from catalog.purges.darkness import edges_wait_s, wait_until_dark
from catalog.purges.darkness_store import dark_at_edges, dark_at_gateways
from catalog.subjects import asset_subject
from tests.support.people import TEST
from tests.support.purging import purging

LEASE_S = 60.0

ADD_GATEWAY_SQL = """
INSERT INTO gateway (id, seen_at, snapshot, secret_sha256)
VALUES ($1, clock_timestamp() - $2::float8 * interval '1 second', $3::text::pg_snapshot,
        sha256(uuid_send($4)))
"""
CONFIRM_SQL = """
UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp()
WHERE driver = $1 AND pass = $2
"""
SNAPSHOT_SQL = "SELECT pg_current_snapshot()::text"


async def commit(pool: Pool) -> tuple[RecordedEvent, str, str]:
    """Commit a change; return it, and the snapshots before and after it."""
    before = await pool.fetchval(SNAPSHOT_SQL)
    async with Changes(pool=pool).begin(TEST) as change:
        event = Event(
            type="rights.changed",
            subject="asset/aaaa",
            version=1,
            subjects=(asset_subject("aaaa"),),
        )
        (recorded,) = await change.record(event)
    return recorded, before, await pool.fetchval(SNAPSHOT_SQL)


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
    recorded, before, after = await commit(pool)
    snapshots = {"the change": after, "what was before it": before, "nothing yet": None}
    await pool.execute(ADD_GATEWAY_SQL, uuid4(), silent_s, snapshots[has_applied], uuid4())
    await pool.execute(ADD_GATEWAY_SQL, uuid4(), 0.0, after, uuid4())  # another, which has obeyed

    async with pool.acquire() as conn:
        dark_at = await dark_at_gateways(conn, recorded.xid8, lease_s=LEASE_S)
    assert (dark_at is not None) is is_dark


async def test_what_a_gateway_counts_acknowledges_nothing(pool: Pool, gateway_pool: Pool) -> None:
    gateway = GatewayIdentity.new()
    recorded, before, _ = await commit(pool)
    await pool.execute(ADD_GATEWAY_SQL, gateway.id, LEASE_S + 1, before, gateway.secret)

    async with gateway_pool.acquire() as conn:
        await report(conn, gateway, denials=[], egresses=[], tasks=[])

    async with pool.acquire() as conn:
        assert await dark_at_gateways(conn, recorded.xid8, lease_s=LEASE_S) is None


async def test_edges_are_dark_once_every_driver_confirmed_the_pass_that_follows_the_gateways(
    pool: Pool,
) -> None:
    await purging(pool, ["cdn", "varnish"])
    recorded, _, _ = await commit(pool)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait_until_dark(pool, [recorded], lease_s=LEASE_S))
        for driver, number in (("cdn", 1), ("varnish", 1), ("cdn", 2), ("varnish", 2)):
            await pool.execute(CONFIRM_SQL, driver, number)
    dark = waiting.result()
    edges = await pool.fetchval("SELECT max(confirmed_at) FROM purge WHERE pass = 2")
    assert dark.edges == edges
    assert dark.gateways <= edges


def test_edges_are_waited_for_until_two_seconds_after_the_lease_or_the_end_of_the_request() -> None:
    assert edges_wait_s(1.0, math.inf) == 3.0
    assert edges_wait_s(10.0, 9.5) == 9.5


async def test_edges_that_have_not_confirmed_at_the_end_of_the_request_are_none(pool: Pool) -> None:
    await purging(pool, ["cdn"])
    recorded, _, _ = await commit(pool)
    async with asyncio.timeout(LEASE_S):
        dark = await wait_until_dark(pool, [recorded], lease_s=LEASE_S, within_s=0)
    assert dark.edges is None


async def test_a_driver_that_is_stated_no_more_is_not_waited_for(pool: Pool) -> None:
    await purging(pool, ["cdn", "varnish"])
    recorded, _, _ = await commit(pool)
    await pool.execute(CONFIRM_SQL, "varnish", 2)
    await purging(pool, ["varnish"])
    async with pool.acquire() as conn:
        is_waiting, dark_at = await dark_at_edges(conn, [recorded.id])
    assert (is_waiting, dark_at is None) == (False, False)


async def test_where_nothing_is_purged_no_edge_is_waited_for(pool: Pool) -> None:
    recorded, _, _ = await commit(pool)
    async with asyncio.timeout(LEASE_S):
        assert (await wait_until_dark(pool, [recorded], lease_s=LEASE_S)).edges is None
