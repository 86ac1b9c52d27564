"""The purger is killed while its request is out: what it had begun is done by the next one."""

import asyncio
import time

from starlette.responses import Response

from tests.faults.line import LEASE_S, Line
from tests.faults.watch import watching
from tests.gateway.varnish_rig import needs_varnish
from tests.support.stage import WORLDWIDE
from tests.support.waiting import eventually

pytestmark = needs_varnish


async def test_a_purger_that_is_killed_while_it_waits_for_an_answer_loses_nothing(
    line: Line,
) -> None:
    async def never_answer(_: list[str]) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def is_asked() -> bool:
        return bool(line.api.requests)

    asset = await line.stage.asset(WORLDWIDE)
    line.api.answer = never_answer
    async with watching(line.targets, line.stage.url(asset)) as watch:
        for target in line.targets:
            await watch.sees_status(target, 200)
        recorded = await line.withdraw(asset)
        committed_at = time.monotonic()
        await eventually(is_asked)
        line.purger.kill()
        for target in line.targets:
            await watch.sees_status(target, 410)  # nobody's darkness waits for the purger
        line.api.answer = None

        await line.purger.start_again()
        await line.lost_nothing(recorded)

        first, repeated = line.api.requests[:2]
        assert first == repeated
        url = await line.reinstate(asset)
        assert not watch.lit(since=committed_at + LEASE_S)
    async with watching(line.targets, url) as watch:
        for target in line.targets:
            await watch.sees_status(target, 200)
