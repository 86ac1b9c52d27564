"""An authorising Varnish with its gateway and its clients, as tests ask for it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2

from tests.gateway.varnish_rig import PURGE_SECRET, Gateway


@dataclass
class AuthorisingEdge:
    """A Varnish, its gateway, and clients of it."""

    gateway: Gateway
    base: str
    browser: httpx2.AsyncClient
    cdn: httpx2.AsyncClient
    gateway_lives: AsyncExitStack

    async def purge(self, *tags: str) -> httpx2.Response:
        headers = {"xkey": " ".join(tags), "X-Purge-Secret": PURGE_SECRET}
        return await self.browser.request("PURGE", "/", headers=headers)
