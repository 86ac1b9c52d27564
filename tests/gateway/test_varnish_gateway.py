"""Browser, Varnish, gateway and purger together, each the real one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import httpx2
import pytest

from catalog.changes import Changes
from catalog.delivery.model import Format
from catalog.rights.commands import reinstate_asset, withdraw_asset
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from edge.vcl import vcl
from gateway.app import create_app
from purger.app import create_app as create_purger
from tests.gateway.varnish_rig import (
    CDN,
    HOP_SECRET,
    PURGE_SECRET,
    client,
    house_settings,
    needs_varnish,
    run_varnish,
    status_of,
)
from tests.purger.conftest import until
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.serve import serve
from tests.support.stage import NOT_FRANCE, WORLDWIDE, Stage, StagedAsset, master_key_text
from vitrine.settings import Settings, load_settings

pytestmark = needs_varnish


@dataclass
class GatewayLine:
    """The whole line, and a viewer behind a hop that says the country."""

    stage: Stage
    changes: Changes
    viewer: httpx2.AsyncClient

    async def asset(self, *grants: TermInput) -> StagedAsset:
        """Make an asset whose own purges are over, so that what is stored of it stays."""
        asset = await self.stage.asset(*grants)
        await until(self._has_confirmed_all)
        return asset

    async def _has_confirmed_all(self) -> bool:
        return await self.unconfirmed() == 0

    async def get(self, url: str, country: str = "DE") -> httpx2.Response:
        return await self.viewer.get(url, headers={"CF-IPCountry": country})

    async def withdraw(self, asset: StagedAsset) -> None:
        async with self.changes.begin(TEST) as change:
            await withdraw_asset(change, asset.public_id)

    async def grant(self, asset: StagedAsset, grants: Sequence[TermInput]) -> None:
        async with self.changes.begin(TEST) as change:
            await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, grants)

    async def unconfirmed(self) -> int:
        return await self.stage.pool.fetchval(
            "SELECT count(*) FROM purge WHERE pass < 3 AND state <> 'confirmed'"
        )


@pytest.fixture
def settings(database_url: str, gateway_database_url: str, tmp_path: Path) -> Settings:
    return house_settings(database_url, gateway_database_url, tmp_path, node="http://127.0.0.1:1")


@pytest.fixture
async def house(
    stage: Stage, settings: Settings, database_url: str, gateway_database_url: str, tmp_path: Path
) -> AsyncGenerator[GatewayLine]:
    async with AsyncExitStack() as stack:
        gateway = httpx2.URL(await stack.enter_async_context(serve(create_app(settings))))
        assert gateway.port is not None
        text = vcl(settings, "authorise", backend=(gateway.host, gateway.port))
        base = stack.enter_context(run_varnish(text))
        with_driver = house_settings(database_url, gateway_database_url, tmp_path, node=base)
        await stack.enter_async_context(serve(create_purger(with_driver)))
        yield GatewayLine(
            stage=stage,
            changes=await purging(stage.pool, ("edge",)),
            viewer=await stack.enter_async_context(client(base, CDN)),
        )


async def test_if_match_is_evaluated_whether_the_image_is_stored_or_not(house: GatewayLine) -> None:
    asset = await house.asset(WORLDWIDE)
    url = house.stage.url(asset)
    for is_stored in (False, True):
        refused = await house.viewer.get(url, headers={"If-Match": '"other"'})
        assert (refused.status_code, refused.json()["code"]) == (412, "PRECONDITION_FAILED")
        assert status_of(await house.get(url)) == ("hit" if is_stored else "fwd=miss")
    lines = [("If-Match", '"other"'), ("If-Match", (await house.get(url)).headers["ETag"])]
    assert (await house.viewer.get(url, headers=lines)).status_code == 200
    assert status_of(await house.get(url)) == "hit"


async def test_an_image_is_rendered_once_and_then_found_by_everyone_who_may(
    house: GatewayLine,
) -> None:
    asset = await house.asset(NOT_FRANCE)
    first = await house.get(house.stage.url(asset), "DE")
    second = await house.get(house.stage.url(asset), "US")
    assert (first.status_code, second.status_code) == (200, 200)
    assert (status_of(first), status_of(second)) == ("fwd=miss", "hit")
    assert second.content == first.content
    # only this edge delivers by leave: whoever stands in front must not keep it for all
    assert second.headers["Cache-Control"].startswith("private, max-age=")
    assert (await house.get(house.stage.url(asset), "FR")).status_code == 403
    assert (await house.get(house.stage.url(asset), "XX")).status_code == 403


async def test_auto_is_stored_once_for_each_format(house: GatewayLine) -> None:
    asset = await house.asset(WORLDWIDE)
    url = house.stage.url(asset, image_format=Format.AUTO)
    seen: list[tuple[str, str]] = []
    for accept in ("image/avif,*/*", "image/webp", "*/*", "image/avif", "image/webp,text/*", ""):
        answer = await house.viewer.get(url, headers={"Accept": accept, "CF-IPCountry": "DE"})
        seen.append((answer.headers["Content-Type"], status_of(answer)))
    assert seen == [
        ("image/avif", "fwd=miss"),
        ("image/webp", "fwd=miss"),
        ("image/jpeg", "fwd=miss"),
        ("image/avif", "hit"),
        ("image/webp", "hit"),
        ("image/jpeg", "hit"),
    ]


async def test_a_withdrawn_image_is_dark_at_the_edge_and_comes_back_under_a_new_epoch(
    house: GatewayLine,
) -> None:
    asset = await house.stage.asset(WORLDWIDE)
    url = house.stage.url(asset)
    assert (await house.get(url)).status_code == 200
    await house.withdraw(asset)
    await until(lambda: _answers(house, url, 410))
    async with house.changes.begin(TEST) as change:
        await reinstate_asset(change, asset.public_id)
    await until(lambda: _answers(house, url, 307))
    moved = await house.get(url)
    assert moved.headers["CDN-Cache-Control"] == "no-store"  # it holds this viewer's token
    location = httpx2.URL(moved.headers["Location"]).raw_path.decode()
    back = await house.get(location)
    assert back.status_code == 200
    assert status_of(back) == "fwd=miss"


async def test_ended_grants_are_410_and_none_at_all_403(house: GatewayLine) -> None:
    asset, bare = await house.stage.asset(WORLDWIDE), await house.stage.asset()
    url = house.stage.url(asset)
    assert (await house.get(url)).status_code == 200
    await house.grant(asset, [])
    await until(lambda: _answers(house, url, 410))
    assert (await house.get(house.stage.url(bare))).status_code == 403


async def test_the_purger_empties_the_edge_behind_a_change(house: GatewayLine) -> None:
    asset = await house.stage.asset(WORLDWIDE)
    url = house.stage.url(asset)
    await house.get(url)
    await house.withdraw(asset)
    await until(lambda: _is_purged(house))
    again = await house.viewer.request(
        "PURGE", "/", headers={"xkey": f"a-{asset.public_id}", "X-Purge-Secret": PURGE_SECRET}
    )
    assert "Purged 0" in again.text


async def test_staff_see_what_no_one_may_and_leave_nothing_behind(house: GatewayLine) -> None:
    asset = await house.stage.asset()
    staff = await house.get(house.stage.url(asset, house.stage.staff_token(asset)))
    assert staff.status_code == 200
    assert staff.headers["Cache-Control"] == "private, no-store"
    assert status_of(staff) == "fwd=bypass"
    assert (await house.get(house.stage.url(asset))).status_code == 403
    url = house.stage.url(asset, house.stage.staff_token(asset))
    info = await house.viewer.get(url, headers={"Accept": "application/json"})
    assert (info.json()["asset"], info.headers["Cache-Control"]) == (
        asset.public_id,
        "private, no-store",
    )


async def test_staff_do_not_get_what_is_stored_for_everyone(house: GatewayLine) -> None:
    asset = await house.stage.asset(WORLDWIDE)
    await house.get(house.stage.url(asset))
    staff = await house.get(house.stage.url(asset, house.stage.staff_token(asset)))
    assert status_of(staff) == "fwd=bypass"
    assert staff.headers["Cache-Control"] == "private, no-store"


async def _answers(house: GatewayLine, url: str, status: int) -> bool:
    return (await house.get(url)).status_code == status


async def _is_purged(house: GatewayLine) -> bool:
    return await house.unconfirmed() == 0


@pytest.mark.parametrize("territory", ["bypass", "vary"])
async def test_a_plain_cache_never_hands_a_picture_to_a_country_that_may_not_see_it(
    stage: Stage,
    database_url: str,
    gateway_database_url: str,
    tmp_path: Path,
    territory: str,
) -> None:
    plain = load_settings(
        home=tmp_path,
        database_url=database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
        trusted_hops=[
            {"name": "edge", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET, "driver": "edge"}
            | {"territory": territory, "honours_vary": True},
            {"name": "cdn", "networks": [f"{CDN}/32"]},
        ],
        purge_drivers=[
            {"name": "edge", "kind": "varnish", "nodes": ["http://edge"], "secret": PURGE_SECRET}
        ],
    )
    expected = {"DE": 200, "FR": 403, "XX": 403}
    async with AsyncExitStack() as stack:
        gateway = httpx2.URL(await stack.enter_async_context(serve(create_app(plain))))
        assert gateway.port is not None
        text = vcl(plain, "plain", hop="edge", backend=(gateway.host, gateway.port))
        viewer = await stack.enter_async_context(
            client(stack.enter_context(run_varnish(text)), CDN)
        )
        for order in permutations(expected):
            url = stage.url(await stage.asset(NOT_FRANCE))
            for country in (*order, *order):
                answer = await viewer.get(url, headers={"CF-IPCountry": country})
                assert answer.status_code == expected[country], (order, country)
        free = stage.url(await stage.asset(WORLDWIDE))
        seen = [status_of(await viewer.get(free, headers={"CF-IPCountry": c})) for c in expected]
        assert seen == ["fwd=miss", "hit", "hit"]
