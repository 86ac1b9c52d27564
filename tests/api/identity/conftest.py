"""An api on loopback at which people log in, and one behind TLS that a proxy ends."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest

from api.app import create_app
from catalog.access.principals import create_person
from catalog.access.sessions import create_login_link
from catalog.db import Pool
from catalog.principal import API, Principal
from tests.api.identity.browser import Browser
from tests.support.serve import serve
from tests.support.stage import Stage, master_key_text, store_in
from vitrine.settings import Settings, load_settings

PUBLIC = "https://api.shop.test"


@pytest.fixture
async def stage(pool: Pool, tmp_path: Path) -> Stage:
    """A catalogue with a signing key, without which no api starts."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    return stage


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of the api under test."""
    return load_settings(
        home=tmp_path,
        database_url=database_url,
        master_key=master_key_text(),
        api_base="http://127.0.0.1:8000",
        failed_logins_per_address=8,
    )


@pytest.fixture
async def base_url(stage: Stage, settings: Settings) -> AsyncGenerator[str]:
    """A running api."""
    assert stage.keys
    async with serve(create_app(settings)) as url:
        yield url


@pytest.fixture
async def http(base_url: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """HTTP to it."""
    async with httpx2.AsyncClient(base_url=base_url) as client:
        yield client


@pytest.fixture
def browser(http: httpx2.AsyncClient) -> Browser:
    """A browser on the same machine."""
    return Browser(http)


@pytest.fixture
async def ada(stage: Stage) -> Principal:
    """A person."""
    async with stage.changes.begin(API) as change:
        return await create_person(change, name="Ada", email="ada@shop.test")


async def link_of(stage: Stage, person: Principal) -> str:
    """Return the path of a link that logs a person in."""
    async with stage.changes.begin(API) as change:
        return f"/login?link={await create_login_link(change, person.id)}"
