"""The authorising VCL in a real Varnish: it delivers by leave of the gateway alone."""

import asyncio
from collections.abc import AsyncGenerator
from ipaddress import ip_network

import httpx2
import pytest
from pydantic import SecretStr

from catalog.ids import new_id
from edge.purge_drivers import VarnishDriver
from edge.vcl import vcl
from purger.drivers.model import PurgeRejectedError
from purger.drivers.varnish import Varnish
from tests.gateway.authorising import AuthorisingEdge
from tests.gateway.varnish_rig import (
    AUTO,
    HOP_SECRET,
    IMAGE,
    PURGE_SECRET,
    Gateway,
    client,
    needs_varnish,
    run_gateway,
    run_varnish,
    settings,
    status_of,
    until,
)
from tests.support.peer import peer_of

pytestmark = needs_varnish


async def test_bytes_are_found_under_a_key_without_the_token(edge: AuthorisingEdge) -> None:
    first = await edge.browser.get(f"{IMAGE}?t=alice")
    second = await edge.browser.get(f"{IMAGE}?t=bob")
    assert (status_of(first), status_of(second)) == ("fwd=miss", "hit")
    assert first.content == second.content
    assert edge.gateway.urls == [f"{IMAGE}?t=alice"]  # leg 2 still carries the token
    assert len(edge.gateway.asked) == 2


async def test_the_gateway_is_asked_before_every_hit_and_its_denial_stands(
    edge: AuthorisingEdge,
) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    edge.gateway.allowed = False  # and no purge was ever sent
    denied = await edge.browser.get(f"{IMAGE}?t=alice")
    assert denied.status_code == 410
    assert denied.headers["Cache-Control"] == "no-store"
    assert denied.headers["Content-Type"] == "application/problem+json"
    assert denied.content == b"{}"


