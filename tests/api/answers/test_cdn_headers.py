"""What a CDN in front of the api is told it may keep, and what clears it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import httpx2
import pytest
from starlette.types import Scope

from api.answers.answer_memory import Answer, Answers
from api.answers.cdn_headers import CachingHops
from api.app import create_app
from api.http.repeated_answers import RepeatedAnswers
from api.request.rates import Rates
from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.errors import SettingsError
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord
from catalog.memory.lease import Lease
from catalog.rights.model import NEVER, TermInput
from catalog.subjects import Subject
from edge.hops import SECRET_HEADER
from serving.at_once import PlainRequest
from tests.api.client import Client
from tests.api.purges import each_of, purges
from tests.api.shop import Product, Shop, attribute
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.serve import serve
from tests.support.stage import LONG_AGO, StagedAsset
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

SHOWN = '{ product(sku: "VASE") { media { alt asset { id } } } }'
GET = {"query": SHOWN}
TAGS = ("cache-tag", "surrogate-key", "xkey")
BIND = """mutation ($product: ID!, $asset: ID!) { bindMedia(input: [
  {productId: $product, assetId: $asset, role: GALLERY}]) { errors { code } } }"""
UNPUBLISH = """mutation { unpublishProducts(skus: ["VASE"], channel: "d2c") {
  errors { code } } }"""
REFUSED = "{ products(first: 100000) { nodes { sku } } }"


def driver(name: str, kind: str) -> dict[str, object]:
    more: dict[str, dict[str, object]] = {
        "varnish": {"nodes": ["http://127.0.0.1:1"], "secret": "purge-secret-0123"},
        "fastly": {"service": "abc", "token": "token-of-fastly-0123"},
        "webhook": {"url": "http://127.0.0.1:1/", "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZg=="},
    }
    return {"name": name, "kind": kind, **more[kind]}


def hop(name: str, **more: object) -> dict[str, object]:
    """A hop that connects from this machine, and proves itself by its secret."""
    common = {"name": name, "networks": ["127.0.0.1/32"], "secret": f"secret-of-hop-{name}"}
    return {**common, "driver": name, **more}


def by(name: str) -> dict[str, str]:
    return {SECRET_HEADER: f"secret-of-hop-{name}"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Hops that keep answers, and one that keeps pictures alone."""
    return with_settings(
        settings,
        lease_s=10,  # nothing here waits for it, and a busy machine must not outlast it
        trusted_hops=[
            hop("cache", honours_vary=True, answers="vary"),
            hop("fastly", honours_vary=True, answers="vary"),
            hop("other", answers="key"),
            hop("images", driver="images", honours_vary=True),
        ],
        purge_drivers=[
            driver("cache", "varnish"),
            driver("fastly", "fastly"),
            driver("other", "webhook"),
            driver("images", "varnish"),
        ],
    )


def with_settings(settings: Settings, **changed: object) -> Settings:
    return load_settings(**(settings.model_dump(exclude_unset=True) | changed))


