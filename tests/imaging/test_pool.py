"""The render pool: bounded, and truthful about it."""

import asyncio
import threading
from pathlib import Path

import pytest

from catalog.delivery.model import Format
from catalog.storage.model import StoreUnavailableError
from imaging.model import BrokenSourceError, OverloadedError, RenderDeadlineError, Rendition
from imaging.pool import PixelBudget, PoolLimits, RenderPool, open_render_pool
from imaging.vips import Stop
from tests.imaging.pictures import encoded, noise, quadrants, wanted


async def run_when_there_is_room(pool: RenderPool, master: bytes) -> Rendition:
    for _ in range(500):
        try:
            return await pool.run(master, wanted(50))
        except OverloadedError:
            await asyncio.sleep(0.01)
    raise AssertionError("no place came free")


async def test_a_file_bytes_and_a_fetch_give_the_same(tmp_path: Path) -> None:
    body = encoded(quadrants(800, 600))
    file = tmp_path / "a[1].jpg"  # libvips's own file names would read options in the brackets
    file.write_bytes(body)

    async def fetch() -> bytes:
        await asyncio.sleep(0)
        return body

    async with open_render_pool() as pool:
        found = [await pool.run(master, wanted(200)) for master in (file, body, fetch)]
    assert found[0] == found[1] == found[2]
    assert (found[0].width_px, found[0].height_px) == (200, 150)


async def test_the_effort_of_avif_is_the_pools() -> None:
    body = encoded(noise(300, 200))
    made: list[Rendition] = []
    for effort in (0, 1):
        async with open_render_pool(PoolLimits(avif_effort=effort)) as pool:
            made.append(await pool.run(body, wanted(200, Format.AVIF)))
    assert made[0].body != made[1].body


async def test_a_full_queue_refuses_at_once_and_recovers() -> None:
    body = encoded(quadrants(300, 200))
    gate = asyncio.Event()

    async def fetch() -> bytes:
        await gate.wait()
        return body

    async with open_render_pool(PoolLimits(threads=1, queue=2)) as pool:
        taken = [asyncio.create_task(pool.run(fetch, wanted(50))) for _ in range(3)]
        await asyncio.sleep(0)
        assert pool.waiting == 2
        with pytest.raises(OverloadedError):
            await pool.run(body, wanted(50))
        gate.set()
        assert len(await asyncio.gather(*taken)) == 3
        assert (await pool.run(body, wanted(50))).width_px == 50
        assert pool.waiting == 0


async def test_the_deadline_ends_the_render_and_frees_its_thread() -> None:
    large = encoded(noise(4000, 4000), "PNG", compress_level=1)
    small = encoded(quadrants(300, 200))
    async with open_render_pool(PoolLimits(threads=1, queue=0, deadline_s=0.5)) as pool:
        with pytest.raises(RenderDeadlineError):
            await pool.run(large, wanted(4000, Format.WEBP))
        # The one place is free again once libvips has stopped.
        assert (await run_when_there_is_room(pool, small)).width_px == 50


async def test_a_fetch_that_never_ends_meets_the_deadline() -> None:
    async def fetch() -> bytes:
        await asyncio.Event().wait()
        return b""

    async with open_render_pool(PoolLimits(threads=1, queue=0, deadline_s=0.5)) as pool:
        with pytest.raises(RenderDeadlineError):
            await pool.run(fetch, wanted())
        assert (await pool.run(encoded(quadrants(9, 9)), wanted(5))).width_px == 5


async def test_errors_pass_and_give_the_place_back() -> None:
    async def fetch() -> bytes:
        await asyncio.sleep(0)
        raise StoreUnavailableError("gone")

    async with open_render_pool(PoolLimits(threads=1, queue=0)) as pool:
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                await pool.run(fetch, wanted())
            with pytest.raises(BrokenSourceError):
                await pool.run(b"no image", wanted())
            with pytest.raises(BrokenSourceError):
                await pool.run(Path("/no/such/master"), wanted())


async def test_a_cancelled_call_gives_its_place_back() -> None:
    body = encoded(noise(3000, 3000), "PNG", compress_level=1)
    async with open_render_pool(PoolLimits(threads=1, queue=1)) as pool:
        calls = [asyncio.create_task(pool.run(body, wanted(3000))) for _ in range(2)]
        await asyncio.sleep(0.05)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert (await run_when_there_is_room(pool, encoded(quadrants(90, 90)))).width_px == 50


def test_pixels_in_flight_stay_below_the_bound_and_a_giant_goes_alone() -> None:
    budget = PixelBudget(100)
    entered: list[str] = []
    done = threading.Event()

    def giant() -> None:
        with budget.hold(1000, Stop()):
            entered.append("giant")
        done.set()

    with budget.hold(60, Stop()), budget.hold(40, Stop()):
        thread = threading.Thread(target=giant)
        thread.start()
        assert not done.wait(0.1)
        assert entered == []
    assert done.wait(5)
    thread.join()


def test_who_waits_for_pixels_still_hears_the_deadline() -> None:
    budget = PixelBudget(100)
    over = Stop()
    over.set()
    with budget.hold(100, Stop()), budget.hold(100, over):
        pass  # the second went on to be refused by the render itself
