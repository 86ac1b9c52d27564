"""A queue that is full and a deadline that is over are 503, never a wait without end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from catalog.delivery.model import Format, RenditionRequest
from catalog.errors import VitrineError
from catalog.storage.folder import FolderStore
from gateway.app import open_gateway
from imaging.pool import PoolLimits, open_render_pool
from imaging.stored_renditions import open_stored_renditions
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage, StagedAsset
from tests.support.waiting import eventually
from vitrine.settings import Settings


class SlowStore(FolderStore):
    """A store that answers when the test lets it."""

    def __init__(self, inner: Stage) -> None:
        self._inner = inner.store
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def read(self, key: str) -> bytes:
        if key.startswith("masters/"):
            self.asked.set()
            await self.gate.wait()
        return await self._inner.read(key)

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        await self._inner.write(key, body, lasting=lasting)

    async def exists(self, key: str) -> bool:
        return await self._inner.exists(key)

    def local_path(self, key: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as S3
        """Keep no files."""

    def at_hand(self) -> None:
        """Be waited for, as S3 is."""


def _ignore(_: RenditionRequest, __: VitrineError) -> None:
    pass


@asynccontextmanager
async def gateway_with(
    settings: Settings, store: SlowStore, limits: PoolLimits
) -> AsyncGenerator[httpx2.AsyncClient]:
    async with (
        open_gateway(settings, {}) as opened,
        open_render_pool(limits) as pool,
        open_stored_renditions(store, pool, not_stored=_ignore) as renditions,
    ):
        gateway = replace(opened, renditions=renditions)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await (await gateway.handle(Request(scope, receive)))(scope, receive, send)

        async with serve(app) as base_url, httpx2.AsyncClient(base_url=base_url) as client:
            yield client


def assert_busy(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_full_queue_refuses_at_once_and_serves_again_when_it_is_not(
    stage: Stage, settings: Settings
) -> None:
    first, second = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    async with gateway_with(settings, store, PoolLimits(threads=1, queue=0)) as client:
        held = asyncio.create_task(client.get(stage.url(first)))
        await store.asked.wait()

        assert_busy(await client.get(stage.url(second)))

        store.gate.set()
        assert (await held).status_code == 200
        assert (await client.get(stage.url(second))).status_code == 200


async def test_a_render_that_is_not_done_by_its_deadline_is_given_up(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    limits = PoolLimits(threads=1, queue=0, deadline_s=1.0)
    async with gateway_with(settings, store, limits) as client:
        assert_busy(await client.get(stage.url(asset)))

        store.gate.set()
        assert (await client.get(stage.url(asset))).status_code == 200


#: Busy with one render, anything that has to wait is late.
IMPATIENT = PoolLimits(threads=1, queue=2, budget_s=0)
MODERN = {"Accept": "image/avif,image/webp,*/*"}


@asynccontextmanager
async def busy(client: httpx2.AsyncClient, stage: Stage, store: SlowStore) -> AsyncGenerator[None]:
    """Hold the only thread with another picture until the end of the block."""
    store.gate.clear()
    store.asked.clear()
    other = await stage.asset(WORLDWIDE)
    held = asyncio.create_task(client.get(stage.url(other)))
    await store.asked.wait()
    yield
    store.gate.set()
    assert (await held).status_code == 200


def auto(stage: Stage, asset: StagedAsset) -> str:
    return stage.url(asset, image_format=Format.AUTO)


async def test_auto_is_answered_in_a_cheaper_format_that_is_there_and_properly_afterwards(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    store.gate.set()
    async with gateway_with(settings, store, IMPATIENT) as client:
        webp = await client.get(stage.url(asset, image_format=Format.WEBP))
        async with busy(client, stage, store):
            stand_in = await client.get(auto(stage, asset), headers=MODERN)

            assert (stand_in.status_code, stand_in.content) == (200, webp.content)
            assert stand_in.headers["Content-Type"] == "image/webp"
            assert stand_in.headers["Vary"] == "Accept"
            assert "max-age=10," in stand_in.headers["Cache-Control"]
            assert stand_in.headers["Cache-Status"] == "Vitrine; hit; detail=stand-in"
        # nobody asks for it, and it is made
        await eventually(lambda: stored(stage, asset, 2))
        proper = await client.get(auto(stage, asset), headers=MODERN)
        assert proper.headers["Content-Type"] == "image/avif"
        assert proper.headers["Cache-Status"] == "Vitrine; hit; detail=memory"
        assert "max-age=60," in proper.headers["Cache-Control"]


async def stored(stage: Stage, asset: StagedAsset, count: int) -> bool:
    """Whether so many renditions of an asset are in the store."""
    source = await stage.pool.fetchval(
        "SELECT sha256 FROM asset_version WHERE asset = $1", asset.id
    )
    return len([each async for each in stage.store.objects(f"renditions/{source}/")]) == count


async def test_auto_with_nothing_stored_waits_for_the_cheapest_alone(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    async with gateway_with(settings, store, IMPATIENT) as client:
        async with busy(client, stage, store):
            waiting = asyncio.create_task(client.get(auto(stage, asset), headers=MODERN))
        answer = await waiting
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert "max-age=10," in answer.headers["Cache-Control"]
        await eventually(lambda: stored(stage, asset, 2))


async def test_a_format_that_is_named_is_waited_for_whatever_else_is_there(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    store.gate.set()
    async with gateway_with(settings, store, IMPATIENT) as client:
        assert (await client.get(stage.url(asset))).status_code == 200
        async with busy(client, stage, store):
            avif = asyncio.create_task(client.get(stage.url(asset, image_format=Format.AVIF)))
        answer = await avif
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/avif")
        assert "max-age=60," in answer.headers["Cache-Control"]


async def test_a_full_queue_refuses_a_named_format_and_auto_without_anything_stored(
    stage: Stage, settings: Settings
) -> None:
    known, unknown = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    store.gate.set()
    limits = PoolLimits(threads=1, queue=0)  # with all the time there is
    async with gateway_with(settings, store, limits) as client:
        assert (await client.get(stage.url(known))).status_code == 200
        async with busy(client, stage, store):
            assert_busy(await client.get(stage.url(known, image_format=Format.AVIF)))
            assert_busy(await client.get(auto(stage, unknown), headers=MODERN))
            stand_in = await client.get(auto(stage, known), headers=MODERN)
            assert (stand_in.status_code, stand_in.headers["Content-Type"]) == (200, "image/jpeg")


async def test_without_load_auto_is_the_best_format_however_long_it_takes(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    store = SlowStore(stage)
    store.gate.set()
    async with gateway_with(settings, store, IMPATIENT) as client:
        answer = await client.get(auto(stage, asset), headers=MODERN)
        assert answer.headers["Content-Type"] == "image/avif"
        assert "max-age=60," in answer.headers["Cache-Control"]