async def test_a_stored_image_is_not_for_who_has_no_token(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    for query in ("", "?t=forged", "?t=", "?x=alice"):
        assert (await edge.browser.get(IMAGE + query)).status_code == 401


async def test_a_gateway_that_is_down_means_503_though_the_image_is_stored(
    edge: AuthorisingEdge,
) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    await edge.gateway_lives.aclose()
    answer = await edge.browser.get(f"{IMAGE}?t=alice")
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"]
    assert answer.json()["code"] == "UNAVAILABLE"


async def test_a_purge_by_tag_removes_what_is_stored_under_it(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    assert "Purged 0" in (await edge.purge("a-other")).text
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "hit"
    assert "Purged 1" in (await edge.purge("l-none", "a-7f3k2cq9")).text
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "fwd=miss"


async def test_the_purgers_driver_empties_every_node_and_fails_with_a_wrong_secret(
    edge: AuthorisingEdge,
) -> None:
    async def purge(secret: str, tags: list[str]) -> int:
        config = VarnishDriver(
            name="edge", kind="varnish", nodes=(edge.base,), secret=SecretStr(secret)
        )
        async with httpx2.AsyncClient() as http:
            return (await Varnish(config, http).purge(tags, new_id())).nodes

    await edge.browser.get(f"{IMAGE}?t=alice")
    with pytest.raises(PurgeRejectedError):
        await purge("wrong-secret-0123", ["a-7f3k2cq9"])
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "hit"
    longest = [f"a-{n:02}{'x' * 118}" for n in range(Varnish.max_batch - 1)]
    assert await purge(PURGE_SECRET, [*longest, "a-7f3k2cq9"]) == 1
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "fwd=miss"


async def test_a_purge_without_the_secret_or_a_tag_is_refused(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    for headers, status in (
        ({"xkey": "a-7f3k2cq9"}, 403),
        ({"xkey": "a-7f3k2cq9", "X-Purge-Secret": ""}, 403),
        ({"xkey": "a-7f3k2cq9", "X-Purge-Secret": "guess"}, 403),
        ({"X-Purge-Secret": PURGE_SECRET}, 400),
    ):
        assert (await edge.browser.request("PURGE", IMAGE, headers=headers)).status_code == status
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "hit"


async def test_a_purge_from_an_address_that_is_not_listed_is_refused() -> None:
    gateway = Gateway()
    async with run_gateway(gateway) as backend:
        text = vcl(
            settings(),
            "authorise",
            hop="edge",
            backend=backend,
            purge_from=[ip_network("127.0.0.9/32")],
        )
        with run_varnish(text) as base:
            headers = {"xkey": "a-7f3k2cq9", "X-Purge-Secret": PURGE_SECRET}
            async with client(base) as other, client(base, "127.0.0.9") as purger:
                assert (await other.request("PURGE", "/", headers=headers)).status_code == 403
                assert (await purger.request("PURGE", "/", headers=headers)).status_code == 200


async def test_internal_headers_of_a_client_are_forgotten(edge: AuthorisingEdge) -> None:
    claims = {
        "X-Vitrine-Leg": "deliver",
        "X-Epoch": "1c",
        "X-Vitrine-Given": "1",
        "X-Vitrine-Tier": "1",
        "X-Vitrine-Hop": "cdn",
        "X-Vitrine-Front": "cdn",
        "X-Vitrine-Private": "1",
        "X-Vitrine-Hop-Secret": "guess",
        "X-Vitrine-Country": "DE",
        "X-Browser-Cache-Control": "public, max-age=9999",
        "X-Edge-Cache-Control": "max-age=9999",
    }
    await edge.browser.get(f"{IMAGE}?t=alice")
    answer = await edge.browser.get(f"{IMAGE}?t=bob", headers=claims)
    assert len(edge.gateway.asked) == 2
    asked = edge.gateway.asked[1]
    assert asked["x-vitrine-hop-secret"] == HOP_SECRET
    assert not {name for name in claims if name.lower() in asked} - {
        "X-Vitrine-Leg",
        "X-Vitrine-Hop-Secret",
    }
    assert status_of(answer) == "hit"
    assert "cf-ipcountry" not in asked
    edge.gateway.allowed = False
    assert (await edge.browser.get(f"{IMAGE}?t=bob", headers=claims)).status_code == 410


async def test_the_country_is_believed_from_a_trusted_hop_only(edge: AuthorisingEdge) -> None:
    edge.gateway.refused_countries = {"FR"}
    said = {"CF-IPCountry": "DE", "X-Cdn-Country": "FR"}
    assert (await edge.browser.get(f"{IMAGE}?t=alice", headers=said)).status_code == 200
    assert "cf-ipcountry" not in edge.gateway.asked[0]
    assert (await edge.cdn.get(f"{IMAGE}?t=alice", headers=said)).status_code == 403
    assert edge.gateway.asked[1]["cf-ipcountry"] == "FR"
    assert edge.gateway.asked[1]["x-vitrine-front"] == "cdn"


async def test_two_words_on_the_country_are_none(edge: AuthorisingEdge) -> None:
    edge.gateway.refused_countries = {"FR"}
    for said in (("FR", "DE"), ("DE", "FR")):
        lines = [("X-Cdn-Country", country) for country in said]
        await edge.cdn.get(f"{IMAGE}?t=alice", headers=lines)
        assert edge.gateway.asked[-1]["cf-ipcountry"] == ", ".join(said)


async def test_a_request_with_a_body_reaches_nobody(edge: AuthorisingEdge) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        yield b"GET /another HTTP/1.1\r\n"

    await edge.browser.get(f"{IMAGE}?t=alice")
    asked = len(edge.gateway.asked)
    for body in (b"GET /another HTTP/1.1\r\n", chunks()):
        for method in ("GET", "HEAD"):
            headers = {"If-Match": "*"}
            url = f"{IMAGE}?t=alice"
            answer = await edge.browser.request(method, url, content=body, headers=headers)
            assert answer.status_code == 400
    assert len(edge.gateway.asked) == asked
    assert len(edge.gateway.rendered) == 1


async def test_a_url_with_a_fragment_is_none(edge: AuthorisingEdge) -> None:
    async with peer_of(edge.base) as peer:
        await peer.say(f"GET {IMAGE}?t=alice#1 HTTP/1.1\r\nHost: media\r\n\r\n".encode())
        await peer.answer()
    assert not edge.gateway.asked


async def test_what_is_not_found_at_the_edge_is_public_to_nobody_in_front(
    edge: AuthorisingEdge,
) -> None:
    for headers in ({}, {"If-None-Match": '"0"'}):
        answer = await edge.browser.get(f"{IMAGE}?t=alice", headers={"If-Match": "*", **headers})
        assert answer.headers["Cache-Control"] == "private, max-age=60, must-revalidate"


async def test_an_image_of_an_older_epoch_is_never_found(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    edge.gateway.epoch = "1d"
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "fwd=miss"


async def test_a_render_that_ends_after_revocation_and_purge_poisons_nothing(
    edge: AuthorisingEdge,
) -> None:
    edge.gateway.gate = asyncio.Event()
    slow = asyncio.create_task(edge.browser.get(f"{IMAGE}?t=alice"))
    await until(lambda: edge.gateway.rendering == 1)
    edge.gateway.epoch = "1d"  # a rights change …
    assert "Purged 0" in (await edge.purge("a-7f3k2cq9")).text  # … whose purge finds nothing yet
    edge.gateway.gate.set()
    await slow
    answer = await edge.browser.get(f"{IMAGE}?t=alice")
    assert status_of(answer) == "fwd=miss"
    assert answer.content != (await slow).content


async def test_who_waited_for_a_render_is_judged_again(edge: AuthorisingEdge) -> None:
    edge.gateway.gate = asyncio.Event()
    german, american = {"X-Cdn-Country": "DE"}, {"X-Cdn-Country": "US"}
    leader = asyncio.create_task(edge.cdn.get(f"{IMAGE}?t=alice", headers=american))
    await until(lambda: edge.gateway.rendering == 1)
    waiter = asyncio.create_task(edge.cdn.get(f"{IMAGE}?t=alice", headers=german))
    await until(lambda: len(edge.gateway.asked) == 2)
    edge.gateway.refused_countries = {"DE"}  # the grant for Germany ends meanwhile
    await asyncio.sleep(0.5)  # longer than the gateway's decision is proven
    edge.gateway.gate.set()
    assert (await waiter).status_code == 403
    assert (await leader).status_code == 200
    assert len(edge.gateway.rendered) == 1


async def test_leave_that_is_no_longer_proven_is_asked_for_again_and_at_last_refused(
    edge: AuthorisingEdge,
) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    edge.gateway.good_for = "0.000"  # a gateway whose lease is about to run out
    asked = len(edge.gateway.asked)
    assert (await edge.browser.get(f"{IMAGE}?t=alice")).status_code == 503
    assert len(edge.gateway.asked) == asked + 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("leave_lacks", "X-Good-For"),
        ("leave_lacks", "X-Epoch"),
        ("leave_lacks", "X-Browser-Cache-Control"),
        ("leave_lacks", "X-Canonical"),
        ("canonical", "0"),
        ("leave_status", 200),
    ],
)
async def test_an_answer_without_all_that_makes_leave_is_none(
    edge: AuthorisingEdge, name: str, value: object
) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    setattr(edge.gateway, name, value)
    asked = len(edge.gateway.asked)
    assert (await edge.browser.get(f"{IMAGE}?t=alice")).status_code == 503
    assert len(edge.gateway.asked) == asked + 1


async def test_answers_that_may_not_be_stored_are_not_served_one_by_one(
    edge: AuthorisingEdge,
) -> None:
    edge.gateway.lifetime = "no-store"
    edge.gateway.gate = gate = asyncio.Event()
    clients = [asyncio.create_task(edge.browser.get(f"{IMAGE}?t=c{n}")) for n in range(10)]
    await until(lambda: len(edge.gateway.asked) == 10)
    await until(lambda: edge.gateway.rendering == 1)
    edge.gateway.gate = asyncio.Event()
    gate.set()  # the first one is done; the nine others now render side by side
    await until(lambda: edge.gateway.rendering == 9)
    edge.gateway.gate.set()
    assert {(await each).status_code for each in clients} == {200}
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "fwd=bypass"


async def test_accept_is_one_of_three_for_auto(edge: AuthorisingEdge) -> None:
    for accept, seen in (
        ("image/avif,image/webp,*/*;q=0.8", "image/avif"),
        ("image/webp,image/avif;q=0", "image/webp"),
        ("image/avif;q=0.5", "image/avif"),
        ("text/html, image/webp;q=0.9", "image/webp"),
        ("*/*", "*/*"),
        ("image/avifx", "*/*"),
        ("a" * 2000, "*/*"),
        ("", "*/*"),
    ):
        edge.gateway.epoch += "0"  # so that nothing is stored yet
        await edge.browser.get(f"{AUTO}?t=alice", headers={"Accept": accept})
        assert edge.gateway.rendered[-1]["accept"] == seen


async def test_browsers_that_accept_the_same_share_one_body_of_auto(edge: AuthorisingEdge) -> None:
    edge.gateway.vary = "Accept"
    chrome, firefox, old = "image/avif,image/webp,*/*", "image/avif,*/*;q=0.5", "image/png,*/*"
    answers = [
        status_of(await edge.browser.get(f"{AUTO}?t=alice", headers={"Accept": accept}))
        for accept in (chrome, firefox, old)
    ]
    assert answers == ["fwd=miss", "hit", "fwd=miss"]


async def test_accept_does_not_split_explicit_formats(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice", headers={"Accept": "image/avif"})
    second = await edge.browser.get(f"{IMAGE}?t=alice", headers={"Accept": "text/html"})
    assert status_of(second) == "hit"
