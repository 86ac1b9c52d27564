"""A real gateway on loopback, and the stage that it serves from."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from catalog.db import Pool
from gateway.app import create_app
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
async def gateway(stage: Stage, settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a running gateway, that follows no redirects."""
    assert stage.keys
    async with (
        serve(create_app(settings)) as base_url,
        httpx.AsyncClient(base_url=base_url, headers={"CF-IPCountry": "DE"}) as client,
    ):
        yield client
