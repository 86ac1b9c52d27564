"""Varnish is killed with purges under way: they stay open until it is back and was purged."""

import pytest

from tests.faults.line import Line
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish
from tests.support.waiting import eventually

pytestmark = [needs_varnish, pytest.mark.asyncio(loop_scope="package")]

OPEN_SQL = """
SELECT count(*) FROM purge WHERE cause = $1 AND driver = 'edge' AND pass = 1 AND state = 'sent'
    AND attempts > 1
"""
DONE_SQL = """
SELECT count(*) FROM purge WHERE cause = $1 AND driver = 'cdn' AND pass = 1
    AND state = 'confirmed'
"""


async def test_the_purge_of_a_varnish_that_was_killed_waits_until_it_is_back(line: Line) -> None:
    async with trial(line) as running:
        line.edge.kill()
        await running.watch.sees_status("edge", 0)
        await running.withdraw()
        recorded = running.recorded
        assert recorded is not None

        async def is_open() -> bool:
            pool = line.stage.pool
            tried = await pool.fetchval(OPEN_SQL, recorded.id)
            return (tried, await pool.fetchval(DONE_SQL, recorded.id)) == (1, 1)

        await eventually(is_open)  # tried again and again, while the other CDN is done
        await line.edge.start()
    assert {each.status for each in running.watch.of("edge", since=running.committed_at)} <= {
        0,
        410,
        503,
    }
