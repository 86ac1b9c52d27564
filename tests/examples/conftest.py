"""The shop of `examples/storefront` as `vitrine up` shows it: at an api, beside a gateway."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest

from api.app import create_app as create_api
from catalog.db import Pool
from catalog.delivery.commands import put_presets
from catalog.delivery.model import PresetRecord, Recipe
from gateway.app import create_app as create_gateway
from tests.api.shop import COLOURS, Product, Shop, attribute
from tests.support.people import TEST
from tests.support.ports import free_port
from tests.support.serve import serve
from tests.support.sessions import session_of
from tests.support.stage import NOT_FRANCE, Stage, StagedAsset, master_key_text, store_in
from vitrine.demo_shop import mount_shop
from vitrine.settings import Settings, load_settings


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """Markets, categories, and the presets that the shop asks for."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    shop = Shop(stage)
    await shop.build()
    async with stage.changes.begin(TEST) as change:
        recipes = {"gallery": Recipe(widths_px=(320, 640)), "thumb": Recipe(widths_px=(96,))}
        await put_presets(
            change, [PresetRecord(code=code, recipe=recipe) for code, recipe in recipes.items()]
        )
    return shop


@pytest.fixture
async def vase(shop: Shop) -> StagedAsset:
    """The picture of a vase, which may not be shown in France."""
    names = ("en-US", None, "Vase"), ("de-DE", None, "Die Vase")
    product = await shop.put(
        Product("VASE", "SIMPLE"),
        attribute("name", "text", *names),
        attribute("story", "rich_text", "<p>Thrown by <b>hand</b></p>"),
    )
    asset = await shop.asset(NOT_FRANCE, alt={"en-US": "A vase", "de-DE": "Eine Vase"})
    await shop.link(product, asset, "hero")
    return asset


@pytest.fixture
async def lamp(shop: Shop) -> Product:
    """A model with a red and a blue variant, in no light yet: it has no picture."""
    name = attribute("name", "text", "Lamp")
    model = await shop.put(
        Product("LAMP", "MODEL"), name, attribute("colour", "select", options=COLOURS)
    )
    for sku, code in (("LAMP-R", "red"), ("LAMP-B", "blue")):
        variant = Product(sku, "VARIANT", [model])
        own = attribute("colour", "select", code, options=COLOURS)
        await shop.put(variant, name, own, options={"colour": code})
    return model


@pytest.fixture
def settings(process_database_url: str, gateway_database_url: str, tmp_path: Path) -> Settings:
    """Those of a demo on loopback."""
    port = free_port()
    return load_settings(
        home=tmp_path,
        database_url=process_database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
        public_reads="true",
        api_port=port,
        api_base=f"http://127.0.0.1:{port}",
        gateway_port=free_port(),
        demo_country="US",
        demo_shop="true",
        graphql_ide="true",
    )


@pytest.fixture
async def base_url(shop: Shop, settings: Settings) -> AsyncGenerator[str]:
    """The address of the api, with the shop at `/demo`, and a gateway beside it."""
    assert shop.stage.keys
    api, gateway = create_api(settings), create_gateway(settings)
    mount_shop(api, settings)
    async with (
        serve(gateway, port=settings.gateway_port),
        serve(api, port=settings.api_port) as url,
    ):
        yield url


@pytest.fixture
async def visitor(base_url: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """Somebody who visits the shop."""
    async with httpx2.AsyncClient(base_url=f"{base_url}/demo") as client:
        yield client


@pytest.fixture
async def session(shop: Shop, settings: Settings) -> str:
    """The cookie's value of a rights manager who is logged in."""
    return await session_of(shop.stage.changes, "rights_manager", times=settings.session_times)
