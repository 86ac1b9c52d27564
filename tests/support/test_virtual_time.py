"""The loop of virtual time is held to what the tests on it rely upon."""

import asyncio
import time

import pytest

from tests.support.virtual_time import VirtualTimeLoop, WaitsForEverError


async def _hours() -> list[tuple[str, float]]:
    loop, seen = asyncio.get_running_loop(), list[tuple[str, float]]()

    async def sleeper(name: str, interval_s: float) -> None:
        for _ in range(2):
            await asyncio.sleep(interval_s)
            seen.append((name, round(loop.time(), 6)))

    await asyncio.gather(sleeper("slow", 3600), sleeper("quick", 0.1))
    return seen


def test_hours_pass_at_once_and_in_the_order_of_the_timers() -> None:
    began_at = time.monotonic()
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(_hours()) == [
            ("quick", 0.1),
            ("quick", 0.2),
            ("slow", 3600),
            ("slow", 7200),
        ]
    assert time.monotonic() - began_at < 60


def test_what_never_comes_is_an_error_and_no_hang() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner, pytest.raises(WaitsForEverError):
        runner.run(wait())
