"""A plain Varnish that asks nobody, before a real gateway and purger: what a licence's tag clears.

The asset stands under two licences. `wide` covers every country; what `narrow` grants covers
Germany alone and adds nothing, so no answer is owed to it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from catalog.changes import Changes
from catalog.licences.batches import LicenceRecord, put_licences
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from edge.vcl import vcl
from gateway.app import create_app
from purger.app import create_app as create_purger
from tests.gateway.varnish_rig import (
    CDN,
    HOP_SECRET,
    PURGE_SECRET,
    client,
    needs_varnish,
    run_varnish,
    status_of,
)
from tests.purger.conftest import until
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.serve import serve
from tests.support.stage import Stage, StagedAsset, master_key_text
from vitrine.settings import Settings, load_settings

pytestmark = needs_varnish

EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)
GERMANY = replace(EVERYWHERE, territory=Territory(include=["DE"]))
FRANCE = replace(EVERYWHERE, territory=Territory(include=["FR"]))
SWITZERLAND = replace(EVERYWHERE, territory=Territory(include=["CH"]))


@dataclass
class Cache:
    """The cache, and the asset that it is asked for."""

    stage: Stage
    changes: Changes
    viewer: httpx2.AsyncClient
    url: str

    async def status(self, country: str) -> int:
        return (await self.viewer.get(self.url, headers={"CF-IPCountry": country})).status_code

    async def fill(self, *countries: str) -> None:
        """See the picture in each country, and again: from the cache."""
        for country in countries:
            assert await self.status(country) == 200
            again = await self.viewer.get(self.url, headers={"CF-IPCountry": country})
            assert status_of(again) == "hit"

    async def change(self, licence: str, **terms: Sequence[TermRecord] | str) -> None:
        async with self.changes.begin(TEST) as change:
            record = LicenceRecord(code=licence, **terms)  # pyright: ignore[reportArgumentType] - passed through
            assert (await put_licences(change, [record])).updated == 1


def _settings(database_url: str, gateway_database_url: str, home: Path, *, node: str) -> Settings:
    return load_settings(
        home=home,
        database_url=database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
        trusted_hops=[
            {"name": "edge", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET, "driver": "edge"}
            | {"territory": "vary", "honours_vary": True},
            {"name": "cdn", "networks": [f"{CDN}/32"]},
        ],
        purge_drivers=[
            {"name": "edge", "kind": "varnish", "nodes": [node], "secret": PURGE_SECRET}
        ],
    )


async def _asset_under_two_licences(stage: Stage) -> StagedAsset:
    asset = await stage.asset()
    wide = LicenceRecord(code="wide", licensor="Studio", grants=[EVERYWHERE])
    await stage.licence(wide, asset)
    narrow = LicenceRecord(
        code="narrow", licensor="Agency", grants=[GERMANY], restrictions=[SWITZERLAND]
    )
    await stage.licence(narrow, asset)
    return asset


@pytest.fixture
async def cache(
    stage: Stage, database_url: str, gateway_database_url: str, tmp_path: Path
) -> AsyncGenerator[Cache]:
    urls = (database_url, gateway_database_url, tmp_path)
    settings = _settings(*urls, node="http://127.0.0.1:1")
    async with AsyncExitStack() as stack:
        gateway = httpx2.URL(await stack.enter_async_context(serve(create_app(settings))))
        assert gateway.port is not None
        text = vcl(settings, "plain", hop="edge", backend=(gateway.host, gateway.port))
        base = stack.enter_context(run_varnish(text))
        await stack.enter_async_context(serve(create_purger(_settings(*urls, node=base))))
        yield Cache(
            stage=stage,
            changes=await purging(stage.pool, ("edge",)),
            viewer=await stack.enter_async_context(client(base, CDN)),
            url=stage.url(await _asset_under_two_licences(stage)),
        )


async def test_a_restriction_of_a_licence_that_no_answer_is_owed_to_darkens_the_cache(
    cache: Cache,
) -> None:
    await cache.fill("DE", "FR")
    await cache.change("narrow", restrictions=[SWITZERLAND, FRANCE])
    await until(lambda: _answers(cache, "FR", 403))


async def test_a_grant_that_ends_darkens_the_cache_where_another_still_covers_and_where_none_does(
    cache: Cache,
) -> None:
    await cache.fill("DE", "FR")
    await cache.change("wide", grants=[])
    await until(lambda: _answers(cache, "FR", 410))
    await until(lambda: _answers(cache, "DE", 307))  # covered still, under a new epoch


@pytest.mark.parametrize(
    "changed", [{"restrictions": []}, {"credit": "By Agency"}], ids=["restriction", "credit"]
)
async def test_what_a_licence_lifts_or_says_otherwise_replaces_what_the_cache_holds(
    cache: Cache, changed: dict[str, Sequence[TermRecord] | str]
) -> None:
    await cache.fill("DE", "FR")
    await cache.change("narrow", **changed)
    for country in ("DE", "FR"):
        await until(lambda country=country: _answers(cache, country, 307))


async def test_a_change_of_a_licence_asks_for_one_purge_a_pass(cache: Cache) -> None:
    await cache.change("narrow", restrictions=[])
    rows = await cache.stage.pool.fetch("SELECT pass, tag FROM purge ORDER BY pass")
    assert [row["pass"] for row in rows] == [1, 2, 3]
    assert len({row["tag"] for row in rows}) == 1
    assert rows[0]["tag"].startswith("l-")


async def _answers(cache: Cache, country: str, status: int) -> bool:
    return await cache.status(country) == status
