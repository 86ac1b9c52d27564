"""Purge APIs that fail, refuse for now, or hang, for longer than a minute and all at the same time.

Most of that minute is a change of the dates in the table of purges: that is what lateness is
measured by, and so each boundary is met in seconds. `FAULTS_REAL_MINUTE=1` waits for all of it.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.responses import Response

from tests.faults.line import LEASE_S, Line, run_line
from tests.faults.watch import Watch, WatchedAnswer, watching
from tests.gateway.varnish_rig import needs_varnish
from tests.support.stage import WORLDWIDE
from tests.support.waiting import eventually

pytestmark = needs_varnish

BROKEN = ("failing", "limited", "silent")
RETRY_AFTER_S = 7
FULL, SHORT = "max-age=300", "max-age=10"
PASS_S = 0 if os.environ.get("FAULTS_REAL_MINUTE") else 25
PASS_SQL = """
UPDATE purge SET not_before = not_before - make_interval(secs => $1) WHERE driver = ANY($2)
"""


@pytest.fixture
async def line(
    database_url: str, gateway_database_url: str, tmp_path: Path
) -> AsyncGenerator[Line]:
    names = (*BROKEN, "well")
    async with run_line(database_url, gateway_database_url, tmp_path, cdns=names) as running:
        yield running


def break_apis(line: Line, mended: asyncio.Event) -> list[float]:
    """Make three of them fail in three ways; return when the limited one is asked, as it is."""
    asked_at: list[float] = []

    async def fail(_: list[str]) -> Response:
        return Response(status_code=500)

    async def limit(_: list[str]) -> Response:
        asked_at.append(time.monotonic())
        return Response(status_code=429, headers={"Retry-After": str(RETRY_AFTER_S)})

    async def hang(_: list[str]) -> Response:
        await mended.wait()
        return Response(status_code=204)  # nobody waits for it any more

    for cdn, answer in zip(line.cdns, (fail, limit, hang), strict=False):
        cdn.api.answer = answer
    return asked_at


def mend_apis(line: Line, mended: asyncio.Event) -> None:
    mended.set()
    for cdn in line.cdns:
        cdn.api.answer = None


async def test_while_purges_are_late_their_hops_alone_may_keep_little_and_nothing_is_lost(
    line: Line,
) -> None:
    other, withdrawn = [await line.stage.asset(WORLDWIDE) for _ in range(2)]
    ways = {cdn.name: (line.gateways[0].base_url, cdn.address) for cdn in line.cdns}
    dark = {name: (line.gateways[1].base_url, address) for name, (_, address) in ways.items()}
    mended = asyncio.Event()
    await line.stage.pool.execute("DELETE FROM purge")  # of what was staged: it would be late first
    asked_at = break_apis(line, mended)
    async with (
        watching(ways, line.stage.url(other), every_s=0.3) as watch,
        watching(dark, line.stage.url(withdrawn), every_s=0.3) as darkness,
    ):
        for name in ways:
            await darkness.sees_status(name, 200)
        begun_at = time.monotonic()  # no later than the commit from which a purge is late
        recorded = await line.withdraw(withdrawn)
        committed_at = time.monotonic()
        passed_at = [await _pass(line)]
        await eventually(lambda: _alarms_for_all(line), within_s=60)
        passed_at.append(await _pass(line))
        await _all_keep(watch, SHORT, names=BROKEN, within_s=90)
        await eventually(lambda: _was_asked(asked_at, times=3), within_s=30)

        mend_apis(line, mended)
        await line.lost_nothing(recorded, long_down=BROKEN)
        await _all_keep(watch, FULL, names=BROKEN, within_s=20)

    for answer in watch.answers:
        is_late = _late_s(answer.answered_at, begun_at, passed_at) > 60
        assert answer.edge_lifetime != SHORT or is_late
    # A busy machine may cost a gateway its lease, and then it answers 503. Those are few, since it
    # holds the viewer up as well, who asks for one at a time; the others are late far longer.
    asked = watch.of("well")
    shown = [each for each in asked if each.status == 200]
    assert len(shown) >= 0.9 * len(asked)
    assert {each.edge_lifetime for each in shown} == {FULL}
    assert not darkness.lit(since=committed_at + LEASE_S)
    # the two clocks of one pause begin apart
    assert all(later - earlier >= RETRY_AFTER_S - 0.1 for earlier, later in pairwise(asked_at))
    _see_alarms(line)


def _late_s(at: float, begun_at: float, passed_at: list[float]) -> float:
    """Return how late a purge is at an instant, at the most."""
    return at - begun_at + PASS_S * sum(passed <= at for passed in passed_at)


def _see_alarms(line: Line) -> None:
    """See that each broken purge was reported between half a minute and a minute late."""
    alarms = line.purger.said("purge_overdue")
    assert {each["driver"] for each in alarms} == set(BROKEN)
    assert min(each["overdue_s"] for each in alarms) >= 30
    first = {each["driver"]: each["overdue_s"] for each in reversed(alarms)}
    assert max(first.values()) < 60


async def _pass(line: Line) -> float:
    """Let `PASS_S` seconds pass for the purges of the broken; return an instant before it."""
    begun_at = time.monotonic()
    if PASS_S:
        await line.stage.pool.execute(PASS_SQL, PASS_S, list(BROKEN))
    return begun_at


async def _alarms_for_all(line: Line) -> bool:
    return {each["driver"] for each in line.purger.said("purge_overdue")} == set(BROKEN)


async def _was_asked(asked_at: list[float], *, times: int) -> bool:
    return len(asked_at) >= times


async def _all_keep(
    watch: Watch, lifetime: str, *, names: tuple[str, ...], within_s: float
) -> None:
    def does(answer: WatchedAnswer) -> bool:
        return answer.status == 200 and answer.edge_lifetime == lifetime

    for name in names:
        await watch.sees(name, does, within_s=within_s)
