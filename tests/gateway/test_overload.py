"""A queue that is full and a deadline that is over are 503, never a wait without end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.storage.folder import FolderStore
from gateway.app import open_gateway
from imaging.pool import PoolLimits, open_render_pool
from imaging.stored import open_stored_renditions
from serving.settings import Settings
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage


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

    async def write(self, key: str, body: bytes) -> None:
        await self._inner.write(key, body)

    async def exists(self, key: str) -> bool:
        return await self._inner.exists(key)

    def local_path(self, key: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as S3
        """Keep no files."""


def _ignore(_: RenditionRequest, __: VitrineError) -> None:
    pass


@asynccontextmanager
async def gateway_with(
    settings: Settings, store: SlowStore, limits: PoolLimits
) -> AsyncGenerator[httpx.AsyncClient]:
    async with (
        open_gateway(settings, {}) as opened,
        open_render_pool(limits) as pool,
        open_stored_renditions(store, pool, not_stored=_ignore) as renditions,
    ):
        gateway = replace(opened, renditions=renditions)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await (await gateway.handle(Request(scope, receive)))(scope, receive, send)

        async with serve(app) as base_url, httpx.AsyncClient(base_url=base_url) as client:
            yield client


def assert_busy(answer: httpx.Response) -> None:
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
    limits = PoolLimits(threads=1, queue=0, deadline_s=0.2)
    async with gateway_with(settings, store, limits) as client:
        assert_busy(await client.get(stage.url(asset)))

        store.gate.set()
        assert (await client.get(stage.url(asset))).status_code == 200
