"""The console at a running api, and people who are logged in there."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest
from playwright.async_api import Page

from api.app import create_app
from catalog.db import Pool
from console.app import console_routes
from tests.api.identity.browser import Browser
from tests.api.shop import Shop
from tests.support.serve import serve
from tests.support.sessions import SESSION_COOKIE, session_of
from tests.support.stage import Stage, master_key_text, store_in
from vitrine.settings import Settings, load_settings

#: Logs somebody in who has these roles.
LogIn: TypeAlias = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """Channels, markets, locales, presets and a signing key."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    shop = Shop(stage)
    await shop.build()
    return shop


@pytest.fixture
def settings(process_database_url: str, tmp_path: Path) -> Settings:
    """The settings of an api on loopback."""
    return load_settings(
        home=tmp_path,
        database_url=process_database_url,
        master_key=master_key_text(),
        api_base="http://127.0.0.1:8000",
        media_base="https://media.test",
    )


@pytest.fixture
async def base_url(shop: Shop, settings: Settings) -> AsyncGenerator[str]:
    """A running api with the console."""
    assert shop.stage.keys
    pages = partial(console_routes, media_base=settings.media_base)
    async with serve(create_app(settings, pages=pages, first_page="/console")) as url:
        yield url


@pytest.fixture
async def log_in(shop: Shop, settings: Settings, base_url: str) -> AsyncGenerator[LogIn]:
    """Log people in; each call is somebody else."""
    clients: list[httpx2.AsyncClient] = []

    async def log_in(*roles: str, name: str = "Ada") -> Browser:
        secret = await session_of(
            shop.stage.changes, *roles, times=settings.session_times, name=name
        )
        client = httpx2.AsyncClient(base_url=base_url, cookies={SESSION_COOKIE: secret})
        clients.append(client)
        return Browser(client)

    yield log_in
    for each in clients:
        await each.aclose()


@pytest.fixture
async def page(base_url: str, page: Page) -> Page:
    """A page that is closed before the api is: pages with live parts would miss it."""
    assert base_url
    return page
