"""The plain VCL in a real Varnish, and a plain or authorising tier in front of another."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2
import pytest

from edge.vcl import vcl
from tests.gateway.varnish_rig import (
    CDN,
    HOP_SECRET,
    IMAGE,
    OUTER_SECRET,
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


@dataclass
class Tier:
    """A Varnish, what stands behind it, and clients of it."""

    gateway: Gateway
    base: str
    browser: httpx2.AsyncClient
    cdn: httpx2.AsyncClient


@pytest.fixture
async def plain() -> AsyncGenerator[Tier]:
    gateway = Gateway()
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(run_gateway(gateway))
        base = stack.enter_context(
            run_varnish(vcl(settings(), "plain", hop="cache", backend=backend))
        )
        browser = await stack.enter_async_context(client(base))
        yield Tier(gateway, base, browser, await stack.enter_async_context(client(base, CDN)))


async def purge(base: str) -> str:
    headers = {"xkey": "a-7f3k2cq9", "X-Purge-Secret": PURGE_SECRET}
    async with client(base) as purger:
        return (await purger.request("PURGE", "/", headers=headers)).text


async def test_a_plain_cache_keeps_the_token_in_its_key(plain: Tier) -> None:
    answers = [await plain.browser.get(f"{IMAGE}?t={token}") for token in ("a", "b", "a")]
    assert [status_of(each) for each in answers] == ["fwd=miss", "fwd=miss", "hit"]
    assert plain.gateway.asked == []
    assert plain.gateway.rendered[0]["x-vitrine-hop-secret"] == HOP_SECRET


async def test_a_plain_cache_hands_out_what_it_stored_until_it_is_purged(plain: Tier) -> None:
    await plain.browser.get(f"{IMAGE}?t=alice")
    plain.gateway.allowed = False
    assert (await plain.browser.get(f"{IMAGE}?t=alice")).status_code == 200
    assert "Purged 1" in await purge(plain.base)
    denied = await plain.browser.get(f"{IMAGE}?t=alice")
    assert denied.status_code == 410
    plain.gateway.allowed = True
    assert (await plain.browser.get(f"{IMAGE}?t=alice")).status_code == 200  # 410 was not kept


async def test_a_plain_cache_honours_vary_by_country(plain: Tier) -> None:
    plain.gateway.vary = "CF-IPCountry"
    plain.gateway.refused_countries = {"FR"}
    for order in (["DE", "FR", None], ["FR", None, "DE"], [None, "DE", "FR"]):
        for country in order:
            said = {"X-Cdn-Country": country} if country else {}
            answer = await plain.cdn.get(f"{IMAGE}?t={'-'.join(map(str, order))}", headers=said)
            assert answer.status_code == (403 if country == "FR" else 200)


async def test_a_plain_cache_stores_nothing_without_a_targeted_lifetime(plain: Tier) -> None:
    for token, lifetime in enumerate((
        "no-store",
        "max-age=0",
        "private, max-age=60",
        "s-maxage=9",
    )):
        plain.gateway.lifetime = lifetime
        await plain.browser.get(f"{IMAGE}?t={token}")
        assert status_of(await plain.browser.get(f"{IMAGE}?t={token}")) == "fwd=bypass"


async def test_a_lifetime_that_an_inner_cache_has_used_up_is_over(plain: Tier) -> None:
    plain.gateway.extra = {"Age": "299"}
    fresh = await plain.browser.get(f"{IMAGE}?t=a")
    assert fresh.headers["Age"] == "299"  # a browser counts its own lifetime from there
    plain.gateway.extra = {"Age": "300"}
    await plain.browser.get(f"{IMAGE}?t=b")
    assert status_of(await plain.browser.get(f"{IMAGE}?t=b")) == "fwd=bypass"


async def test_a_plain_cache_leaves_if_match_to_the_gateway(plain: Tier) -> None:
    stored = await plain.browser.get(f"{IMAGE}?t=a")
    for named, status in (('"other"', 412), (f'"old", {stored.headers["ETag"]}', 200), ("*", 200)):
        answer = await plain.browser.get(f"{IMAGE}?t=a", headers={"If-Match": named})
        assert (answer.status_code, status_of(answer)) == (status, "fwd=bypass")
    assert status_of(await plain.browser.get(f"{IMAGE}?t=a")) == "hit"  # as it was


async def test_a_plain_cache_shows_tags_and_lifetime_to_trusted_hops_only(plain: Tier) -> None:
    hidden = {"xkey", "surrogate-key", "cache-tag", "cdn-cache-control"}
    assert not hidden & set((await plain.browser.get(f"{IMAGE}?t=a")).headers)
    assert hidden <= set((await plain.cdn.get(f"{IMAGE}?t=a")).headers)


@dataclass
class Chain:
    """Browser -> outer -> inner -> gateway."""

    gateway: Gateway
    outer: str
    inner: str
    browser: httpx2.AsyncClient


@pytest.fixture
async def chain() -> AsyncGenerator[Chain]:
    gateway = Gateway()
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(run_gateway(gateway))
        inner = stack.enter_context(
            run_varnish(vcl(settings(), "authorise", hop="edge", backend=backend))
        )
        port = httpx2.URL(inner).port
        assert port is not None
        text = vcl(settings(), "authorise", hop="outer", backend=("127.0.0.1", port))
        outer = stack.enter_context(run_varnish(text))
        browser = await stack.enter_async_context(client(outer))
        yield Chain(gateway, outer, inner, browser)


async def test_chained_tiers_ask_through_to_the_gateway_and_both_store(chain: Chain) -> None:
    first = await chain.browser.get(f"{IMAGE}?t=alice")
    assert first.headers["Cache-Status"].count("fwd=miss; stored") == 2
    second = await chain.browser.get(f"{IMAGE}?t=bob")
    assert status_of(second) == "hit"
    assert len(chain.gateway.asked) == 2  # once per request, not once per tier
    assert {asked["x-vitrine-hop-secret"] for asked in chain.gateway.asked} == {HOP_SECRET}
    assert len(chain.gateway.rendered) == 1
    assert second.headers["Cache-Control"] == chain.gateway.browser
    assert "x-epoch" not in second.headers


async def test_chained_tiers_are_dark_at_once_and_empty_after_both_purges(chain: Chain) -> None:
    await chain.browser.get(f"{IMAGE}?t=alice")
    chain.gateway.allowed = False
    assert (await chain.browser.get(f"{IMAGE}?t=alice")).status_code == 410
    assert "Purged 1" in await purge(chain.inner)
    assert "Purged 1" in await purge(chain.outer)
    chain.gateway.allowed = True
    again = await chain.browser.get(f"{IMAGE}?t=alice")
    assert again.headers["Cache-Status"].count("fwd=miss; stored") == 2


async def test_the_inner_tier_serves_what_the_outer_has_lost(chain: Chain) -> None:
    await chain.browser.get(f"{IMAGE}?t=alice")
    assert "Purged 1" in await purge(chain.outer)
    again = await chain.browser.get(f"{IMAGE}?t=alice")
    assert again.headers["Cache-Status"].count("hit") == 1
    assert len(chain.gateway.rendered) == 1
    chain.gateway.epoch = "1d"
    fresh = await chain.browser.get(f"{IMAGE}?t=alice")
    assert fresh.headers["Cache-Status"].count("hit") == 0  # the epoch is in both keys


async def test_a_leg_is_taken_from_a_tier_that_proves_itself_only(chain: Chain) -> None:
    await chain.browser.get(f"{IMAGE}?t=alice")
    chain.gateway.allowed = False
    leg = {"X-Vitrine-Leg": "deliver", "X-Epoch": "1c"}
    async with client(chain.inner) as other:
        for proof in ({}, {"X-Vitrine-Hop-Secret": "guess"}, {"X-Vitrine-Hop-Secret": HOP_SECRET}):
            answer = await other.get(f"{IMAGE}?t=alice", headers=leg | proof)
            assert answer.status_code == 410
        known = leg | {"X-Vitrine-Hop-Secret": OUTER_SECRET}
        assert (await other.get(f"{IMAGE}?t=alice", headers=known)).status_code == 200
    async with client(chain.inner, CDN) as elsewhere:  # the secret alone, from another address
        known = leg | {"X-Vitrine-Hop-Secret": OUTER_SECRET}
        assert (await elsewhere.get(f"{IMAGE}?t=alice", headers=known)).status_code == 410


async def test_a_plain_outer_tier_lives_by_the_lifetime_of_this_moment() -> None:
    gateway = Gateway(lifetime="max-age=86400", extra={"Age": "3600"}, edge="max-age=20")
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(run_gateway(gateway))
        hops = [
            {"name": "edge", "networks": ["127.0.0.9/32"], "secret": HOP_SECRET}
            | {"kind": "authorising", "driver": "edge"},
            {"name": "cache", "networks": ["127.0.0.1/32"], "secret": OUTER_SECRET}
            | {"kind": "plain", "driver": "edge"},
        ]
        both = settings(trusted_hops=hops)
        inner = stack.enter_context(run_varnish(vcl(both, "authorise", backend=backend)))
        port = httpx2.URL(inner).port
        assert port is not None
        text = vcl(both, "plain", backend=("127.0.0.1", port))
        outer = stack.enter_context(run_varnish(text))
        inside = await stack.enter_async_context(client(inner))
        browser = await stack.enter_async_context(client(outer))
        await inside.get(f"{IMAGE}?t=alice")  # stored inside, an hour of it used up
        await browser.get(f"{IMAGE}?t=alice")
        answer = await browser.get(f"{IMAGE}?t=alice")
        assert "vitrine-edge; hit; ttl=" in answer.headers["Cache-Status"]
        ttl_s = int(answer.headers["Cache-Status"].rpartition("ttl=")[2])
        assert 0 < ttl_s <= 20
        assert len(gateway.rendered) == 1