@asynccontextmanager
async def api(settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    async with (
        serve(create_app(settings)) as base_url,
        httpx2.AsyncClient(base_url=base_url) as client,
    ):
        yield client


async def kept(http: httpx2.AsyncClient, name: str = "cache", query: str = SHOWN) -> str:
    answer = await http.get("/graphql", params={"query": query}, headers=by(name))
    return answer.headers["cdn-cache-control"]


async def test_a_trusted_hop_may_keep_an_answer_under_tags_for_as_long_as_the_setting_says(
    vase: StagedAsset, http: httpx2.AsyncClient
) -> None:
    first = await http.get("/graphql", params=GET, headers=by("cache"))
    again = await http.get("/graphql", params=GET, headers=by("cache"))
    assert first.headers["cdn-cache-control"] == "max-age=300"
    assert first.headers["cache-control"] == "public, no-cache"
    assert {"Accept", "Authorization"} <= set(first.headers["vary"].split(", "))
    tags = set(first.headers["xkey"].split())
    assert {"g-all", f"a-{vase.public_id}", f"t-{vase.public_id}"} <= tags
    assert {each[0] for each in tags} == set("gatmn")
    assert first.headers["surrogate-key"] == first.headers["xkey"]
    assert set(first.headers["cache-tag"].split(",")) == tags
    assert "ratelimit" not in first.headers
    apart = {"date", "x-request-id"}
    assert _besides(again, apart) == _besides(first, apart)  # the one that is given at once
    held = by("cache") | {"If-None-Match": first.headers["etag"]}
    unchanged = await http.get("/graphql", params=GET, headers=held)
    assert unchanged.status_code == 304
    assert unchanged.headers["xkey"] == first.headers["xkey"]


def _besides(answer: httpx2.Response, apart: set[str]) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in apart}


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: "guess"}, by("images")], ids=["browser", "forger", "images"]
)
async def test_browsers_and_hops_that_keep_no_answers_ask_each_time(
    vase: StagedAsset, http: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    assert vase
    for _ in range(2):
        await http.get("/graphql", params=GET, headers=by("cache"))
    for _ in range(2):  # at once, and not with the head of the other
        answer = await http.get("/graphql", params=GET, headers=headers)
        assert answer.headers["cache-control"] == "no-cache"
        assert not {"cdn-cache-control", *TAGS} & set(answer.headers)
        assert "ratelimit" in answer.headers
    assert await kept(http) == "max-age=300"


async def test_a_hop_that_reads_no_targeted_header_is_told_by_s_maxage(
    vase: StagedAsset, http: httpx2.AsyncClient
) -> None:
    assert vase
    for _ in range(2):
        answer = await http.get("/graphql", params=GET, headers=by("fastly"))
        said = "public, max-age=0, must-revalidate, s-maxage=300"
        assert answer.headers["cache-control"] == said
        assert "cdn-cache-control" not in answer.headers


async def test_post_keys_and_errors_are_kept_by_no_cdn(
    vase: StagedAsset, http: httpx2.AsyncClient, shop: Shop
) -> None:
    assert vase
    assert await kept(http) == "max-age=300"
    key = await shop.key("read")
    for answer in (
        await http.post("/graphql", json=GET, headers=by("cache")),
        await http.get("/graphql", params=GET, headers=by("cache") | key),
        await http.get("/graphql", params={"query": REFUSED}, headers=by("cache")),
        await http.get("/graphql", params={"query": "{"}, headers=by("cache")),
    ):
        assert answer.headers["cache-control"] == "private, no-store"
        assert not {"cdn-cache-control", *TAGS} & set(answer.headers)


async def test_no_lifetime_crosses_the_end_of_a_right(
    vase: StagedAsset, http: httpx2.AsyncClient, shop: Shop
) -> None:
    assert vase
    until = utc_now() + timedelta(seconds=100)
    ends = TermInput(
        include=("WORLD",), channels=("*",), usages=("*",), valid_from=LONG_AGO, valid_until=until
    )
    product = await shop.put(Product("BOWL", "SIMPLE"), attribute("name", "text", "Bowl"))
    await shop.link(product, await shop.asset(ends), "hero")
    bowl = SHOWN.replace("VASE", "BOWL")

    async def is_kept() -> bool:  # not while the event of its grant is on its way
        return await kept(http, query=bowl) != "no-store"

    await eventually(is_kept)
    lifetime = int((await kept(http, query=bowl)).removeprefix("max-age="))
    assert 0 < lifetime <= (until - utc_now()).total_seconds() + 1


async def test_an_answer_whose_tags_do_not_all_fit_is_kept_by_no_cdn_and_counted(
    vase: StagedAsset, http: httpx2.AsyncClient, shop: Shop
) -> None:
    assert vase
    assert await kept(http, "other") == "max-age=300"
    product = await shop.put(Product("SHELF", "SIMPLE"), attribute("name", "text", "Shelf"))
    for place in range(24):
        await shop.link(product, await shop.asset(), "gallery", place)
    shelf = SHOWN.replace("VASE", "SHELF")

    async def is_kept_where_there_is_room() -> bool:
        return await kept(http, query=shelf) == "max-age=300"

    await eventually(is_kept_where_there_is_room)
    answers = [
        await http.get("/graphql", params={"query": shelf}, headers=by(name))
        for name in ("cache", "other")
    ]
    roomy, full = (each.headers for each in answers)
    assert len(roomy["xkey"].split()) == 51
    assert full["cdn-cache-control"] == "no-store"
    assert full["cache-control"] == "private, no-cache"
    assert not set(TAGS) & set(full)
    metrics = (await http.get("/metrics")).text
    assert 'vitrine_graphql_answers_untaggable_total{driver="other"} 1.0' in metrics


@pytest.mark.parametrize("changed", [{"answers_cdn_max_age_s": 0}, {"answers_max_mib": 0}])
async def test_no_cdn_keeps_what_is_not_to_be_kept_or_not_vouched_for(
    settings: Settings, shop: Shop, vase: StagedAsset, changed: dict[str, int]
) -> None:
    assert shop
    assert vase
    async with api(with_settings(settings, **changed)) as http:
        for _ in range(2):
            assert await kept(http) == "no-store"


async def test_an_answer_that_was_overtaken_while_it_was_made_is_not_vouched_for() -> None:
    answers = Answers(now=utc_now, lease=Lease(left_s=lambda: 1.0), max_bytes=100_000)
    key, subject = ("{ a }", None, b"{}", b""), Subject("product:aaaa")

    async def make(*changed: Subject) -> Answer:
        answers.drop(changed)
        kept = frozenset([subject])
        return Answer(body=b"{}", is_refused=False, rests_on=kept, good_until=NEVER)

    overtaken = await answers.made(key, partial(make, subject))
    assert not answers.vouches_for(key, overtaken)
    steady = await answers.made(key, make)
    assert answers.vouches_for(key, steady)
    assert not answers.vouches_for(key, overtaken)


async def test_what_is_given_at_once_is_told_with_what_is_left_of_its_life(
    settings: Settings,
) -> None:
    began = utc_now()
    clock = {"now": began}
    answers = Answers(now=lambda: clock["now"], lease=Lease(left_s=lambda: 1.0), max_bytes=100_000)
    hops, drivers = settings.trusted_hops, settings.purge_drivers
    edges = CachingHops(hops, drivers, max_age_s=300, overdue_drivers=frozenset)
    at_once = RepeatedAnswers(
        answers,
        edges,
        Rates(None),
        limit=0,
        now=lambda: clock["now"],
        varies_by_origin=False,
    )
    key = ("{ a }", None, b"{}", b"")

    until, nothing = began + timedelta(seconds=400), frozenset[Subject]()

    async def make() -> Answer:
        return Answer(body=b"{}", is_refused=False, rests_on=nothing, good_until=until)

    await answers.made(key, make)
    headers = [(b"host", b"api"), (SECRET_HEADER.lower().encode(), b"secret-of-hop-cache")]
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/graphql",
        "query_string": b"query={a}",
        "headers": headers,
    }
    asked = PlainRequest("GET", b"/graphql?query={a}", dict(headers), address="127.0.0.1")
    with at_once.kept.reading() as reading:
        at_once.remember(scope, b"", key, reading)

    def told(passed_s: float) -> str | None:
        clock["now"] = began + timedelta(seconds=passed_s)
        whole = at_once.answer(asked)
        return None if whole is None else whole[0].decode().lower()

    for passed_s, lifetime in ((0, 300), (99, 300), (99.5, 299), (150, 249), (398.5, 0)):
        head = told(passed_s)
        assert head is not None
        said = f"max-age={lifetime}" if lifetime else "no-store"
        assert f"cdn-cache-control: {said}\r\n" in head
        assert ("xkey: g-all\r\n" in head) == (lifetime > 0)
    assert told(400) is None


