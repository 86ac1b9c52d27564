"""Stored renditions: one render, however many ask, and honest errors."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import prometheus_client
import pytest
import structlog

from catalog.storage.folder import FolderStore
from catalog.storage.model import StoreFullError, StoreUnavailableError
from imaging.content_key import content_key
from imaging.model import BrokenSourceError, RenditionTooLargeError
from imaging.pool import PoolLimits, open_render_pool
from imaging.stored_renditions import (
    BROKEN_FOR_S,
    StoredLimits,
    StoredRendition,
    open_stored_renditions,
)
from tests.imaging.pictures import encoded, noise, quadrants
from tests.imaging.stored_rig import REQUEST, Bench, fresh, ignore, store_rendition

_THREADS = (os.cpu_count() or 1) + 1  # one more than a render can have a core for


async def test_first_rendered_then_from_memory_then_from_the_store(bench: Bench) -> None:
    first = await bench.renditions.find_or_render(REQUEST)
    second = await bench.renditions.find_or_render(REQUEST)
    await bench.renditions.close()
    async for other in fresh(bench):
        third = await other.find_or_render(REQUEST)
        assert (first.how, second.how, third.how) == ("rendered", "memory", "store")
        assert first.rendition == second.rendition == third.rendition
        assert first.etag == second.etag == third.etag
        assert first.etag[0] == first.etag[-1] == '"'


async def test_while_a_stored_one_is_asked_for_renders_leave_room(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.write(REQUEST.master_key, encoded(quadrants(400, 300)))
    async with (
        open_render_pool(PoolLimits(threads=_THREADS)) as pool,
        open_stored_renditions(store, pool, not_stored=ignore) as renditions,
    ):
        stored = await renditions.find_or_render(REQUEST)
        assert pool.at_once == _THREADS

        def while_asked() -> int:
            renditions.remembered(stored.key)
            return pool.at_once

        # again where the machine took longer than it counts
        assert any(while_asked() < _THREADS for _ in range(100))


async def test_they_leave_room_for_one_that_is_not_in_memory_too(tmp_path: Path) -> None:
    store, nothing_in_memory = FolderStore(tmp_path), StoredLimits(memory_bytes=0)
    await store.write(REQUEST.master_key, encoded(quadrants(400, 300)))
    async with (
        open_render_pool(PoolLimits(threads=_THREADS)) as pool,
        open_stored_renditions(
            store, pool, not_stored=ignore, limits=nothing_in_memory
        ) as renditions,
    ):
        await renditions.store(REQUEST)
        assert pool.at_once == _THREADS

        async def while_asked() -> int:
            assert (await renditions.find_or_render(REQUEST)).how == "store"
            return pool.at_once

        # again where the machine took longer than it counts
        assert min([await while_asked() for _ in range(100)]) < _THREADS


async def test_many_who_ask_at_once_share_one_render(bench: Bench) -> None:
    bench.store.gate = asyncio.Event()
    calls = [asyncio.create_task(bench.renditions.find_or_render(REQUEST)) for _ in range(20)]
    await asyncio.sleep(0)
    bench.store.gate.set()
    found = await asyncio.gather(*calls)
    assert sorted({one.how for one in found}) == ["coalesced", "rendered"]
    assert [one.how for one in found].count("rendered") == 1
    assert bench.store.reads.count(REQUEST.master_key) == 1


async def test_a_waiter_that_leaves_takes_nobody_along(bench: Bench) -> None:
    bench.store.gate = asyncio.Event()
    calls = [asyncio.create_task(bench.renditions.find_or_render(REQUEST)) for _ in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()  # the one that began it
    await asyncio.sleep(0)
    bench.store.gate.set()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert isinstance(ended[1], StoredRendition)
    assert isinstance(ended[2], StoredRendition)


async def test_when_all_have_left_the_render_is_still_kept(bench: Bench) -> None:
    bench.store.gate = asyncio.Event()
    call = asyncio.create_task(bench.renditions.find_or_render(REQUEST))
    await asyncio.sleep(0)
    call.cancel()
    bench.store.gate.set()
    found = await bench.renditions.find_or_render(REQUEST)
    assert found.how == "coalesced"
    assert bench.store.reads.count(REQUEST.master_key) == 1


async def test_an_error_reaches_every_waiter(bench: Bench) -> None:
    await bench.store.write(REQUEST.master_key, b"broken")
    bench.store.gate = asyncio.Event()
    calls = [asyncio.create_task(bench.renditions.find_or_render(REQUEST)) for _ in range(5)]
    await asyncio.sleep(0)
    bench.store.gate.set()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, BrokenSourceError) for error in ended)


@pytest.mark.parametrize("body", [None, b"broken"])
async def test_a_broken_master_is_remembered_for_a_minute(bench: Bench, body: bytes | None) -> None:
    whole = await bench.store.read(REQUEST.master_key)
    await bench.store.delete(REQUEST.master_key)
    if body is not None:
        await bench.store.write(REQUEST.master_key, body)
    with pytest.raises(BrokenSourceError):
        await bench.renditions.find_or_render(REQUEST)
    await bench.store.write(REQUEST.master_key, whole)
    bench.store.reads.clear()
    bench.now_s[0] += BROKEN_FOR_S - 1
    with pytest.raises(BrokenSourceError):
        await bench.renditions.find_or_render(replace(REQUEST, width_px=50))
    assert REQUEST.master_key not in bench.store.reads
    bench.now_s[0] += 1
    assert (await bench.renditions.find_or_render(REQUEST)).how == "rendered"


async def test_what_is_too_large_is_remembered_for_a_minute_and_its_source_is_not_broken(
    bench: Bench,
) -> None:
    await bench.store.write(REQUEST.master_key, encoded(noise(400, 300)))
    too_large = replace(REQUEST, recipe=replace(REQUEST.recipe, max_bytes=1000))
    with pytest.raises(RenditionTooLargeError) as first:
        await bench.renditions.find_or_render(too_large)
    bench.store.reads.clear()
    bench.now_s[0] += BROKEN_FOR_S - 1
    with pytest.raises(RenditionTooLargeError, match=first.value.message):
        await bench.renditions.find_or_render(too_large)
    assert REQUEST.master_key not in bench.store.reads
    assert (await bench.renditions.find_or_render(REQUEST)).how == "rendered"
    bench.store.reads.clear()
    bench.now_s[0] += 1
    with pytest.raises(RenditionTooLargeError):
        await bench.renditions.find_or_render(too_large)
    assert REQUEST.master_key in bench.store.reads


async def test_how_it_is_made_is_told_also_of_what_another_process_has_made(bench: Bench) -> None:
    first = await bench.renditions.explain(REQUEST)
    await bench.renditions.close()
    async for other in fresh(bench):
        found = await other.find_or_render(REQUEST)
        assert (found.how, found.rendition.making) == ("store", None)
        explained = await other.explain(REQUEST)
        again = await other.explain(REQUEST)
        assert explained.rendition == first.rendition
        assert explained.rendition.making is not None
        assert again.rendition.making is explained.rendition.making  # and made but once
        assert (await other.find_or_render(REQUEST)).etag == first.etag


async def test_what_is_stored_is_served_though_its_master_is_broken(bench: Bench) -> None:
    await bench.renditions.find_or_render(REQUEST)
    await bench.renditions.close()
    await bench.store.delete(REQUEST.master_key)
    async for other in fresh(bench):
        with pytest.raises(BrokenSourceError):
            await other.find_or_render(replace(REQUEST, width_px=50))
        assert (await other.find_or_render(REQUEST)).how == "store"


async def test_a_store_that_is_gone_is_said_so_and_not_remembered(bench: Bench) -> None:
    bench.store.gone = True
    with pytest.raises(StoreUnavailableError):
        await bench.renditions.find_or_render(REQUEST)
    bench.store.gone = False
    assert (await bench.renditions.find_or_render(REQUEST)).how == "rendered"


async def test_a_folder_that_vanished_is_unavailable_and_no_broken_source(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store").rmdir()
    async with (
        open_render_pool() as pool,
        open_stored_renditions(store, pool, not_stored=ignore) as renditions,
    ):
        with pytest.raises(StoreUnavailableError):
            await renditions.find_or_render(REQUEST)


class ComesBack(FolderStore):
    """Its masters are away until it is asked whether they are there."""

    async def exists(self, key: str) -> bool:
        await self.write(key, encoded(quadrants(400, 300)))
        return await super().exists(key)


async def test_a_master_that_was_away_for_a_moment_is_unavailable_and_no_broken_source(
    bench: Bench, tmp_path: Path
) -> None:
    async for renditions in fresh(bench, ComesBack(tmp_path / "store")):
        with pytest.raises(StoreUnavailableError):
            await renditions.find_or_render(REQUEST)
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"


async def test_a_master_that_is_there_and_broken_is_no_store_that_was_away(
    bench: Bench, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "store")
    await store.write(REQUEST.master_key, b"broken")
    async for renditions in fresh(bench, store):
        with pytest.raises(BrokenSourceError):
            await renditions.find_or_render(REQUEST)


async def test_from_a_folder_the_master_is_read_in_place(bench: Bench) -> None:
    async for other in fresh(bench, FolderStore(bench.store.root)):
        assert (await other.find_or_render(REQUEST)).how == "rendered"
        with pytest.raises(BrokenSourceError):
            await other.find_or_render(replace(REQUEST, source_sha256="ef" * 32, master_key="none"))


class AtHand(FolderStore):
    """A folder that is used in place, on whatever the tests run."""

    full = False

    def at_hand(self) -> FolderStore:
        return self

    def put(self, key: str, body: bytes) -> None:
        if self.full:
            raise StoreFullError("full")
        super().put(key, body)

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        assert lasting, "a rendition is put by whoever made it"
        await super().write(key, body, lasting=lasting)


async def test_in_a_folder_at_hand_it_is_kept_by_whoever_made_it(
    bench: Bench, tmp_path: Path
) -> None:
    store = AtHand(tmp_path)
    async for renditions in fresh(bench, store):
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"
        assert (tmp_path / content_key(REQUEST)).is_file()  # by now: nothing is waited for
    async for other in fresh(bench, store):
        assert (await other.find_or_render(REQUEST)).how == "store"
        assert not await other.store(REQUEST)
        assert await other.store(replace(REQUEST, width_px=50))


async def test_in_a_folder_at_hand_that_is_full_it_is_sent_and_reported(
    bench: Bench, tmp_path: Path
) -> None:
    store = AtHand(tmp_path)
    store.full = True
    async for renditions in fresh(bench, store):
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"
        assert [error.code for error in bench.not_stored] == ["UNAVAILABLE"]
        with pytest.raises(StoreUnavailableError):
            await renditions.store(replace(REQUEST, width_px=50))


async def test_with_a_full_disk_it_is_rendered_sent_and_reported(bench: Bench) -> None:
    bench.store.full = True
    found = await bench.renditions.find_or_render(REQUEST)
    assert found.how == "rendered"
    await bench.renditions.close()
    assert [error.code for error in bench.not_stored] == ["UNAVAILABLE"]
    assert [each async for each in bench.store.objects("renditions/")] == []


@pytest.mark.parametrize("damage", ["cut short", "of another key", "one bit", "without a seal"])
async def test_what_the_store_does_not_hand_back_as_it_was_is_made_again_and_replaced(
    bench: Bench, damage: str
) -> None:
    whole = await store_rendition(bench, REQUEST)
    handed_back = {
        "cut short": whole[:-1],
        "of another key": await store_rendition(bench, replace(REQUEST, width_px=50)),
        "one bit": bytes([whole[0] ^ 1]) + whole[1:],
        "without a seal": whole[:-56],  # as renditions were stored once
    }[damage]
    await bench.store.write(content_key(REQUEST), handed_back)
    before = _counted("store")

    found = await bench.renditions.find_or_render(REQUEST)

    assert (found.how, found.rendition.width_px) == ("rendered", 100)
    await bench.renditions.close()
    assert await bench.store.read(content_key(REQUEST)) == whole
    assert _counted("store") == before + 1


async def test_damage_is_logged_once(bench: Bench) -> None:
    key = content_key(REQUEST)
    with structlog.testing.capture_logs() as logs:
        async with open_stored_renditions(
            bench.store, bench.pool, not_stored=ignore, limits=StoredLimits(memory_bytes=0)
        ) as renditions:
            for _ in range(3):
                await bench.store.write(key, b"damaged")
                assert (await renditions.find_or_render(REQUEST)).how == "rendered"
                await renditions.close()
    assert [each["key"] for each in logs if each["event"] == "rendition_damaged"] == [key]


def _counted(tier: str) -> float:
    found = prometheus_client.REGISTRY.get_sample_value(
        "vitrine_renditions_damaged_total", {"tier": tier}
    )
    return found or 0.0


async def test_making_ahead_makes_what_is_missing_and_says_what_could_not_be_stored(
    bench: Bench,
) -> None:
    assert await bench.renditions.store(REQUEST)
    bench.store.reads.clear()
    assert not await bench.renditions.store(REQUEST)
    assert bench.store.reads == []
    bench.store.full = True
    with pytest.raises(StoreUnavailableError):
        await bench.renditions.store(replace(REQUEST, width_px=50))


async def test_the_memory_is_bounded_by_bytes(bench: Bench) -> None:
    requests = [replace(REQUEST, width_px=width) for width in range(50, 60)]
    async with open_stored_renditions(
        bench.store, bench.pool, not_stored=ignore, limits=StoredLimits(memory_bytes=1000)
    ) as renditions:
        for request in requests:
            await renditions.find_or_render(request)
        again = [(await renditions.find_or_render(request)).how for request in requests]
    assert "memory" not in again[:5]
