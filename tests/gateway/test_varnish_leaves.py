"""Leave that a real Varnish keeps: by what it is found, for how long, and what ends it before."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest

from edge.vcl import vcl
from tests.gateway.leaves_rig import (
    GOOD_FOR_S,
    LeaveKeepingEdge,
    edge_of,
    lit_until,
    replaced,
    varnish_of,
)
from tests.gateway.varnish_rig import (
    AUTO,
    client,
    needs_varnish,
    run_varnish,
    settings,
    until,
)

pytestmark = needs_varnish


@pytest.fixture(scope="module")
def varnish() -> Generator[tuple[str, int]]:
    with varnish_of() as running:
        yield running


@pytest.fixture
async def edge(varnish: tuple[str, int]) -> AsyncGenerator[LeaveKeepingEdge]:
    async with edge_of(varnish) as running:
        yield running
        await running.purge("a-7f3k2cq9")


async def test_leave_is_kept_for_its_url_its_country_and_the_hop_in_front_alone(
    edge: LeaveKeepingEdge,
) -> None:
    edge.gateway.good_for = "10.000"
    asked = [
        lambda: edge.get(edge.alice),
        lambda: edge.get(edge.bob),
        lambda: edge.get(edge.alice.replace("-640", "-960")),
        lambda: edge.get(edge.alice, "FR"),
        lambda: edge.get(edge.alice, "XX"),
        lambda: edge.cdn.get(edge.alice),
        lambda: edge.browser.get(edge.alice),
    ]
    for number, ask in enumerate(asked, start=1):
        for _ in range(2):
            assert (await ask()).status_code == 200
            assert edge.questions == number
    assert (await edge.cdn.get(edge.alice.replace("?", "?x=1&"))).status_code == 200
    assert (await edge.cdn.get(edge.alice + "&x=1")).status_code == 200
    assert edge.questions == len(asked) + 1


async def test_leave_is_shared_by_whatever_is_accepted_and_by_head(edge: LeaveKeepingEdge) -> None:
    edge.gateway.good_for = "10.000"
    url = edge.url("alice", AUTO)
    for accept in ("image/avif", "image/webp", "*/*"):
        answer = await edge.browser.head(url, headers={"Accept": accept})
        assert (answer.status_code, answer.content) == (200, b"")
        assert (await edge.browser.get(url, headers={"Accept": accept})).content
    assert edge.questions == 1
    etag = answer.headers["ETag"]
    known = await edge.browser.get(url, headers={"If-None-Match": etag, "Range": "bytes=0-1"})
    assert (known.status_code, edge.questions) == (304, 1)


async def test_leave_that_is_kept_says_to_the_hop_in_front_what_it_said_first(
    edge: LeaveKeepingEdge,
) -> None:
    edge.gateway.good_for, edge.gateway.edge = "10.000", "max-age=7"
    for _ in range(2):
        answer = await edge.cdn.get(edge.alice)
        assert answer.headers["CDN-Cache-Control"] == "max-age=7"
        assert answer.headers["Cache-Control"] == edge.gateway.browser
        assert not {"X-Epoch", "X-Good-For", "X-Edge-Cache-Control"}.intersection(answer.headers)
    assert edge.questions == 1


async def test_a_question_brings_no_header_that_decides_nothing(edge: LeaveKeepingEdge) -> None:
    said = {
        "User-Agent": "a browser",
        "Referer": "https://shop.example/",
        "Accept-Language": "de",
        "X-Request-Id": "request-1",
    }
    await edge.browser.get(edge.alice, headers=said)
    (asked,) = edge.gateway.asked
    (rendered,) = edge.gateway.rendered
    idle = {"user-agent", "referer", "accept-language", "accept-encoding", "via", "x-varnish"}
    assert not {*idle, "x-forwarded-for"}.intersection(asked)
    assert asked["x-request-id"] == rendered["x-request-id"] == "request-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"leave_tags": None},
        {"leave_tags": ""},
        {"browser": "private, no-store"},
        {"good_for": "0.000"},
        {"good_for": None},
        {"canonical": "0"},
        {"allowed": False},
        {"redirects": True},
    ],
    ids=str,
)
async def test_what_is_no_leave_to_keep_is_asked_for_each_time_and_not_one_by_one(
    edge: LeaveKeepingEdge, changed: dict[str, object]
) -> None:
    for name, value in changed.items():
        setattr(edge.gateway, name, value)
    first = await edge.browser.get(edge.alice)
    assert first.status_code == 200 or "stored" not in first.headers.get("Cache-Status", "")
    before = edge.questions
    edge.gateway.leg_1_gate = asyncio.Event()
    clients = [asyncio.create_task(edge.browser.get(edge.alice)) for _ in range(10)]
    async with asyncio.timeout(4):  # in 5 s the edge gives leg 1 up, and lets all of them go
        await until(lambda: edge.questions >= before + 10)  # side by side
    edge.gateway.leg_1_gate.set()
    await asyncio.gather(*clients)


async def test_leave_is_asked_for_each_time_where_the_settings_say_so() -> None:
    with varnish_of(keeps_decisions=False) as asking:
        async with edge_of(asking) as edge:
            for _ in range(3):
                assert (await edge.get(edge.alice)).status_code == 200
            assert edge.questions == 3


async def test_a_purge_takes_leave_out_with_the_picture(edge: LeaveKeepingEdge) -> None:
    edge.gateway.good_for = "10.000"
    await edge.get(edge.alice)
    edge.gateway.allowed = False
    assert (await edge.get(edge.alice)).status_code == 200
    assert "Purged 2" in (await edge.purge("a-7f3k2cq9")).text
    assert (await edge.get(edge.alice)).status_code == 410


async def test_a_purge_that_overtakes_leave_leaves_it_no_longer_than_it_is_proven(
    edge: LeaveKeepingEdge,
) -> None:
    await edge.show_bob()
    edge.gateway.leg_1_gate = asyncio.Event()
    slow = asyncio.create_task(edge.get(edge.alice))
    await until(lambda: edge.questions == 2)
    edge.gateway.allowed = False
    await edge.purge("a-7f3k2cq9")
    edge.gateway.leg_1_gate.set()
    assert (await slow).status_code in {200, 410}  # by then its picture is asked for as well
    last = await lit_until(lambda: edge.get(edge.alice))
    assert last <= edge.gateway.asked_at[1] + GOOD_FOR_S


async def test_twenty_who_waited_half_a_second_share_one_question_and_what_it_left(
    edge: LeaveKeepingEdge,
) -> None:
    await edge.show_bob()
    edge.gateway.good_for = "2.000"
    edge.gateway.leg_1_gate = asyncio.Event()
    clients = [asyncio.create_task(edge.get(edge.alice)) for _ in range(20)]
    await until(lambda: edge.questions == 2)
    await edge.wait_after(1, 0.5)
    edge.gateway.leg_1_gate.set()
    edge.gateway.allowed = False
    assert {(await each).status_code for each in clients} == {200}
    assert edge.questions == 2
    last = await lit_until(lambda: edge.get(edge.alice))
    assert last <= edge.gateway.asked_at[1] + 2.0


async def test_leave_that_took_long_to_come_is_replaced_once_it_is_over(
    edge: LeaveKeepingEdge,
) -> None:
    await edge.show_bob()
    edge.gateway.good_for = "0.600"
    edge.gateway.leg_1_gate = asyncio.Event()
    first = asyncio.create_task(edge.get(edge.alice))
    await until(lambda: edge.questions == 2)
    edge.gateway.good_for = "10.000"  # whatever takes its place
    await edge.wait_after(1, 0.4)
    edge.gateway.leg_1_gate.set()
    await first
    await edge.wait_after(1, 0.65)  # 0.25 s since it came
    for _ in range(2):
        assert (await edge.get(edge.alice)).status_code == 200
    assert edge.questions == 3


async def test_who_waited_for_leave_and_for_the_picture_counts_from_the_question(
    edge: LeaveKeepingEdge,
) -> None:
    edge.gateway.good_for = "2.000"
    edge.gateway.leg_1_gate, edge.gateway.gate = asyncio.Event(), asyncio.Event()
    clients = [asyncio.create_task(edge.get(edge.alice))]
    await until(lambda: edge.questions == 1)
    await edge.wait_after(0, 0.4)
    clients += [asyncio.create_task(edge.get(edge.alice)) for _ in range(19)]
    await edge.wait_after(0, 0.5)
    edge.gateway.leg_1_gate.set()
    await until(lambda: edge.gateway.rendering == 1)
    edge.gateway.allowed = False
    await edge.wait_after(0, 2.05)  # 1.65 s since nineteen of them came
    edge.gateway.gate.set()
    assert {(await each).status_code for each in clients} == {410}


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 410)])
async def test_a_picture_that_comes_after_the_kept_leave_is_over_is_asked_for_anew(
    edge: LeaveKeepingEdge, *, allowed: bool, status: int
) -> None:
    edge.gateway.good_for = "2.000"
    await edge.get(edge.alice)
    await edge.purge("v-card")  # the picture alone
    edge.gateway.gate = asyncio.Event()
    slow = asyncio.create_task(edge.get(edge.alice))
    await until(lambda: edge.gateway.rendering == 1)
    assert edge.questions == 1
    edge.gateway.allowed, edge.gateway.good_for = allowed, "10.000"
    await edge.wait_after(0, 2.01)
    edge.gateway.gate.set()
    assert (await slow).status_code == status
    assert len(edge.gateway.rendered) == 2  # and found, once it was there
    assert (await edge.get(edge.alice)).status_code == status
    assert edge.questions == 2 + (not allowed)  # the new leave is kept, no denial is


@pytest.fixture(scope="module")
def lingering() -> Generator[tuple[str, int]]:
    """A Varnish that finds leave that is over, as for who came before and waited for a thread."""

    def keep_longer(text: str) -> str:
        return replaced(text, 'X-Good-For + "s", 0s)', 'X-Good-For + "s", 0s) + 9s')

    with varnish_of(keep_longer) as running:
        yield running


async def test_no_picture_is_asked_for_by_leave_that_is_found_though_it_is_over(
    lingering: tuple[str, int],
) -> None:
    async with edge_of(lingering) as edge:
        await edge.get(edge.alice)
        await edge.purge("v-card")
        edge.gateway.allowed = False
        await asyncio.sleep(GOOD_FOR_S + 0.01)
        assert (await edge.get(edge.alice)).status_code == 410
        assert len(edge.gateway.rendered) == 1


async def test_leave_that_was_asked_for_again_takes_the_place_of_what_is_found_though_it_is_over(
    lingering: tuple[str, int],
) -> None:
    async with edge_of(lingering) as edge:
        edge.gateway.good_for = "2.000"
        await edge.get(edge.alice)
        await edge.purge("v-card")
        edge.gateway.gate = asyncio.Event()
        slow = asyncio.create_task(edge.get(edge.alice))
        await until(lambda: edge.gateway.rendering == 1)
        assert edge.questions == 1
        await edge.wait_after(0, 2.01)
        edge.gateway.good_for = "9.000"
        edge.gateway.gate.set()
        assert (await slow).status_code == 200
        assert (await edge.get(edge.alice)).status_code == 200
        assert edge.questions == 2


async def test_leave_is_none_that_was_asked_for_in_the_time_to_come() -> None:
    def as_if_the_clock_was_put_back(text: str) -> str:
        return replaced(text, "time = now - 1ms", "time = now + 5s")

    with varnish_of(as_if_the_clock_was_put_back) as varnish:
        async with edge_of(varnish) as edge:
            assert (await edge.get(edge.alice)).status_code == 503


async def test_a_viewer_cannot_say_of_what_country_or_age_a_leave_is(
    edge: LeaveKeepingEdge,
) -> None:
    edge.gateway.good_for = "10.000"
    edge.gateway.refused_countries = {"XX"}
    assert (await edge.cdn.get(edge.alice, headers={"X-Cdn-Country": "DE"})).status_code == 200
    said = {
        "CF-IPCountry": "DE",
        "X-Cdn-Country": "DE",
        "X-Vitrine-Country": "DE",
        "X-Vitrine-Front": "cdn",
        "X-Vitrine-Leg": "deliver",
        "X-Epoch": "1c",
        "X-Vitrine-Asked": str(time.time()),
        "X-Vitrine-Good-For": "10.000",
    }
    assert (await edge.browser.get(edge.alice, headers=said)).status_code == 403


async def test_of_two_tiers_one_keeps_leave_so_that_the_lease_is_not_lent_twice(
    edge: LeaveKeepingEdge,
) -> None:
    port = httpx2.URL(edge.base).port
    assert port
    outer = vcl(settings(), "authorise", hop="outer", backend=("127.0.0.1", port))
    with run_varnish(outer) as base:
        async with client(base) as viewer:
            for revoked_after_s in (0.0, 0.1, 0.2):
                url = edge.url(f"{revoked_after_s}")
                await edge.browser.get(url)  # kept inside, for those who ask there
                kept_since = edge.gateway.asked_at[-1]
                await asyncio.sleep(revoked_after_s)
                edge.gateway.allowed = False
                revoked_at = time.monotonic()
                await asyncio.sleep(kept_since + 0.2 - revoked_at)
                lit = await lit_until(lambda url=url: viewer.get(url))
                assert lit <= revoked_at + GOOD_FOR_S
                edge.gateway.allowed = True
            questions, edge.gateway.good_for = edge.questions, "10.000"
            for _ in range(2):
                assert (await viewer.get(edge.bob)).status_code == 200
            assert edge.questions == questions + 1  # the outer one does keep it