QUEUE_SQL = """
INSERT INTO purge (tag, cause, pass, driver, not_before)
SELECT 'a-aaaa', id, 1, 'cache', clock_timestamp() - interval '61 seconds'
FROM event ORDER BY seq LIMIT 1
"""


async def test_a_hop_whose_purges_are_late_keeps_little_until_they_are_done(
    vase: StagedAsset, http: httpx2.AsyncClient, pool: Pool
) -> None:
    assert vase
    assert await kept(http) == "max-age=300"

    async def keeps_little() -> bool:
        return await kept(http) == "max-age=10"

    async def keeps_as_usual() -> bool:
        return await kept(http) == "max-age=300"

    await pool.execute(QUEUE_SQL)
    await eventually(keeps_little)
    assert await kept(http, "other") == "max-age=300"
    await pool.execute("UPDATE purge SET state = 'confirmed', confirmed_at = now()")
    await eventually(keeps_as_usual)


KEEPERS = ("cache", "fastly", "other")


async def test_what_answers_alone_rest_on_is_purged_where_answers_are_kept_and_nowhere_else(
    vase: StagedAsset, http: httpx2.AsyncClient, shop: Shop, settings: Settings
) -> None:
    client, pool = Client(http), shop.pool
    product = await pool.fetchval("SELECT public_id FROM product WHERE sku = 'VASE'")
    other = await shop.asset()
    await purges(pool)
    headers = await shop.key("manage.media")
    bound = {"product": product, "asset": other.public_id}
    await client.data(BIND, bound, headers=headers)
    assert await purges(pool) == each_of(KEEPERS, f"m-{product}")

    changes = await purging(pool, settings.drivers, answer_drivers=settings.answer_drivers)
    await edit(changes, vase, "Another vase")
    assert await purges(pool) == each_of(KEEPERS, f"t-{vase.public_id}")

    headers = await shop.key("manage.products")
    await client.data(UNPUBLISH, headers=headers)
    assert await purges(pool) == {
        *each_of(settings.drivers, f"p-{product}"),
        *each_of(KEEPERS, "c-d2c", f"n-{product}"),
    }


async def edit(changes: Changes, asset: StagedAsset, alt: str) -> None:
    async with changes.begin(TEST) as change:
        record = AssetRecord(code=asset.public_id, values={"alt": {"en-US": alt}})
        assert (await put_assets(change, [record], {})).updated == 1


@pytest.mark.parametrize("changed", [{"answers_cdn_max_age_s": 0}, {"trusted_hops": ()}])
async def test_where_no_answer_is_kept_nothing_more_is_purged_than_pictures_need(
    settings: Settings, shop: Shop, vase: StagedAsset, changed: dict[str, object]
) -> None:
    quiet = with_settings(settings, **changed)
    changes = await purging(shop.pool, quiet.drivers, answer_drivers=quiet.answer_drivers)
    await purges(shop.pool)
    await edit(changes, vase, "Another vase")
    assert await purges(shop.pool) == set()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"driver": None, "answers": "key"}, "names its driver"),
        ({"kind": "authorising", "answers": "key"}, "kind `plain`"),
        ({"answers": "vary"}, "needs a hop that honours Vary"),
    ],
)
def test_a_hop_that_nothing_clears_or_that_mixes_answers_up_is_refused_at_start(
    settings: Settings, wrong: dict[str, object], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        with_settings(
            settings,
            trusted_hops=[hop("cache", **wrong)],
            purge_drivers=[driver("cache", "varnish")],
        )
