"""A real api on loopback, and the shop that it reads from."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from catalog.db import Pool
from serving.settings import Settings, load_settings
from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.serve import serve
from tests.support.stage import Stage, master_key_text, store_in


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """Channels, markets, locales, presets and a signing key."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    shop = Shop(stage)
    await shop.build()
    return shop


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of the api under test: the public graph is open."""
    return load_settings(
        home=tmp_path,
        database_url=database_url,
        master_key=master_key_text(),
        public_reads="true",
        media_base="https://media.test",
        cors_origins="loopback,https://shop.test",
    )


@pytest.fixture
async def http(shop: Shop, settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
    """HTTP to a running api."""
    assert shop.stage.keys
    async with (
        serve(create_app(settings)) as base_url,
        httpx.AsyncClient(base_url=base_url) as client,
    ):
        yield client


@pytest.fixture
def client(http: httpx.AsyncClient) -> Client:
    """GraphQL to a running api."""
    return Client(http)
