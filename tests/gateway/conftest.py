"""A real gateway on loopback, and the stage that it serves from."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from catalog.db import Pool
from edge.vcl import vcl
from gateway.app import create_app
from tests.gateway import varnish_rig
from tests.gateway.authorising import AuthorisingEdge
from tests.gateway.varnish_rig import CDN, Gateway, client, run_gateway, run_varnish
from tests.support.serve import serve
from tests.support.stage import Stage, master_key_text, store_in
from vitrine.settings import Settings, load_settings


@pytest.fixture
async def stage(pool: Pool, tmp_path: Path) -> Stage:
    """Channels, presets and a signing key."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    return stage


@pytest.fixture
def settings(database_url: str, gateway_database_url: str, tmp_path: Path) -> Settings:
    """The settings of the gateway under test."""
    return load_settings(
        home=tmp_path,
        database_url=database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
    )


@pytest.fixture
async def gateway(stage: Stage, settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of a running gateway, that follows no redirects."""
    assert stage.keys
    async with (
        serve(create_app(settings)) as base_url,
        httpx2.AsyncClient(base_url=base_url, headers={"CF-IPCountry": "DE"}) as client,
    ):
        yield client


@pytest.fixture
async def edge() -> AsyncGenerator[AuthorisingEdge]:
    """An authorising Varnish, empty, in front of a gateway that does what the test says."""
    gateway = Gateway()
    async with AsyncExitStack() as stack, AsyncExitStack() as gateway_lives:
        backend = await gateway_lives.enter_async_context(run_gateway(gateway))
        base = stack.enter_context(
            run_varnish(vcl(varnish_rig.settings(), "authorise", hop="edge", backend=backend))
        )
        browser = await stack.enter_async_context(client(base))
        cdn = await stack.enter_async_context(client(base, CDN))
        yield AuthorisingEdge(gateway, base, browser, cdn, gateway_lives)
