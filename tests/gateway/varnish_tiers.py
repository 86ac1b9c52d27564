"""Varnishes of both modes, one or two deep, in front of a real gateway."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import httpx2
from starlette.types import ASGIApp

from edge.vcl import Mode, vcl
from gateway.app import create_app
from tests.gateway.varnish_rig import (
    CDN,
    HOP_SECRET,
    OUTER_SECRET,
    PURGE_SECRET,
    client,
    run_varnish,
)
from tests.support.serve import serve
from vitrine.settings import Settings, load_settings

CACHE_SECRET = "cache-secret-01234"

Hop = Literal["edge", "outer", "cache"]
_MODES: dict[Hop, Mode] = {"edge": "authorise", "outer": "authorise", "cache": "plain"}


@dataclass(frozen=True)
class Tiers:
    """A viewer of the outermost tier behind a hop that says the country, and all that is behind.

    Attributes:
        viewer: asks the outermost tier.
        bases: of the tiers, from the innermost.
        gateway: a client of the gateway itself, by the same hop.
    """

    viewer: httpx2.AsyncClient
    bases: Sequence[str]
    gateway: httpx2.AsyncClient

    async def get(self, url: str, country: str = "DE") -> httpx2.Response:
        return await self.viewer.get(url, headers={"CF-IPCountry": country})

    async def purge(self, base: str, *tags: str) -> int:
        """Purge one tier, and return how many objects it says that it had."""
        headers = {"xkey": " ".join(tags), "X-Purge-Secret": PURGE_SECRET}
        async with client(base) as purger:
            answer = await purger.request("PURGE", "/", headers=headers)
        return int(answer.json()["title"].removeprefix("Purged "))


def tier_settings(base: Settings, *, territory: str = "bypass", **changed: object) -> Settings:
    """Return the settings of a gateway with all the hops that a test may put in front of it."""
    networks = {"networks": ["127.0.0.1/32"]}
    hops = [
        networks | {"name": "edge", "secret": HOP_SECRET, "kind": "authorising", "driver": "edge"},
        networks
        | {"name": "outer", "secret": OUTER_SECRET, "kind": "authorising", "driver": "outer"},
        networks
        | {"name": "cache", "secret": CACHE_SECRET, "driver": "cache", "honours_vary": True}
        | {"territory": territory},
        {"name": "cdn", "networks": [f"{CDN}/32"]},
    ]
    drivers = [
        {"name": name, "kind": "varnish", "nodes": [f"http://{name}"], "secret": PURGE_SECRET}
        | {"after": after}
        for name, after in zip(_MODES, [None, *_MODES], strict=False)
    ]
    known = base.model_dump(exclude_unset=True) | {"trusted_hops": hops, "purge_drivers": drivers}
    return load_settings(**(known | changed))


@asynccontextmanager
async def run_tiers(
    settings: Settings, hops: Sequence[Hop], *, app: ASGIApp | None = None
) -> AsyncGenerator[Tiers]:
    """Run a gateway, and a Varnish for each of the hops, the innermost first."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(serve(app or create_app(settings)))
        behind, bases = httpx2.URL(gateway), list[str]()
        for hop in hops:
            assert behind.port is not None
            text = vcl(settings, _MODES[hop], hop=hop, backend=(behind.host, behind.port))
            bases.append(stack.enter_context(run_varnish(text)))
            behind = httpx2.URL(bases[-1])
        yield Tiers(
            viewer=await stack.enter_async_context(client(bases[-1], CDN)),
            bases=bases,
            gateway=await stack.enter_async_context(client(gateway, CDN)),
        )
