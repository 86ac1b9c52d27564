"""Nothing is served after its lifetime, whoever asks for softness and whatever is down."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from edge.vcl import Mode, vcl
from tests.gateway.varnish_rig import (
    IMAGE,
    PURGE_SECRET,
    Gateway,
    client,
    needs_varnish,
    run_gateway,
    run_varnish,
    settings,
    status_of,
)

pytestmark = needs_varnish

HOPS: dict[Mode, str] = {"authorise": "edge", "plain": "cache"}


@pytest.mark.parametrize("mode", HOPS)
async def test_what_is_over_or_softly_purged_is_fetched_again_and_never_served_stale(
    mode: Mode,
) -> None:
    gateway = Gateway(lifetime="max-age=1")
    async with AsyncExitStack() as stack, AsyncExitStack() as gateway_lives:
        backend = await gateway_lives.enter_async_context(run_gateway(gateway))
        base = stack.enter_context(
            run_varnish(vcl(settings(), mode, hop=HOPS[mode], backend=backend))
        )
        browser = await stack.enter_async_context(client(base))
        await browser.get(f"{IMAGE}?t=alice")
        await asyncio.sleep(1.1)
        gateway.lifetime = "max-age=300"
        assert status_of(await browser.get(f"{IMAGE}?t=alice")) == "fwd=miss"
        assert status_of(await browser.get(f"{IMAGE}?t=alice")) == "hit"
        soft = {"xkey": "a-7f3k2cq9", "X-Purge-Secret": PURGE_SECRET, "X-Soft": "1"}
        assert "Purged 1" in (await browser.request("PURGE", "/", headers=soft)).text
        assert status_of(await browser.get(f"{IMAGE}?t=alice")) == "fwd=miss"
        await browser.request("PURGE", "/", headers=soft)
        await gateway_lives.aclose()
        assert (await browser.get(f"{IMAGE}?t=alice")).status_code == 503
