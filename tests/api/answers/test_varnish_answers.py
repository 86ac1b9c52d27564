"""A real Varnish that keeps answers, in front of a real api, with a purger behind it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.app import create_app
from catalog.changes import Changes
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord
from edge.purge_drivers import VarnishDriver
from edge.tags import tag_headers
from edge.vcl import vcl
from purger.app import create_app as create_purger
from tests.api.answering import WITHDRAW
from tests.api.client import Client
from tests.api.http.test_accepted import URQL
from tests.api.shop import Product, Shop, attribute
from tests.gateway.varnish_rig import (
    CDN,
    HOP_SECRET,
    PURGE_SECRET,
    client,
    needs_varnish,
    run_varnish,
    status_of,
)
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.serve import serve
from tests.support.stage import StagedAsset, master_key_text
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

pytestmark = needs_varnish

SHOWN = '{ product(sku: "VASE") { hero { alt asset { id } } } }'
LISTED = "{ products { nodes { sku } } }"
UNPUBLISH = 'mutation { unpublishProducts(skus: ["BOWL"], channel: "d2c") { errors { code } } }'
PUBLISH = 'mutation { publishProducts(skus: ["BOWL"], channel: "d2c") { errors { code } } }'
FOLLOWED = 'subscription @inContext(channel: "d2c") { productChanged { change } }'
GRAPHQL_JSON = "application/graphql-response+json"


@dataclass
class AnswersLine:
    """The whole line.

    Attributes:
        viewer: asks the cache, as a browser does.
        base: of the cache.
        api: asked behind its back.
    """

    shop: Shop
    viewer: httpx2.AsyncClient
    base: str
    api: httpx2.AsyncClient
    settings: Settings

    async def get(self, query: str = SHOWN, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.viewer.get("/graphql", params={"query": query}, headers=named)

    async def fill(self, query: str = SHOWN) -> Any:  # noqa: ANN401 - whatever is asked for
        """Ask until the cache has it, and return its data."""

        async def is_held() -> bool:
            return status_of(await self.get(query)) == "hit"

        await eventually(is_held)
        return (await self.get(query)).json()["data"]

    async def change(self, query: str, scope: str, **variables: str) -> None:
        headers = await self.shop.key(scope)
        data = await Client(self.api).data(query, variables, headers=headers)
        assert [each["errors"] for each in data.values()] == [[]]

    async def tags(self) -> set[str]:
        """Return what was ever purged of this cache."""
        rows = await self.shop.pool.fetch("SELECT tag FROM purge WHERE driver = 'cache'")
        return {row["tag"] for row in rows}


def _settings(database_url: str, home: Path, *, node: str = "http://127.0.0.1:1") -> Settings:
    return load_settings(
        home=home,
        database_url=database_url,
        master_key=master_key_text(),
        public_reads="true",
        lease_s=10,  # nothing here waits for it, and a busy machine must not outlast it
        media_base="https://media.test",
        trusted_hops=[
            {"name": "cache", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET}
            | {"driver": "cache", "honours_vary": True, "answers": "vary"},
            {"name": "cdn", "networks": [f"{CDN}/32"]},
        ],
        purge_drivers=[
            {"name": "cache", "kind": "varnish", "nodes": [node], "secret": PURGE_SECRET}
        ],
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return _settings(database_url, tmp_path)


@pytest.fixture
async def house(
    shop: Shop, settings: Settings, database_url: str, tmp_path: Path
) -> AsyncGenerator[AnswersLine]:
    async with AsyncExitStack() as stack:
        app = serve(create_app(settings), with_websockets=True)
        base_url = httpx2.URL(await stack.enter_async_context(app))
        assert base_url.port is not None
        text = vcl(settings, "answers", backend=(base_url.host, base_url.port))
        base = stack.enter_context(run_varnish(text))
        with_node = _settings(database_url, tmp_path, node=base)
        await purging(shop.pool, ["cache"], answer_drivers=["cache"])
        await stack.enter_async_context(serve(create_purger(with_node)))
        yield AnswersLine(
            shop=shop,
            viewer=await stack.enter_async_context(client(base)),
            base=base,
            api=await stack.enter_async_context(httpx2.AsyncClient(base_url=base_url)),
            settings=settings,
        )


async def test_an_answer_is_made_once_and_handed_out_unasked(
    vase: StagedAsset, house: AnswersLine
) -> None:
    answers = [await house.get() for _ in range(3)]
    assert [status_of(each) for each in answers] == ["fwd=miss", "hit", "hit"]
    last = answers[-1]
    assert last.json()["data"]["product"]["hero"]["asset"]["id"] == vase.public_id
    assert "no-cache" in last.headers["cache-control"]  # a browser asks the cache each time
    hidden = {"xkey", "surrogate-key", "cache-tag", "cdn-cache-control"}
    assert not hidden & set(last.headers)
    unchanged = await house.get(If_None_Match=last.headers["etag"])
    assert (unchanged.status_code, status_of(unchanged)) == (304, "hit")
    for named, status in (('"other"', 412), (last.headers["etag"], 200)):
        assert (await house.get(If_Match=named)).status_code == status
    async with client(house.base, CDN) as tier:
        inner = await tier.get("/graphql", params={"query": SHOWN})
    assert hidden <= set(inner.headers)


async def test_media_types_are_not_mixed_up(vase: StagedAsset, house: AnswersLine) -> None:
    assert vase
    seen: list[tuple[str, str]] = []
    for accept in (
        GRAPHQL_JSON,
        "application/json",
        f"application/json;q=0.9, {GRAPHQL_JSON}",
        "application/json, text/plain",
    ):
        answer = await house.get(Accept=accept)
        seen.append((answer.headers["content-type"], status_of(answer)))
    assert seen == [
        (GRAPHQL_JSON, "fwd=miss"),
        ("application/json", "fwd=miss"),
        (GRAPHQL_JSON, "hit"),
        ("application/json", "hit"),
    ]


async def test_who_takes_streams_beside_json_is_answered_from_the_cache(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert vase
    assert status_of(await house.get(Accept=GRAPHQL_JSON)) == "fwd=miss"
    for accept, status in (
        (URQL, "hit"),  # the very answer of those who take JSON alone
        (f"{GRAPHQL_JSON};q=0, */*", "fwd=bypass"),
        ("text/event-stream", "fwd=bypass"),
    ):
        assert status_of(await house.get(Accept=accept)) == status
    by_hash = await house.viewer.get("/graphql", headers={"Accept": URQL})
    assert status_of(by_hash) == "fwd=bypass"  # it may stand for a subscription


async def test_a_withdrawn_picture_is_gone_from_the_cache_once_it_is_purged(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert (await house.fill())["product"]["hero"] is not None
    await house.change(WITHDRAW, "manage.rights", id=vase.public_id)
    await eventually(lambda: _shows(house, None))
    again = await house.get()
    assert again.json()["data"]["product"]["hero"] is None


async def test_a_title_that_is_edited_clears_the_answer_and_no_picture(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert (await house.fill())["product"]["hero"]["alt"] == "A vase"
    changes = Changes(pool=house.shop.pool)
    async with changes.begin(TEST) as change:
        record = AssetRecord(code=vase.public_id, values={"alt": {"en-US": "A blue vase"}})
        assert (await put_assets(change, [record], {})).updated == 1
    await eventually(lambda: _shows(house, "A blue vase"))
    # the picture is under `a-`, which nobody asked to clear
    assert await house.tags() == {f"t-{vase.public_id}"}


async def test_what_is_published_and_taken_back_is_on_the_list_and_off_it(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert vase
    await house.shop.put(Product("BOWL", "SIMPLE"), attribute("name", "text", "Bowl"))
    both = [{"sku": "BOWL"}, {"sku": "VASE"}]
    assert (await house.fill(LISTED))["products"]["nodes"] == both
    await house.change(UNPUBLISH, "manage.products")
    await eventually(lambda: _lists(house, both[1:]))
    await house.fill(LISTED)
    await house.change(PUBLISH, "manage.products")
    await eventually(lambda: _lists(house, both))


async def _shows(house: AnswersLine, alt: str | None) -> bool:
    hero = (await house.get()).json()["data"]["product"]["hero"]
    return (hero and hero["alt"]) == alt


async def _lists(house: AnswersLine, nodes: list[dict[str, str]]) -> bool:
    listed = (await house.get(LISTED)).json()["data"]["products"]["nodes"]
    return sorted(listed, key=lambda each: each["sku"]) == nodes


async def test_who_has_a_key_is_answered_by_the_api_and_leaves_nothing_behind(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert vase
    key = await house.shop.key("read")
    for _ in range(2):
        answer = await house.get(**key)
        assert status_of(answer) == "fwd=bypass"
        assert answer.headers["cache-control"] == "private, no-store"
    assert status_of(await house.get()) == "fwd=miss"
    assert status_of(await house.get(**key)) == "fwd=bypass"  # although one is stored now
    assert status_of(await house.get()) == "hit"
    wrong = await house.get(Authorization="Bearer nobody")
    assert wrong.status_code == 401


async def test_posts_and_refusals_are_not_stored(vase: StagedAsset, house: AnswersLine) -> None:
    assert vase
    for _ in range(2):
        posted = await house.viewer.post("/graphql", json={"query": SHOWN})
        assert status_of(posted) == "fwd=bypass"
        refused = await house.get("{ products(first: 100000) { nodes { sku } } }")
        assert refused.json()["errors"]
        assert status_of(refused) == "fwd=bypass"


async def test_nothing_but_the_graph_is_reached_through_the_cache(house: AnswersLine) -> None:
    for path in ("/metrics", "/health/ready", "/graphqlx", "/"):
        answer = await house.viewer.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_stream_of_events_comes_through_as_it_happens(
    vase: StagedAsset, house: AnswersLine
) -> None:
    assert vase
    await house.shop.put(Product("BOWL", "SIMPLE"), attribute("name", "text", "Bowl"))
    asked = {"query": FOLLOWED}
    headers = {"Accept": URQL}
    async with (
        asyncio.timeout(20),
        house.viewer.stream("GET", "/graphql", params=asked, headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        assert stream.status_code == 200
        await anext(lines)  # it has begun
        await house.change(UNPUBLISH, "manage.products")
        async for line in lines:
            if line.startswith("data:") and "UNPUBLISHED" in line:
                return
    pytest.fail("the stream ended")


async def test_an_answer_that_says_nothing_of_what_it_rests_on_is_not_stored(
    house: AnswersLine,
) -> None:
    for _ in range(2):
        answer = await house.get("{ __schema { queryType { name } } }")
        assert answer.json()["data"]["__schema"]["queryType"]["name"] == "Query"
        assert status_of(answer) == "fwd=bypass"


async def test_varnish_takes_as_many_tags_as_is_said_and_looks_up_no_key(
    settings: Settings,
) -> None:
    tags = [f"a-{number:08x}" for number in range((VarnishDriver.max_tag_bytes + 1) // 11)]
    told: Mapping[str, str] = {"CDN-Cache-Control": "max-age=60", **tag_headers(tags)}

    async def answer(_: Request) -> Response:
        return Response(b"{}", headers=told, media_type="application/json")

    async with AsyncExitStack() as stack:
        app = Starlette(routes=[Route("/graphql", answer)])
        url = httpx2.URL(await stack.enter_async_context(serve(app)))
        assert url.port is not None
        text = vcl(settings, "answers", backend=(url.host, url.port))
        base = stack.enter_context(run_varnish(text))
        viewer = await stack.enter_async_context(client(base))
        assert len(tags) > 700
        answers = [await viewer.get("/graphql") for _ in range(2)]
        assert [status_of(each) for each in answers] == ["fwd=miss", "hit"]
        keyed = await viewer.get("/graphql", headers={"Authorization": "Bearer x"})
        assert status_of(keyed) == "fwd=bypass"  # even of an answer that has no Vary
        purged = {"xkey": tags[-1], "X-Purge-Secret": PURGE_SECRET}
        assert "Purged 1" in (await viewer.request("PURGE", "/", headers=purged)).text
