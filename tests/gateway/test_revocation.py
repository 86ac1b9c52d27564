"""Revocation: dark within the lease, whatever is late, held, cut or repeated."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from catalog.clock import utc_now
from catalog.delivery.keys import revoke_signing_key
from catalog.delivery.model import RenditionRequest
from catalog.events.feed import Feed
from catalog.events.model import Event, RecordedEvent
from catalog.purges.darkness import wait_until_dark
from catalog.rights.commands import (
    reinstate_asset,
    withdraw_asset,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from catalog.subjects import Subject
from gateway import loaders
from gateway.app import create_app, open_gateway
from imaging.stored_renditions import StoredRendition, StoredRenditions
from tests.support.people import TEST
from tests.support.proxy import run_proxy
from tests.support.serve import serve
from tests.support.stage import LONG_AGO, MASTER_KEYS, WORLDWIDE, Stage, StagedAsset
from vitrine.settings import Settings

GERMAN = {"CF-IPCountry": "DE"}


async def withdraw(stage: Stage, asset: StagedAsset) -> RecordedEvent:
    async with stage.changes.begin(TEST) as change:
        recorded = await withdraw_asset(change, asset.public_id)
    assert recorded is not None
    return recorded


async def dark(stage: Stage, recorded: RecordedEvent) -> None:
    await wait_until_dark(stage.pool, [recorded], lease_s=5)


async def test_a_withdrawn_image_is_dark_and_comes_back_under_a_new_epoch(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    assert (await gateway.get(url)).status_code == 200

    await dark(stage, await withdraw(stage, asset))
    assert (await gateway.get(url)).status_code == 410

    async with stage.changes.begin(TEST) as change:
        recorded = await reinstate_asset(change, asset.public_id)
    assert recorded is not None
    await dark(stage, recorded)
    answer = await gateway.get(url)
    assert answer.status_code == 307
    assert answer.headers["Location"] == stage.url(
        asset, url.partition("?t=")[2], epoch=await stage.epoch(asset)
    )
    assert (await gateway.get(answer.headers["Location"])).status_code == 200


async def test_ending_every_grant_makes_a_licence_expired(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    assert (await gateway.get(url)).status_code == 200

    async with stage.changes.begin(TEST) as change:
        recorded = await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, [])
    assert recorded is not None
    await dark(stage, recorded)

    answer = await gateway.get(url)
    assert (answer.status_code, answer.json()["code"]) == (410, "LICENCE_EXPIRED")


async def test_a_new_restriction_is_obeyed(stage: Stage, gateway: httpx2.AsyncClient) -> None:
    asset = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(asset))).status_code == 200
    germany = TermInput(include=("DE",), channels=("*",), usages=("*",), valid_from=LONG_AGO)

    async with stage.changes.begin(TEST) as change:
        recorded = await set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, [germany])
    assert recorded is not None
    await dark(stage, recorded)

    assert (await gateway.get(stage.url(asset))).json()["code"] == "RESTRICTED"
    french = await gateway.get(stage.url(asset), headers={"CF-IPCountry": "FR"})
    assert french.status_code == 307


async def test_an_epoch_that_the_gateway_does_not_know_yet_is_looked_up(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(asset))).status_code == 200
    # no event: as if the feed were a moment late
    await stage.pool.execute("UPDATE asset_epoch SET epoch = 9 WHERE asset = $1", asset.id)

    assert (await gateway.get(stage.url(asset, epoch=9))).status_code == 200
    assert (await gateway.get(stage.url(asset, epoch=10))).status_code == 404


class HeldRenditions(StoredRenditions):
    """Renditions that are ready, and wait for the test before they are given out."""

    def __init__(self, inner: StoredRenditions) -> None:
        self._inner = inner
        self.release = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)

    async def find_or_render(self, request: RenditionRequest) -> StoredRendition:
        stored = await self._inner.find_or_render(request)
        self.waiting.release()
        await self.release.wait()
        return stored


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the time of gateways on, which are opened afterwards."""
    ahead, now = [timedelta()], Feed.now

    def moved_on(feed: Feed) -> datetime:
        return now(feed) + sum(ahead, timedelta())

    monkeypatch.setattr(Feed, "now", moved_on)
    return ahead.append


