"""Staff behind a Varnish: their own render, told about if they wish, and nothing left behind."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2
import pytest

from edge.vcl import vcl
from tests.gateway.varnish_rig import (
    AUTO,
    IMAGE,
    OUTER_SECRET,
    Gateway,
    client,
    needs_varnish,
    run_gateway,
    run_varnish,
    settings,
    status_of,
)

pytestmark = needs_varnish

JSON = "application/json"
PUBLIC = "public, max-age=60, must-revalidate"
STAFF_ONLY = "private, no-store"


@dataclass
class StaffViewer:
    """A viewer of a Varnish, and the gateway behind it."""

    gateway: Gateway
    browser: httpx2.AsyncClient

    async def handed_on(self, url: str, accept: str, **more: str) -> str | None:
        """Return what the gateway is told that the viewer of a picture accepts."""
        headers = {"Accept": accept, "X-Vitrine-Info": "1", **more}
        answer = await self.browser.get(url, headers=headers)
        assert answer.status_code == 200
        assert "x-vitrine-info" not in self.gateway.rendered[-1]
        return self.gateway.rendered[-1].get("accept")


@pytest.fixture
async def edge() -> AsyncGenerator[StaffViewer]:
    gateway = Gateway()
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(run_gateway(gateway))
        text = vcl(settings(), "authorise", hop="edge", backend=backend)
        base = stack.enter_context(run_varnish(text))
        yield StaffViewer(gateway, await stack.enter_async_context(client(base)))


async def test_staff_get_their_own_render_and_leave_none_behind(edge: StaffViewer) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    edge.gateway.browser = STAFF_ONLY
    staff = await edge.browser.get(f"{IMAGE}?t=staff")
    assert status_of(staff) == "fwd=bypass"
    assert staff.headers["Cache-Control"] == STAFF_ONLY
    edge.gateway.browser = PUBLIC
    assert status_of(await edge.browser.get(f"{IMAGE}?t=bob")) == "hit"


async def test_a_wish_for_info_is_handed_on_for_staff_alone(edge: StaffViewer) -> None:
    assert await edge.handed_on(f"{IMAGE}?t=alice", JSON) is None
    edge.gateway.browser = STAFF_ONLY
    staff = f"{IMAGE}?t=staff"
    for accept in (JSON, f"text/html, {JSON};q=0.9", "application/JSON"):
        assert await edge.handed_on(staff, accept) == JSON
    for accept in ("*/*", f"{JSON};q=0", "image/avif", "application/json5"):
        assert await edge.handed_on(staff, accept) is None
    assert await edge.handed_on(f"{AUTO}?t=staff", f"{JSON}, image/webp") == "image/webp"


async def test_a_tier_in_front_hands_the_wish_on_when_it_says_that_it_is_staff(
    edge: StaffViewer,
) -> None:
    claims = {"X-Vitrine-Leg": "deliver", "X-Epoch": "1c", "X-Vitrine-Private": "1"}
    tier = {**claims, "X-Vitrine-Hop-Secret": OUTER_SECRET}
    assert await edge.handed_on(f"{IMAGE}?t=staff", JSON, **tier) == JSON
    assert await edge.handed_on(f"{IMAGE}?t=staff", JSON, **claims) is None
