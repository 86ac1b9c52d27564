"""The shop of `examples/storefront` at the api's own address, for who tries Vitrine in a checkout.

It asks the graph over HTTP as any frontend does; only where it is served is ours.
"""

import importlib.util
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

import httpx2
from starlette.applications import Starlette

from catalog.errors import SettingsError
from vitrine.ports import listener, reachable
from vitrine.settings import Settings

SHOP_PATH: Final = "/demo"
_FILE: Final = Path(__file__).parents[1] / "examples/storefront/app.py"


def is_there() -> bool:
    """Return whether this is a checkout; a wheel has no examples."""
    return _FILE.exists()


def mount_shop(app: Starlette, settings: Settings) -> None:
    """Let an app of the api serve the shop too, with a client that lives as long as it.

    Raises:
        SettingsError: there is none.
    """
    if not is_there():
        raise SettingsError(
            "VITRINE_DEMO_SHOP shows the shop of a checkout, and this is none: unset it",
            field="demo_shop",
        )
    client = httpx2.AsyncClient(timeout=10)
    address = reachable(*listener(settings, "api"))
    app.mount(SHOP_PATH, storefront(client, settings, graph=f"{address}/graphql"))
    opened = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: Starlette) -> AsyncGenerator[None]:
        async with client, opened(of):
            yield

    app.router.lifespan_context = lifespan


def storefront(client: httpx2.AsyncClient, settings: Settings, *, graph: str) -> Starlette:
    """Return the shop, where visitors choose their country, and staff may withdraw pictures.

    Args:
        client: closed by whoever opened it.
        settings: of pictures, and of the header that names a country.
        graph: its address.
    """
    shop = load_example().Shop(
        client=client,
        graph=graph,
        media_base=settings.media_base,
        country_header=settings.country_header,
        staff_graph="/graphql",
    )
    return shop.app()


def load_example() -> ModuleType:
    """Return the module of the example, which belongs to no package.

    Raises:
        ImportError: it cannot be loaded.
    """
    spec = importlib.util.spec_from_file_location("storefront", _FILE)
    if spec is None or spec.loader is None:
        raise ImportError(f"{_FILE} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