@asynccontextmanager
async def held_gateway(
    settings: Settings,
) -> AsyncGenerator[tuple[HeldRenditions, httpx2.AsyncClient]]:
    async with open_gateway(settings, {}) as opened:
        held = HeldRenditions(opened.renditions)
        gateway = replace(opened, renditions=held)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await (await gateway.handle(Request(scope, receive)))(scope, receive, send)

        transport = httpx2.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://media", headers=GERMAN
        ) as client:
            yield held, client


@pytest.mark.parametrize("waiters", [1, 20])
async def test_what_was_rendered_while_the_right_ended_is_discarded_for_every_waiter(
    stage: Stage, settings: Settings, waiters: int
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with held_gateway(settings) as (held, client):
        requests = [asyncio.create_task(client.get(stage.url(asset))) for _ in range(waiters)]
        for _ in range(waiters):
            await held.waiting.acquire()

        await dark(stage, await withdraw(stage, asset))
        held.release.set()

        answers = await asyncio.gather(*requests)
        assert {answer.status_code for answer in answers} == {410}


async def test_who_holds_the_bytes_already_is_told_nothing_before_the_last_decision(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    async with held_gateway(settings) as (held, client):
        held.release.set()
        validator = {"If-None-Match": (await client.get(url)).headers["ETag"]}
        assert (await client.get(url, headers=validator)).status_code == 304
        held.release.clear()
        held.waiting = asyncio.Semaphore(0)
        request = asyncio.create_task(client.get(url, headers=validator))
        await held.waiting.acquire()

        await dark(stage, await withdraw(stage, asset))
        held.release.set()

        assert (await request).status_code == 410


async def test_a_change_that_leaves_the_right_sends_held_waiters_to_the_new_epoch(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with held_gateway(settings) as (held, client):
        request = asyncio.create_task(client.get(stage.url(asset)))
        await held.waiting.acquire()

        await dark(stage, await withdraw(stage, asset))
        async with stage.changes.begin(TEST) as change:
            recorded = await reinstate_asset(change, asset.public_id)
        assert recorded is not None
        await dark(stage, recorded)
        held.release.set()

        assert (await request).status_code == 307


async def test_a_right_that_ends_by_time_during_the_render_is_obeyed(
    stage: Stage, settings: Settings, later: Callable[[timedelta], None]
) -> None:
    ends_at = utc_now() + timedelta(minutes=10)
    asset = await stage.asset(replace(WORLDWIDE, valid_until=ends_at))
    async with held_gateway(settings) as (held, client):
        request = asyncio.create_task(client.get(stage.url(asset)))
        await held.waiting.acquire()
        later(timedelta(minutes=11))
        held.release.set()

        assert (await request).json()["code"] == "LICENCE_EXPIRED"


@pytest.mark.parametrize("reloads", ["windows", "catalogue"])
async def test_a_change_during_a_slow_look_at_something_else_is_seen(
    stage: Stage, settings: Settings, reloads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, owner = await stage.asset(WORLDWIDE), await stage.product()
    await stage.publish(owner)
    url = stage.url(asset, stage.token(asset, owner=owner))
    async with held_gateway(settings) as (held, client):
        held.release.set()
        assert (await client.get(url)).status_code == 200
        looking, go_on = asyncio.Event(), asyncio.Event()

        async def slow(*arguments: Any) -> Any:  # noqa: ANN401 - whatever is loaded
            looking.set()
            await go_on.wait()
            return await original(*arguments)

        name = f"load_{reloads}"
        original = getattr(loaders, name)
        monkeypatch.setattr(loaders, name, slow)
        subject = Subject(f"publication:{owner}:d2c" if reloads == "windows" else "channel:d2c")
        event = Event(type="product.moved", subject="product/x", version=1, subjects=(subject,))
        async with stage.changes.begin(TEST) as change:
            (recorded,) = await change.record(event)
        await dark(stage, recorded)
        request = asyncio.create_task(client.get(url))
        await looking.wait()

        await dark(stage, await withdraw(stage, asset))
        go_on.set()

        assert (await request).status_code == 410


async def test_a_signing_key_that_is_revoked_during_the_render_delivers_nothing(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with held_gateway(settings) as (held, client):
        request = asyncio.create_task(client.get(stage.url(asset)))
        await held.waiting.acquire()
        async with stage.changes.begin(TEST) as change:
            await revoke_signing_key(change, stage.keys.active.kid, master_keys=MASTER_KEYS)
        await dark(stage, change.recorded[-1])
        held.release.set()

        assert (await request).json()["code"] == "TOKEN_INVALID"


async def test_a_token_that_ends_during_the_render_delivers_nothing(
    stage: Stage, settings: Settings, later: Callable[[timedelta], None]
) -> None:
    asset = await stage.asset(WORLDWIDE)
    token = stage.token(asset, lives=timedelta(minutes=10))
    async with held_gateway(settings) as (held, client):
        request = asyncio.create_task(client.get(stage.url(asset, token)))
        await held.waiting.acquire()
        later(timedelta(minutes=11))
        held.release.set()

        assert (await request).json()["code"] == "TOKEN_EXPIRED"


async def test_a_gateway_that_is_cut_off_refuses_after_its_lease_and_recovers(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    async with run_proxy(settings.gateway_database()) as (proxy, database_url):
        partitioned = settings.model_copy(update={"gateway_database_url": SecretStr(database_url)})
        async with (
            serve(create_app(partitioned)) as base_url,
            httpx2.AsyncClient(base_url=base_url, headers=GERMAN, timeout=10) as client,
        ):
            for take_away in (proxy.stall, proxy.cut):
                await _until(client, url, lambda answer: answer.status_code == 200)
                take_away()
                await asyncio.sleep(settings.lease_s)
                await withdraw(stage, asset)

                answer = await client.get(url)
                assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
                assert answer.headers["Retry-After"] == "1"
                assert (await client.get("/health/ready")).status_code == 503

                proxy.heal()
                await _until(client, url, lambda answer: answer.status_code == 410)
                async with stage.changes.begin(TEST) as change:
                    await reinstate_asset(change, asset.public_id)
                url = stage.url(asset, epoch=await stage.epoch(asset))


async def test_a_gateway_opens_only_once_the_database_has_told_it_the_time(
    stage: Stage, settings: Settings
) -> None:
    await stage.pool.execute("REVOKE SELECT ON event FROM vitrine_gateway")  # the feed's alone
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), open_gateway(settings, {}):
            pytest.fail("it opened, and would decide by a clock that may be wrong")

    await stage.pool.execute("GRANT SELECT ON event TO vitrine_gateway")
    async with asyncio.timeout(30), open_gateway(settings, {}) as opened:
        assert abs(opened.now() - utc_now()) < timedelta(seconds=1)


async def test_awaiting_darkness_ends_with_the_gateways_or_with_the_lease(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(asset))).status_code == 200
    recorded = await withdraw(stage, asset)

    answer = await wait_until_dark(stage.pool, [recorded], lease_s=30)

    assert (await gateway.get(stage.url(asset))).status_code == 410
    assert answer.edges is None
    await stage.pool.execute("INSERT INTO gateway (id, seen_at) VALUES (gen_random_uuid(), now())")
    before = utc_now()
    late = await wait_until_dark(stage.pool, [recorded], lease_s=0.4)
    assert late.gateways - before >= timedelta(seconds=0.4)


async def _until(
    client: httpx2.AsyncClient, url: str, holds: Callable[[httpx2.Response], bool]
) -> None:
    deadline = utc_now() + timedelta(seconds=15)
    while utc_now() < deadline:
        if holds(await client.get(url)):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{url} never answered as it should")
