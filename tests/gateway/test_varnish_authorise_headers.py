"""What an authorising Varnish writes into its answers, and to whom."""

from catalog.errors import NotFoundError
from gateway.errors import problem, refusal_of
from tests.gateway.authorising import AuthorisingEdge
from tests.gateway.varnish_rig import (
    AUTO,
    IMAGE,
    needs_varnish,
    status_of,
)

pytestmark = needs_varnish


async def test_the_browsers_lifetime_is_that_of_leg_1_and_counts_from_now(
    edge: AuthorisingEdge,
) -> None:
    stored = "Mon, 01 Jan 2024 00:00:00 GMT"
    edge.gateway.extra = {"Age": "100", "Date": stored}
    await edge.browser.get(f"{IMAGE}?t=alice")
    edge.gateway.browser = "public, max-age=7, must-revalidate"
    answer = await edge.browser.get(f"{IMAGE}?t=alice")
    assert status_of(answer) == "hit"
    assert answer.headers["Cache-Control"] == "public, max-age=7, must-revalidate"
    assert "Age" not in answer.headers
    assert stored not in answer.headers["Date"]  # else a cache would count its age from then


async def test_what_stands_in_for_a_better_format_lives_ten_seconds_in_front_of_the_edge_too(
    edge: AuthorisingEdge,
) -> None:
    edge.gateway.extra = {"Cache-Status": "Vitrine; fwd=miss; stored; detail=stand-in"}
    edge.gateway.lifetime = "max-age=10"
    edge.gateway.edge = "max-age=300"
    edge.gateway.browser = "public, max-age=60, must-revalidate, s-maxage=300"
    for did in ("fwd=miss", "hit"):
        answer = await edge.cdn.get(f"{AUTO}?t=alice")
        assert status_of(answer) == did
        shortened = "public, max-age=10, must-revalidate, s-maxage=10"
        assert answer.headers["Cache-Control"] == shortened
        assert answer.headers["CDN-Cache-Control"] == "max-age=10"
    edge.gateway.browser = "private, no-cache"
    edge.gateway.edge = "no-store"
    answer = await edge.cdn.get(f"{AUTO}?t=alice")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["CDN-Cache-Control"] == "no-store"


async def test_a_browser_sees_no_tags_and_nothing_internal(edge: AuthorisingEdge) -> None:
    edge.gateway.edge = "max-age=20"
    answer = await edge.browser.get(f"{IMAGE}?t=alice")
    hidden = {"xkey", "surrogate-key", "cache-tag", "cdn-cache-control", "via", "x-varnish"}
    hidden |= {"x-epoch", "x-canonical", "x-browser-cache-control", "x-edge-cache-control"}
    assert not hidden & set(answer.headers)
    assert answer.headers["Accept-Ranges"] == "none"
    assert answer.headers["Cache-Status"] == "vitrine; fwd=miss, vitrine-edge; fwd=miss; stored"


async def test_a_plain_hop_in_front_gets_the_lifetime_of_this_moment_not_the_stored_one(
    edge: AuthorisingEdge,
) -> None:
    edge.gateway.lifetime = "max-age=86400"
    edge.gateway.extra = {"Age": "3600"}  # stored an hour ago
    await edge.cdn.get(f"{IMAGE}?t=alice")
    edge.gateway.edge = "max-age=20"  # twenty seconds before a boundary
    answer = await edge.cdn.get(f"{IMAGE}?t=alice")
    assert status_of(answer) == "hit"
    assert answer.headers["CDN-Cache-Control"] == "max-age=20"
    assert "Age" not in answer.headers
    assert answer.headers["Surrogate-Key"] == "a-7f3k2cq9 v-card"


async def test_a_hop_in_front_may_store_nothing_that_leg_1_gave_no_lifetime_for(
    edge: AuthorisingEdge,
) -> None:
    answer = await edge.cdn.get(f"{IMAGE}?t=alice")
    assert answer.headers["CDN-Cache-Control"] == "no-store"
    assert "Surrogate-Key" not in answer.headers


async def test_head_has_the_headers_of_get_and_no_body(edge: AuthorisingEdge) -> None:
    head = await edge.browser.head(f"{IMAGE}?t=alice")
    get = await edge.browser.get(f"{IMAGE}?t=alice")
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert head.headers[name] == get.headers[name]
    assert status_of(get) == "hit"


async def test_304_only_after_the_decision(edge: AuthorisingEdge) -> None:
    etag = (await edge.browser.get(f"{IMAGE}?t=alice")).headers["ETag"]
    known = {"If-None-Match": etag}
    answer = await edge.browser.get(f"{IMAGE}?t=alice", headers=known)
    assert answer.status_code == 304
    assert answer.headers["Cache-Control"] == edge.gateway.browser
    assert "if-none-match" not in edge.gateway.asked[-1]
    edge.gateway.allowed = False
    denied = await edge.browser.get(f"{IMAGE}?t=alice", headers=known)
    assert denied.status_code == 410


async def test_a_range_is_ignored(edge: AuthorisingEdge) -> None:
    await edge.browser.get(f"{IMAGE}?t=alice")
    answer = await edge.browser.get(f"{IMAGE}?t=alice", headers={"Range": "bytes=0-1"})
    assert answer.status_code == 200
    assert "range" not in edge.gateway.asked[-1]


async def test_other_methods_are_refused_with_allow(edge: AuthorisingEdge) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BAN"):
        answer = await edge.browser.request(method, f"{IMAGE}?t=alice")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"
    assert edge.gateway.asked == []


async def test_only_what_looks_like_a_picture_reaches_the_gateway(edge: AuthorisingEdge) -> None:
    for path in ("/metrics", "/health/ready", "/health%2fready", "/", "/a//b/c/d"):
        answer = await edge.browser.get(path)
        same = problem(refusal_of(NotFoundError("")), media_base="")
        assert (answer.status_code, answer.content) == (404, same.body)
        assert answer.headers["Content-Type"] == same.headers["Content-Type"]
    assert edge.gateway.asked == []
    await edge.browser.get(f"/{'a' * 1100}")
    assert len(edge.gateway.asked) == 1  # the gateway's to say 414


async def test_an_answer_without_tags_is_not_stored(edge: AuthorisingEdge) -> None:
    edge.gateway.extra = {"xkey": ""}
    await edge.browser.get(f"{IMAGE}?t=alice")
    assert status_of(await edge.browser.get(f"{IMAGE}?t=alice")) == "fwd=bypass"
