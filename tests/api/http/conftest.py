"""Who follows what changes."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
from starlette.applications import Starlette

from api.request.following import LiveChanges
from tests.api.shop import Shop
from tests.api.streams import Socket, socket


@pytest.fixture
def live(app: Starlette, http: httpx2.AsyncClient) -> LiveChanges:
    """Who follows the log of the running api."""
    assert http
    return app.state.services.live_changes


@pytest.fixture
async def staff(shop: Shop) -> dict[str, str]:
    """The headers of whoever may change everything."""
    return await shop.key("admin")


@pytest.fixture
async def reader(http: httpx2.AsyncClient, shop: Shop) -> AsyncGenerator[Socket]:
    """A connection whose key has the scope `read`."""
    async with socket(http, headers=await shop.key("read")) as client:
        yield client
