"""Leave for an authorising edge: given again at once, and good for no longer than it is proven."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import Scope

from catalog.clock import utc_now
from catalog.delivery.commands import put_presets
from catalog.delivery.keys import revoke_signing_key
from catalog.delivery.model import Format, PresetRecord, Recipe
from catalog.events.model import Event
from catalog.licences.batches import LicenceRecord
from catalog.purges.darkness import wait_until_dark
from catalog.rights.model import TermInput
from catalog.subjects import Subject
from edge.edges import TrustedHop, awaited
from edge.hops import FRONT_HEADER, LEG_HEADER, SECRET_HEADER, Viewer
from edge.purge_drivers import WebhookDriver
from gateway.app import open_gateway
from gateway.leaves import Keepers
from gateway.proof.answers import Coverage, log_files, read_answers
from gateway.service import Gateway
from serving.at_once import PlainRequest
from tests.support.people import TEST
from tests.support.proxy import run_proxy
from tests.support.stage import MASTER_KEYS, WORLDWIDE, Stage
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

SECRET = "secret-of-the-edge"
EDGE = {
    "name": "edge",
    "networks": ["127.0.0.1/32"],
    "secret": SECRET,
    "kind": "authorising",
    "driver": "edge",
}
CDN = {"name": "cdn", "networks": ["10.0.0.0/8"], "driver": "cdn"}
LEASE_S = 10.0


@dataclass(frozen=True)
class Leg:
    """An answer to leg 1.

    Attributes:
        code: of a problem.
        is_at_once: nothing was waited for.
    """

    status: int
    headers: dict[str, str]
    is_at_once: bool

    @property
    def good_for_s(self) -> float:
        return float(self.headers["x-good-for"])

    @property
    def may_be_kept(self) -> bool:
        return "xkey" in self.headers


@dataclass(frozen=True)
class LeaveClient:
    """What an authorising edge asks a gateway."""

    gateway: Gateway

    async def ask(self, url: str, *, method: str = "GET", **said: str) -> Leg:
        path, _, query = url.partition("?")
        headers = {"Host": "media", SECRET_HEADER: SECRET, LEG_HEADER: "authorise"} | said
        lines = [(name.lower().encode(), each.encode()) for name, each in headers.items()]
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": lines,
            "client": ("127.0.0.1", 1),
        }
        incoming = PlainRequest(
            method=method, target=url.encode(), headers=dict(lines), address="127.0.0.1"
        )
        whole = self.gateway.answer_at_once(incoming)
        if whole is None:
            response = await self.gateway.handle(Request(scope))
            return Leg(response.status_code, dict(response.headers), is_at_once=False)
        status_line, *lines = whole[0].decode("latin-1").splitlines()
        known = (line.partition(": ") for line in lines)
        found = {name.lower(): value for name, _, value in known}
        return Leg(int(status_line.split()[1]), found, is_at_once=True)

    async def learn(self, url: str, **said: str) -> Leg:
        """Ask until the gateway knows the leave by heart.

        An event that comes in while it learns makes it forget, and so it is asked again.
        """
        for _ in range(20):
            leg = await self.ask(url, **said)
            assert leg.status == 204
            if leg.is_at_once:
                return leg
        raise AssertionError("never known by heart")


def driver(name: str, *, after: str | None = None) -> dict[str, object]:
    known = {"kind": "webhook", "url": "http://127.0.0.1:1/", "secret": "w" * 32}
    return {**known, "name": name, "after": after}


@asynccontextmanager
async def edge_of(settings: Settings, **changed: object) -> AsyncGenerator[LeaveClient]:
    drivers = [driver("edge"), driver("cdn", after="edge")]
    known = settings.model_dump(exclude_unset=True)
    hops = {"trusted_hops": [EDGE, CDN], "purge_drivers": drivers, "lease_s": LEASE_S}
    async with open_gateway(load_settings(**(known | hops | changed)), {}) as gateway:
        yield LeaveClient(gateway)


async def test_leave_is_given_again_at_once_whatever_is_accepted_and_by_whatever_method(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE), image_format=Format.AUTO)
    async with edge_of(settings) as edge:
        first = await edge.ask(url, Accept="image/avif")
        assert (first.status, first.is_at_once) == (204, False)
        async with asyncio.timeout(10):  # the feed may bring only now what was staged
            while not (await edge.ask(url, Accept="image/avif")).is_at_once:
                pass
        for method, accept in (("GET", "image/webp"), ("HEAD", "*/*")):
            again = await edge.ask(url, method=method, Accept=accept)
            assert again.is_at_once
            assert _without_terms(again) == _without_terms(first)
        assert not (await edge.ask(url, **{FRONT_HEADER: "cdn"})).is_at_once


def _without_terms(leg: Leg) -> dict[str, str]:
    own = {"x-good-for", "x-request-id"}
    return {name: each for name, each in leg.headers.items() if name not in own}


async def test_remembered_leave_is_good_for_what_is_left_of_the_lease_now(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    async with (
        run_proxy(settings.gateway_database()) as (proxy, behind),
        edge_of(settings, gateway_database_url=SecretStr(behind)) as edge,
    ):
        fresh = await edge.learn(url)
        proxy.stall()
        await asyncio.sleep(0.4)
        stale = await edge.ask(url)
        proxy.heal()
    assert stale.is_at_once
    assert LEASE_S / 2 < fresh.good_for_s <= LEASE_S
    assert 0 < stale.good_for_s <= LEASE_S - 0.4


async def _revoke_key(stage: Stage, _: str) -> None:
    async with stage.changes.begin(TEST) as change:
        await revoke_signing_key(change, stage.keys.active.kid, master_keys=MASTER_KEYS)
    await wait_until_dark(stage.pool, change.recorded, lease_s=LEASE_S)


async def _unpublish(stage: Stage, owner: str) -> None:
    subjects = (Subject(f"publication:{owner}:d2c"),)
    async with stage.changes.begin(TEST) as change:
        await change.conn.execute(
            "UPDATE publication SET ended_at = clock_timestamp() WHERE public_id = $1", owner
        )
        await change.record(
            Event(type="product.unpublished", subject="product/x", version=1, subjects=subjects)
        )
    await wait_until_dark(stage.pool, change.recorded, lease_s=LEASE_S)


@pytest.mark.parametrize(
    ("change", "status"), [(_revoke_key, 401), (_unpublish, 404)], ids=["key", "publication"]
)
async def test_remembered_leave_ends_with_what_it_rests_on(
    stage: Stage,
    settings: Settings,
    change: Callable[[Stage, str], Awaitable[None]],
    status: int,
) -> None:
    asset, owner = await stage.asset(WORLDWIDE), await stage.product()
    await stage.publish(owner)
    url = stage.url(asset, stage.token(asset, owner=owner))
    async with edge_of(settings) as edge:
        await edge.learn(url)
        await change(stage, owner)
        ended = await edge.ask(url)
    assert (ended.status, ended.is_at_once) == (status, False)


async def test_remembered_leave_ends_with_the_owners_window_and_never_says_more(
    stage: Stage, settings: Settings
) -> None:
    asset, owner = await stage.asset(WORLDWIDE), await stage.product()
    url = stage.url(asset, stage.token(asset, owner=owner))
    clocks_s = 0.25  # how far the gateway's estimate of the database's clock may be off
    async with edge_of(settings) as edge:
        ends_at = utc_now() + timedelta(seconds=1.5)
        await stage.publish(owner, visible_until=ends_at)
        before_s = (ends_at - utc_now()).total_seconds()
        leg = await edge.learn(url)
        left_s = (ends_at - utc_now()).total_seconds()
        assert left_s - clocks_s < leg.good_for_s < before_s + clocks_s
        await asyncio.sleep(left_s + clocks_s)
        ended = await edge.ask(url)
    assert (ended.status, ended.is_at_once) == (404, False)


async def test_remembered_leave_is_not_given_once_the_feed_has_stalled_for_a_lease(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    async with (
        run_proxy(settings.gateway_database()) as (proxy, behind),
        edge_of(settings, gateway_database_url=SecretStr(behind), lease_s=0.5) as edge,
    ):
        await edge.learn(url)
        proxy.stall()
        await asyncio.sleep(0.51)
        ended = await edge.ask(url)
        proxy.heal()
    assert (ended.status, ended.is_at_once) == (503, False)


def _ending(seconds: float) -> TermInput:
    return replace(WORLDWIDE, valid_until=utc_now() + timedelta(seconds=seconds))


#: The longest copy, and what whole seconds and ages may hide.
BROWSER_S, PLAIN_HOP_S = 60 + 2, 300 + 2


@pytest.mark.parametrize(
    ("front", "left_s", "is_kept"),
    [
        (None, BROWSER_S + LEASE_S / 2, False),
        (None, BROWSER_S + LEASE_S + 2, True),
        ("cdn", PLAIN_HOP_S + LEASE_S / 2, False),
        ("cdn", PLAIN_HOP_S + LEASE_S + 2, True),
    ],
)
async def test_leave_may_be_kept_while_the_lifetimes_that_it_states_are_steady(
    stage: Stage, settings: Settings, front: str | None, left_s: float, *, is_kept: bool
) -> None:
    url = stage.url(await stage.asset(_ending(left_s)))
    said = {} if front is None else {FRONT_HEADER: front}
    async with edge_of(settings) as edge:
        for leg in (await edge.ask(url, **said), await edge.learn(url, **said)):
            assert leg.may_be_kept is is_kept
            assert ("x-edge-cache-control" in leg.headers) is (front is not None)


async def test_a_hop_that_the_gateway_does_not_know_is_told_no_lifetime(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    async with edge_of(settings) as edge:
        leg = await edge.learn(url, **{FRONT_HEADER: "of-other-settings"})
    assert "x-edge-cache-control" not in leg.headers


async def test_leave_that_nobody_could_take_back_in_time_is_asked_for_each_time(
    stage: Stage, settings: Settings
) -> None:
    asset, tagged = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    for number in range(6):  # with asset, preset and key more tags than go out
        licence = LicenceRecord(code=f"licence-{number}", licensor="Studio")
        await stage.licence(licence, tagged)
    # of so short a life that the end of a token of five minutes is far
    brief: dict[str, Any] = {"preset": "brief", "width_px": 48}
    async with stage.changes.begin(TEST) as change:
        recipe = Recipe(widths_px=(48,))
        await put_presets(change, [PresetRecord(code="brief", recipe=recipe, lifetime_s=10)])
    async with edge_of(settings) as edge:
        assert (await edge.ask(stage.url(asset, **brief))).may_be_kept
        staff = await edge.ask(stage.url(asset, stage.staff_token(asset), **brief))
        assert (staff.status, staff.may_be_kept) == (204, False)
        assert not (await edge.ask(stage.url(tagged))).may_be_kept
    async with edge_of(settings, edge_keeps_decisions=False) as edge:
        assert not (await edge.learn(stage.url(asset))).may_be_kept


async def test_leave_for_a_hop_whose_purges_are_late_is_asked_for_each_time(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    async with edge_of(settings) as edge:
        assert (await edge.learn(url, **{FRONT_HEADER: "cdn"})).may_be_kept

        async def is_asked_each_time() -> bool:
            return not (await edge.ask(url, **{FRONT_HEADER: "cdn"})).may_be_kept

        await stage.pool.execute(
            "INSERT INTO purge (tag, cause, pass, driver, not_before)"
            " SELECT 'a-aaaa', id, 1, 'cdn', clock_timestamp() - interval '61 seconds'"
            " FROM event LIMIT 1"
        )
        await eventually(is_asked_each_time)
        assert (await edge.ask(url)).may_be_kept  # a browser's copy is not what is late


@pytest.mark.parametrize(
    ("cdn", "after", "edge", "is_kept"),
    [
        ("cdn", "edge", "edge", True),
        ("cdn", "shield", "edge", True),  # which is purged after the edge
        ("cdn", "apart", "edge", False),
        ("cdn", None, "edge", False),
        ("cdn", "edge", None, False),  # nobody purges the edge
        ("edge", None, "edge", False),  # one driver asks both at once
        (None, None, "edge", True),  # it has no purge to lose
    ],
)
def test_leave_is_kept_for_a_hop_that_is_purged_after_the_edge_or_never(
    cdn: str | None, after: str | None, edge: str | None, *, is_kept: bool
) -> None:
    drivers = [
        WebhookDriver.model_validate(each)
        for each in (
            driver("edge"),
            driver("apart"),
            driver("shield", after="edge"),
            driver("cdn", after=after),
        )
    ]
    viewer = Viewer(
        hop=TrustedHop.model_validate(EDGE | {"driver": edge}),
        hop_in_front=TrustedHop.model_validate(CDN | {"driver": cdn}),
        country=None,
    )
    keepers = Keepers(may_keep=True, awaited=awaited(drivers))
    assert keepers.include(viewer) is is_kept
    assert keepers.include(replace(viewer, hop_in_front=None))
    assert not replace(keepers, may_keep=False).include(viewer)


async def test_leave_for_a_hop_that_is_purged_before_the_edge_is_asked_for_each_time(
    stage: Stage, settings: Settings
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    async with edge_of(settings, purge_drivers=[driver("edge"), driver("cdn")]) as edge:
        assert not (await edge.learn(url, **{FRONT_HEADER: "cdn"})).may_be_kept
        assert (await edge.learn(url)).may_be_kept


async def test_a_gateway_knows_so_many_leaves_by_heart_and_no_more(
    stage: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.leaves.MOST_REMEMBERED", 2)
    urls = [stage.url(await stage.asset(WORLDWIDE)) for _ in range(3)]
    async with edge_of(settings) as edge:
        for _ in range(20):  # an event that comes in meanwhile makes it forget all
            for url in urls:
                await edge.learn(url)
            known = [(await edge.ask(url)).is_at_once for url in reversed(urls)]
            assert not known[2]
            if all(known[:2]):
                return
    raise AssertionError("never known by heart together")


async def test_the_log_says_for_how_long_each_leave_may_be_kept(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    urls = [stage.url(asset), stage.url(asset), stage.url(asset, stage.staff_token(asset))]
    async with edge_of(settings) as edge:
        legs = [await edge.ask(url) for url in urls]
        began = [each.is_at_once for each in legs]
    answers = read_answers(log_files([settings.delivery_log]), Coverage())
    entries = [(each.entry.how, each.entry.status, each.entry.kept_for_s) for each in answers]
    assert began == [False, True, False]
    assert entries == [
        ("leave", 204, legs[0].good_for_s),
        ("leave", 204, legs[1].good_for_s),
        ("staff", 204, 0),
    ]
