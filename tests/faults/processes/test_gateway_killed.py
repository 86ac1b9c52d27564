"""A gateway is killed: the other goes on, and a cold index never shows what has ended."""

import pytest

from tests.faults.line import Line
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish

pytestmark = [needs_varnish, pytest.mark.asyncio(loop_scope="package")]


async def test_a_gateway_that_is_killed_takes_its_edge_along_and_comes_back_dark(
    line: Line,
) -> None:
    first, _ = line.gateways
    async with trial(line) as running:
        first.kill()
        await running.watch.sees_status("edge", 503)  # though it holds the picture
        await running.watch.sees_status("second", 200)
        await running.withdraw()
        await running.watch.sees_status("second", 410)
        await first.start_again()
    answers = running.watch.of("second")
    assert 0 not in {answer.status for answer in answers}  # no connection of the other broke
    late = running.watch.of("first", since=running.committed_at)
    assert {answer.status for answer in late} <= {0, 410, 503}
