"""What a gateway counts reaches the database, later if it must be."""

import uuid

from catalog.clock import utc_now
from catalog.db import Pool
from gateway.report import Reporter


async def test_counts_that_the_database_refuses_are_sent_once_it_takes_them(
    pool: Pool, gateway_pool: Pool
) -> None:
    reporter = Reporter(gateway_pool, uuid.uuid4())
    reporter.denied("NO_GRANT", asset="aaaa", country="DE", channel="d2c", now=utc_now())
    await pool.execute("REVOKE ALL ON FUNCTION gateway_report FROM vitrine_gateway")
    await reporter.flush()
    assert await pool.fetchval("SELECT count(*) FROM denial") == 0
    await pool.execute("GRANT EXECUTE ON FUNCTION gateway_report TO vitrine_gateway")
    await reporter.flush()
    assert await pool.fetchval("SELECT sum(count) FROM denial") == 1
