"""An authorising Varnish that keeps leave, and what tests ask it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx2

from catalog.ids import new_public_id
from edge.vcl import vcl
from tests.gateway.varnish_rig import (
    CDN,
    IMAGE,
    PURGE_SECRET,
    Gateway,
    client,
    run_gateway,
    run_varnish,
    settings,
)
from tests.support.ports import free_port

GOOD_FOR_S = 0.3


@dataclass
class LeaveKeepingEdge:
    """A Varnish that keeps leave, its gateway, and clients of it."""

    gateway: Gateway
    base: str
    browser: httpx2.AsyncClient
    cdn: httpx2.AsyncClient
    asset: str

    def url(self, token: str, like: str = IMAGE) -> str:
        """Write a URL of this test's own picture."""
        return f"{like.replace('7f3k2cq9', self.asset)}?t={token}"

    @property
    def alice(self) -> str:
        return self.url("alice")

    @property
    def bob(self) -> str:
        return self.url("bob")

    @property
    def questions(self) -> int:
        return len(self.gateway.asked)

    async def get(self, url: str, country: str = "DE") -> httpx2.Response:
        return await self.cdn.get(url, headers={"X-Cdn-Country": country})

    async def show_bob(self) -> None:
        """Have the picture stored, by one question."""
        good_for, self.gateway.good_for = self.gateway.good_for, "10.000"
        await self.get(self.bob)
        self.gateway.good_for = good_for
        assert self.questions == 1

    async def wait_after(self, question: int, seconds: float) -> None:
        """Wait until it is so long ago that a question, counted from 0, was asked."""
        await asyncio.sleep(self.gateway.asked_at[question] + seconds - time.monotonic())

    async def purge(self, tags: str) -> httpx2.Response:
        headers = {"xkey": tags, "X-Purge-Secret": PURGE_SECRET}
        return await self.browser.request("PURGE", "/", headers=headers)


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


async def lit_until(ask: Callable[[], Awaitable[httpx2.Response]]) -> float:
    """Ask until it is denied, and return when that was asked for last that was not."""
    last, asked_at = -float("inf"), time.monotonic()
    while (await ask()).status_code == 200:
        last, asked_at = asked_at, time.monotonic()
    return last


@contextmanager
def varnish_of(
    write: Callable[[str], str] = str, *, keeps_decisions: bool = True
) -> Generator[tuple[str, int]]:
    """Run a Varnish whose VCL went through `write`; yield its base URL and its backend's port."""
    known, port = settings(edge_keeps_decisions=keeps_decisions), free_port()
    text = write(vcl(known, "authorise", hop="edge", backend=("127.0.0.1", port)))
    with run_varnish(text) as base:
        yield base, port


@asynccontextmanager
async def edge_of(varnish: tuple[str, int]) -> AsyncGenerator[LeaveKeepingEdge]:
    """Run a gateway behind a Varnish."""
    base, port = varnish
    # leave and picture share one tag, so that a test can purge the picture alone
    gateway = Gateway(good_for=f"{GOOD_FOR_S:.3f}", leave_tags="a-7f3k2cq9 l-licence")
    async with (
        run_gateway(gateway, port),
        client(base) as browser,
        client(base, CDN) as cdn,
    ):
        yield LeaveKeepingEdge(gateway, base, browser, cdn, asset=new_public_id())
