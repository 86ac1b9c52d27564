"""A gateway is stopped past its lease and wakes up believing what was true before.

What holds: nothing is delivered by a decision from before the stop, whether the request waited in
the kernel, or had been read and decided once and waited for its rendition. Between the last
decision and the first byte nothing is waited for, so a stop there holds back an answer that has
begun, as a slow network would; `tests/gateway/test_last_decision.py` holds on to that.
"""

import asyncio
import os
import time
from pathlib import Path

import httpx2
import pytest

from tests.faults.line import LEASE_S, VIEWER, Line
from tests.faults.programs import VitrineProcess
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish
from tests.support.stage import WORLDWIDE
from tests.support.waiting import eventually

pytestmark = [needs_varnish, pytest.mark.asyncio(loop_scope="package")]

GERMAN = {"CF-IPCountry": "DE"}


async def test_a_gateway_that_wakes_after_its_lease_delivers_nothing_by_what_it_knew(
    line: Line,
) -> None:
    frozen, _ = line.gateways
    async with trial(line) as running:
        url = line.stage.url(running.asset)
        frozen.freeze()
        waiting = [asyncio.create_task(_status(frozen, url)) for _ in range(8)]
        await asyncio.sleep(LEASE_S / 2)  # they are with the kernel, within the lease
        await running.withdraw()
        await running.watch.sees_status("second", 410)
        await asyncio.sleep(2 * LEASE_S)
        assert not any(task.done() for task in waiting)
        thawed_at = time.monotonic()
        frozen.thaw()
        assert 200 not in await asyncio.gather(*waiting)
        await running.sees_everywhere(410)
    woken = [each for each in running.watch.answers if each.answered_at >= thawed_at]
    assert {each.target for each in woken} == set(line.targets)
    assert not [each for each in woken if each.status == 200]


async def test_what_was_decided_before_a_stop_and_waited_for_its_rendition_is_decided_again(
    line: Line,
) -> None:
    frozen, other = line.gateways
    asset = await line.stage.asset(WORLDWIDE)
    url = line.stage.url(asset)
    before = _renditions(line)
    assert await _status(other, url) == 200
    rendition = await _stored_rendition(line, before)
    body = rendition.read_bytes()
    rendition.unlink()
    os.mkfifo(rendition)  # whoever reads it waits for the test
    waiting = asyncio.create_task(_status(frozen, url))
    pipe = await asyncio.wait_for(asyncio.to_thread(rendition.open, "wb", 0), timeout=20)
    with pipe:  # it has been decided: the rendition is being read
        frozen.freeze()
        await line.withdraw(asset)
        await asyncio.sleep(2 * LEASE_S)
        pipe.write(body)
    frozen.thaw()
    assert await waiting in {410, 503}
    rendition.unlink()


async def _status(program: VitrineProcess, url: str) -> int:
    transport = httpx2.AsyncHTTPTransport(local_address=VIEWER)
    async with httpx2.AsyncClient(transport=transport, headers=GERMAN, timeout=30) as client:
        return (await client.get(f"{program.base_url}{url}")).status_code


def _renditions(line: Line) -> set[Path]:
    return {each for each in (line.folder / "store/renditions").rglob("*") if each.is_file()}


async def _stored_rendition(line: Line, before: set[Path]) -> Path:
    """Wait for the one rendition that is new in the store; it is written behind the answer."""

    async def is_written() -> bool:
        return _renditions(line) > before

    await eventually(is_written)
    (rendition,) = _renditions(line) - before
    return rendition
