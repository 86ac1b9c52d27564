"""The experiment by which the edge was designed, row by row: real gateway, real Varnish."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import permutations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from catalog.rights.commands import reinstate_asset, withdraw_asset
from catalog.rights.model import TermInput
from gateway.app import open_gateway
from gateway.index import Index
from tests.gateway.test_revocation import HeldRenditions
from tests.gateway.varnish_rig import needs_varnish, status_of
from tests.gateway.varnish_tiers import Hop, Tiers, run_tiers, tier_settings
from tests.purger.conftest import until
from tests.support.people import TEST
from tests.support.stage import LONG_AGO, WORLDWIDE, Stage, StagedAsset
from vitrine.settings import Settings

pytestmark = needs_varnish

NOT_FRANCE = TermInput(
    include=("WORLD",), exclude=("FR",), channels=("*",), usages=("*",), valid_from=LONG_AGO
)


def asking(settings: Settings) -> Settings:
    """Return settings by which the edge asks before each delivery, as it did in the experiment."""
    return tier_settings(settings, edge_keeps_decisions=False)


@pytest.fixture
async def tiers(stage: Stage, settings: Settings) -> AsyncGenerator[Tiers]:
    assert stage.keys
    async with run_tiers(asking(settings), ("edge",)) as running:
        yield running


async def withdraw(stage: Stage, asset: StagedAsset) -> None:
    async with stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)


async def answers(tiers: Tiers, url: str, status: int) -> bool:
    return (await tiers.get(url)).status_code == status


async def test_other_tokens_share_the_bytes_other_widths_do_not_and_purges_go_by_tag(
    stage: Stage, tiers: Tiers
) -> None:
    asset, bare = await stage.asset(NOT_FRANCE), await stage.asset()
    alice, wide = stage.url(asset), stage.url(asset, width_px=320)
    bob = stage.url(asset, stage.token(asset, usage="social"))
    seen = [status_of(await tiers.get(url)) for url in (alice, alice, bob, wide)]
    assert seen == ["fwd=miss", "hit", "hit", "fwd=miss"]
    assert (await tiers.get(alice, "FR")).json()["code"] == "TERRITORY"
    assert (await tiers.get(stage.url(bare))).status_code == 403
    assert (await tiers.get(f"{alice[:-4]}AAAA")).status_code == 401
    tag = f"a-{asset.public_id}"
    assert await tiers.purge(tiers.bases[0], "nokey", tag, "zz") == 2
    assert await tiers.purge(tiers.bases[0], tag) == 0
    assert status_of(await tiers.get(alice)) == "fwd=miss"
    assert await tiers.purge(tiers.bases[0], "v-card") == 1
    assert await tiers.purge(tiers.bases[0], f"k-{stage.keys.active.kid}") == 0


async def test_what_is_denied_is_dark_though_it_is_stored_and_no_purge_was_sent(
    stage: Stage, tiers: Tiers
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    await tiers.get(url)
    await withdraw(stage, asset)
    await until(lambda: answers(tiers, url, 410))
    assert await tiers.purge(tiers.bases[0], f"a-{asset.public_id}") == 1  # it was there


async def test_an_authorising_edge_tells_countries_apart_in_every_order(
    stage: Stage, tiers: Tiers
) -> None:
    expected = {"DE": 200, "FR": 403, "XX": 403}
    for order in permutations(expected):
        url = stage.url(await stage.asset(NOT_FRANCE))
        for country in (*order, *order):
            answer = await tiers.get(url, country)
            assert answer.status_code == expected[country], (order, country)


@pytest.mark.parametrize("hops", [("edge", "outer"), ("edge", "cache")], ids="-".join)
async def test_a_revocation_and_its_purges_reach_a_varnish_behind_another(
    stage: Stage, settings: Settings, hops: tuple[Hop, ...]
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url, tag = stage.url(asset), f"a-{asset.public_id}"
    async with run_tiers(asking(settings), hops) as tiers:
        assert [status_of(await tiers.get(url)) for _ in range(2)] == ["fwd=miss", "hit"]
        await withdraw(stage, asset)
        await until(lambda: _is_dark_inside(tiers, url))
        is_asked = hops[-1] == "outer"
        assert (await tiers.get(url)).status_code == (410 if is_asked else 200)
        assert [await tiers.purge(base, tag) for base in tiers.bases] == [1, 1]
        assert (await tiers.get(url)).status_code == 410
        async with stage.changes.begin(TEST) as change:
            await reinstate_asset(change, asset.public_id)
        fresh = stage.url(asset, epoch=await stage.epoch(asset))
        await until(lambda: answers(tiers, fresh, 200))
        assert [await tiers.purge(base, tag) for base in tiers.bases] == [1, 1]


async def _is_dark_inside(tiers: Tiers, url: str) -> bool:
    answer = await tiers.gateway.get(url, headers={"CF-IPCountry": "DE"})
    return answer.status_code == 410


async def _has_heard(stage: Stage, index: Index, asset: StagedAsset) -> bool:
    known = await index.asset(asset.public_id)
    return known is not None and known.epoch == await stage.epoch(asset)


@pytest.mark.parametrize("hop", ["edge", "cache"])
async def test_a_render_under_way_when_its_right_ends_reaches_nobody_and_poisons_nothing(
    stage: Stage, settings: Settings, hop: Hop
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    edges = asking(settings)
    async with open_gateway(edges, {}) as opened:
        held = HeldRenditions(opened.renditions)
        gateway = replace(opened, renditions=held)

        async def deliver(scope: Scope, receive: Receive, send: Send) -> None:
            await (await gateway.handle(Request(scope, receive)))(scope, receive, send)

        app = Starlette()
        app.router.default = deliver
        async with run_tiers(edges, (hop,), app=app) as tiers:
            slow = asyncio.create_task(tiers.get(url))
            await held.waiting.acquire()
            await withdraw(stage, asset)
            await until(lambda: _has_heard(stage, opened.index, asset))
            assert await tiers.purge(tiers.bases[0], f"a-{asset.public_id}") == 0
            held.release.set()
            assert (await slow).status_code == 410
            assert (await tiers.get(url)).status_code == 410
            assert await tiers.purge(tiers.bases[0], f"a-{asset.public_id}") == 0
