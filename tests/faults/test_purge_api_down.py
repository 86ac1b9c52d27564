"""Purge APIs that fail, refuse for now, or hang for longer than a minute, all at the same time."""

import asyncio
import time
from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.responses import Response

from tests.faults.line import LEASE_S, Line, run_line
from tests.faults.watch import Answer, Watch, watching
from tests.gateway.varnish_rig import needs_varnish
from tests.support.stage import WORLDWIDE

pytestmark = needs_varnish

BROKEN = ("failing", "limited", "silent")
RETRY_AFTER_S = 7
FULL, SHORT = "max-age=300", "max-age=10"


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
        await _all_keep(watch, SHORT, names=BROKEN, within_s=90)
        short_after_s = time.monotonic() - begun_at

        mend_apis(line, mended)
        await line.lost_nothing(recorded, long_down=BROKEN)
        await _all_keep(watch, FULL, names=BROKEN, within_s=20)

    assert short_after_s > 60
    assert {each.edge_lifetime for each in watch.of("well")} == {FULL}
    assert not darkness.lit(since=committed_at + LEASE_S)
    pauses_s = [later - earlier for earlier, later in pairwise(asked_at)]
    assert min(pauses_s) >= RETRY_AFTER_S - 0.1  # the two clocks of one pause begin apart
    alarms = line.purger.said("purge_overdue")
    assert {each["driver"] for each in alarms} == set(BROKEN)
    assert min(each["overdue_s"] for each in alarms) >= 30
    first = {each["driver"]: each["overdue_s"] for each in reversed(alarms)}
    assert max(first.values()) < 60


async def _all_keep(
    watch: Watch, lifetime: str, *, names: tuple[str, ...], within_s: float
) -> None:
    def does(answer: Answer) -> bool:
        return answer.status == 200 and answer.edge_lifetime == lifetime

    for name in names:
        await watch.sees(name, does, within_s=within_s)
