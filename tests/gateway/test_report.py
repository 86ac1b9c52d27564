"""What a gateway counts reaches the database, later if it must be."""

import asyncio

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import GatewayIdentity
from gateway.report import Reporter


async def test_counts_that_the_database_refuses_are_sent_once_it_takes_them(
    pool: Pool, gateway_pool: Pool
) -> None:
    reporter = Reporter(gateway_pool, GatewayIdentity.new())
    reporter.denied("NO_GRANT", asset="aaaa", country="DE", channel="d2c", now=utc_now())
    await pool.execute("REVOKE ALL ON FUNCTION gateway_report FROM vitrine_gateway")
    await reporter.flush()
    assert await pool.fetchval("SELECT count(*) FROM denial") == 0
    await pool.execute("GRANT EXECUTE ON FUNCTION gateway_report TO vitrine_gateway")
    await reporter.flush()
    assert await pool.fetchval("SELECT sum(count) FROM denial") == 1


async def test_gateways_that_count_the_same_do_not_wait_for_each_other(
    pool: Pool, gateway_pool: Pool
) -> None:
    assets, now = [f"asset{number}" for number in range(1_000)], utc_now()
    reporters = [Reporter(gateway_pool, GatewayIdentity.new()) for _ in range(2)]
    for reporter, order in zip(reporters, (assets, assets[::-1]), strict=True):
        for asset in order:
            reporter.denied("NO_GRANT", asset=asset, country="DE", channel="d2c", now=now)
    await asyncio.gather(*(reporter.flush() for reporter in reporters))
    assert await pool.fetchval("SELECT sum(count) FROM denial") == 2 * len(assets)
