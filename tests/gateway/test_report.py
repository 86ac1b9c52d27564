"""What a gateway counts reaches the database, later if it must be."""

import asyncio
from datetime import timedelta

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import GatewayIdentity
from gateway.app import create_app
from gateway.report import CountedDelivery, Reporter
from tests.support.serve import serve
from tests.support.stage import Stage
from tests.support.waiting import eventually
from vitrine.settings import Settings


async def test_counts_that_the_database_refuses_are_sent_once_it_takes_them(
    pool: Pool, gateway_pool: Pool
) -> None:
    reporter = Reporter(gateway_pool, GatewayIdentity.new())
    card = CountedDelivery(asset="aaaa", preset="card", channel="d2c", country="DE", how="direct")
    minute = utc_now().replace(second=0, microsecond=0)
    next_minute = minute + timedelta(minutes=1)
    reporter.denied("NO_GRANT", asset="aaaa", country="DE", channel="d2c", now=utc_now())
    reporter.delivered(card, minute, size=10)
    reporter.delivered(card, next_minute - timedelta(microseconds=1), size=0)
    reporter.delivered(card, next_minute, size=7)
    await pool.execute("REVOKE ALL ON FUNCTION gateway_report FROM vitrine_gateway")
    await reporter.flush()
    assert await pool.fetchval("SELECT count(*) FROM denial") == 0
    await pool.execute("GRANT EXECUTE ON FUNCTION gateway_report TO vitrine_gateway")
    reporter.delivered(card, minute, size=5)  # the clock was put right by a moment
    reporter.delivered(card._replace(country="FR"), next_minute, size=3)
    await reporter.flush()
    assert await pool.fetchval("SELECT sum(count) FROM denial") == 1
    egress = await pool.fetch("SELECT minute, country, requests, bytes FROM egress ORDER BY 1, 2")
    assert [tuple(row) for row in egress] == [
        (minute, "DE", 3, 15),
        (next_minute, "DE", 1, 7),
        (next_minute, "FR", 1, 3),
    ]


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


async def test_a_gateway_says_how_it_stands_until_it_ends(stage: Stage, settings: Settings) -> None:
    async def is_said() -> bool:
        return await stage.pool.fetchval("SELECT count(*) FROM process") == 1

    async with serve(create_app(settings)):
        await eventually(is_said)
        row = await stage.pool.fetchrow("SELECT kind, problems, feed_lag_s < 30 FROM process")
        assert row is not None
        assert tuple(row) == ("gateway", {}, True)
    assert not await is_said()
