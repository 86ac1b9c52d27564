"""A real api on loopback, and the shop that it reads from."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette

from api.app import create_app
from catalog.db import Pool
from tests.api.client import Client
from tests.api.shop import COLOURS, Product, Shop, attribute
from tests.support.purging import purging
from tests.support.redis_server import run_redis
from tests.support.serve import serve
from tests.support.stage import Stage, StagedAsset, master_key_text, store_in
from vitrine.settings import Settings, load_settings


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """Channels, markets, locales, presets and a signing key."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    shop = Shop(stage)
    await shop.build()
    return shop


@pytest.fixture
async def lamp(shop: Shop) -> Product:
    """A model with a red and a blue variant; the blue one has a hero of its own."""
    name = attribute("name", "text", ("en-US", None, "Lamp"), ("de-DE", None, "Leuchte"))
    colour = attribute("colour", "select", options=COLOURS)
    model = await shop.put(Product("LAMP", "MODEL"), name, colour, facets=["colour=red"])
    hero = await shop.asset(alt={"en-US": "A lamp", "de-DE": "Eine Leuchte"})
    gallery = await shop.asset(alt={"en-US": "Detail"})
    await shop.link(model, hero, "hero")
    await shop.link(model, gallery, "gallery", 2)
    for sku, code in (("LAMP-R", "red"), ("LAMP-B", "blue")):
        variant = Product(sku, "VARIANT", [model])
        own = attribute("colour", "select", code, options=COLOURS)
        await shop.put(variant, name, own, options={"colour": code})
        await shop.link(variant, await shop.asset(), "swatch")
        if code == "blue":
            await shop.link(variant, await shop.asset(), "hero")
    return model


@pytest.fixture
async def vase(shop: Shop) -> StagedAsset:
    """A vase with a hero."""
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    asset = await shop.asset(alt={"en-US": "A vase"})
    await shop.link(product, asset, "hero")
    return asset


@pytest.fixture
def settings(process_database_url: str, tmp_path: Path) -> Settings:
    """The settings of the api under test: the public graph is open."""
    return load_settings(
        home=tmp_path,
        database_url=process_database_url,
        master_key=master_key_text(),
        public_reads="true",
        media_base="https://media.test",
        cors_origins="loopback,https://shop.test",
    )


@pytest.fixture
def app(settings: Settings) -> Starlette:
    """The app under test."""
    return create_app(settings)


@pytest.fixture
async def http(
    shop: Shop, app: Starlette, settings: Settings
) -> AsyncGenerator[httpx2.AsyncClient]:
    """HTTP to a running api."""
    assert shop.stage.keys
    if settings.purge_drivers:
        await purging(shop.pool, settings.drivers, answer_drivers=settings.answer_drivers)
    server = serve(app, with_websockets=True)
    async with server as base_url, httpx2.AsyncClient(base_url=base_url) as client:
        yield client


@pytest.fixture
def client(http: httpx2.AsyncClient) -> Client:
    """GraphQL to a running api."""
    return Client(http)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncGenerator[Redis]:
    """A Redis of its own."""
    with run_redis(tmp_path) as server:
        async with Redis.from_url(server.url) as opened:  # pyright: ignore[reportUnknownMemberType] - its options have no types
            yield opened
