"""Asks for answers that may be kept, and tells where they came from."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from starlette.applications import Starlette

from api.app import create_app
from tests.api.client import Client
from tests.support.serve import serve
from vitrine.settings import Settings

READERS = 50
ROUNDS = int(os.environ.get("ANSWER_ROUNDS", "40"))
_PAUSE_S = 0.05  # of a reader: the writer, too, wants the one event loop
SHOWN = 'query @inContext(market: "DE") { product(sku: "VASE") { hero { asset { id alt } } } }'
LISTED = '{ products { nodes { sku name hero { asset { id } image(preset: "card") { url } } } } }'
WITHDRAW = 'mutation ($id: ID!) { withdrawAsset(assetId: $id, reason: "x") { errors { code } } }'
REINSTATE = "mutation ($id: ID!) { reinstateAsset(assetId: $id) { errors { code } } }"


@asynccontextmanager
async def api_with(settings: Settings, **changed: Any) -> AsyncGenerator[httpx2.AsyncClient]:  # noqa: ANN401 - any setting
    """Run an api whose settings differ."""
    app = create_app(settings.model_copy(update=changed))
    async with serve(app) as base_url, httpx2.AsyncClient(base_url=base_url) as client:
        yield client


@asynccontextmanager
async def in_process(app: Starlette) -> AsyncGenerator[httpx2.AsyncClient]:
    """The app itself, without a socket: so that very many requests fit into a test."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api.test") as http:
            yield http


async def how(http: httpx2.AsyncClient) -> Mapping[str, float]:
    """Return how often answers were kept ones, waited for, and made."""
    lines = (await http.get("/metrics")).text.splitlines()
    named = (line.split('"') for line in lines if line.startswith("vitrine_graphql_answers_total"))
    return {parts[1]: float(parts[2].removeprefix("} ")) for parts in named}


async def counted(
    http: httpx2.AsyncClient, query: str, headers: Mapping[str, str] | None = None
) -> tuple[Any, dict[str, float]]:
    """Ask, and return the data with how the answer came about."""
    before = await how(http)
    data = await Client(http).data(query, headers=headers)
    after = await how(http)
    return data, {
        key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key)
    }


class Window:
    """A vase in a shop window: what the last change that has returned says of it.

    Attributes:
        is_lit: whether it is shown.
        changes: how many have returned.
        is_changing: whether another is on its way.
        steady_s: since the last change has returned.
    """

    def __init__(self) -> None:
        self.is_lit, self.changes, self.is_changing = True, 0, False
        self.stale: list[int] = []
        self.asked = 0
        self._changed_at_s = float("-inf")

    @property
    def steady_s(self) -> float:
        """Return for how long nothing has changed."""
        return time.monotonic() - self._changed_at_s

    async def read(self, client: Client, closed: asyncio.Event) -> None:
        """Look again and again; what is seen while nothing changes has to be what there is."""
        while not closed.is_set():
            changes, was_changing = self.changes, self.is_changing
            is_seen = await is_shown(client)
            self.asked += 1
            is_steady = changes == self.changes and not (was_changing or self.is_changing)
            if is_steady and is_seen != self.is_lit:
                self.stale.append(changes)
            await asyncio.sleep(_PAUSE_S)

    async def change(self, client: Client, asset: str, rights: dict[str, str]) -> None:
        """Withdraw it, or give it back; and look at once."""
        self.is_changing = True
        query = WITHDRAW if self.is_lit else REINSTATE
        data = await client.data(query, {"id": asset}, headers=rights)
        self.is_changing = False
        assert [each["errors"] for each in data.values()] == [[]]
        self.is_lit, self.changes = not self.is_lit, self.changes + 1
        self._changed_at_s = time.monotonic()
        assert await is_shown(client) == self.is_lit


async def is_shown(client: Client) -> bool:
    return (await client.data(SHOWN))["product"]["hero"] is not None
