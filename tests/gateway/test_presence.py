"""A gateway that reads for itself is heard of, so that purges wait for it."""

from catalog.db import Pool
from catalog.events.model import GatewayIdentity
from catalog.sealing import MasterKeys
from gateway.loaders import loaders_from
from gateway.presence import Presence

SEEN_SQL = "SELECT seen_at FROM gateway WHERE id = $1 AND snapshot IS NULL"


async def test_a_read_without_the_feed_is_reported_before_it_and_once_a_lease(
    pool: Pool, gateway_pool: Pool
) -> None:
    gateway, left = GatewayIdentity.new(), {"s": 0.5}
    presence = Presence(gateway, lease_s=600, left_s=lambda: left["s"])
    load = loaders_from(
        gateway_pool, master_keys=MasterKeys([bytes(32)]), before_read=presence.report
    )

    await load.asset("aaaa")
    with_feed = await pool.fetchval(SEEN_SQL, gateway.id)
    left["s"] = -0.1
    await load.asset("aaaa")
    first = await pool.fetchval(SEEN_SQL, gateway.id)
    await load.asset("aaaa")
    second = await pool.fetchval(SEEN_SQL, gateway.id)

    assert with_feed is None
    assert first is not None
    assert second == first


async def test_a_read_is_reported_again_after_a_lease(pool: Pool, gateway_pool: Pool) -> None:
    gateway = GatewayIdentity.new()
    presence = Presence(gateway, lease_s=0, left_s=lambda: -1.0)

    async with gateway_pool.acquire() as conn:
        await presence.report(conn)
        first = await pool.fetchval(SEEN_SQL, gateway.id)
        await presence.report(conn)

    assert await pool.fetchval(SEEN_SQL, gateway.id) > first
