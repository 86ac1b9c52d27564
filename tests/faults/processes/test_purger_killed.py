"""The purger is killed while its request is out: what it had begun is done by the next one."""

import asyncio

import pytest
from starlette.responses import Response

from tests.faults.line import Line
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish
from tests.support.waiting import eventually

pytestmark = [needs_varnish, pytest.mark.asyncio(loop_scope="package")]


async def test_a_purger_that_is_killed_while_it_waits_for_an_answer_loses_nothing(
    line: Line,
) -> None:
    async def never_answer(_: list[str]) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def is_asked() -> bool:
        return len(line.api.requests) > answered

    line.api.answer = never_answer
    answered = len(line.api.requests)
    async with trial(line) as running:
        await running.withdraw()
        await eventually(is_asked)
        line.purger.kill()
        await running.sees_everywhere(410)  # nobody's darkness waits for the purger
        line.api.answer = None
        await line.purger.start_again()
    first, repeated = line.api.requests[answered:][:2]
    assert first == repeated  # under the same idempotency id, with the same tags
