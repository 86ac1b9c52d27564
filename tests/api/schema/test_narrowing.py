"""Roles that are narrowed: what lies within may be changed and read, all else is not there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import create_person
from catalog.access.rules import Narrowing
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.products.model import ProductRecord
from tests.api.client import Client
from tests.api.shop import Shop
from tests.products.shop import model, name, open_shop, put_good, simple, value, variant
from tests.support.people import TEST
from tests.support.stage import WORLDWIDE, Stage, StagedAsset, store_in

PUBLISH = """mutation ($skus: [String!]!, $channel: String!) {
  publishProducts(skus: $skus, channel: $channel) {
    results { sku outcome errors { code field message } } errors { code } } }"""
UNPUBLISH = PUBLISH.replace("publishProducts", "unpublishProducts")
BIND = """mutation ($rows: [BindMediaInput!]!) { bindMedia(input: $rows) {
  results { id status errors { code field message } } errors { code } } }"""
UNBIND = """mutation ($ids: [ID!]!) { unbindMedia(ids: $ids) {
  results { id status errors { code field message } } errors { code } } }"""


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """A shirt with a variant in a category, and a cap."""
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    changes = await open_shop(pool)
    weight = value("weight", 1)
    await put_good(
        changes,
        [
            model("TEE", name("Tee"), weight),
            variant("TEE-s", "TEE", value("size", "s")),
            simple("SHIRT", name("Shirt"), weight, value("size", "s")),
            ProductRecord(sku="CAP", kind="SIMPLE", family="caps", values=(name("Cap"),)),
        ],
    )
    return Shop(stage)


async def somebody(shop: Shop, role: str, **where: set[str]) -> dict[str, str]:
    """Make somebody with a role that is narrowed."""
    narrowing = Narrowing(**{each: frozenset(codes) for each, codes in where.items()})
    async with shop.stage.changes.begin(TEST) as change:
        person = await create_person(change, name=role)
        await give_role(change, person.id, role, narrowing)
        issued = await create_key(change, name=role, scopes=[], principal=person)
    return {"Authorization": f"Bearer {issued.secret}"}


async def id_of(shop: Shop, sku: str) -> str:
    found = await shop.pool.fetchval("SELECT public_id FROM product WHERE sku = $1", sku)
    assert isinstance(found, str)
    return found


async def rows_of(client: Client, query: str, headers: dict[str, str], **asked: object) -> Any:  # noqa: ANN401 - rows
    (payload,) = (await client.data(query, asked, headers=headers)).values()
    assert payload["errors"] == []
    return payload["results"]


@pytest.mark.parametrize("query", [PUBLISH, UNPUBLISH])
async def test_products_of_other_families_are_as_if_they_were_not_there(
    client: Client, shop: Shop, query: str
) -> None:
    hers = await somebody(shop, "publisher", families={"shirts"}, channels={"d2c"})
    skus = ["CAP", "SHIRT", "NONE", "CAP"]
    rows = await rows_of(client, query, hers, skus=skus, channel="d2c")
    assert [each["sku"] for each in rows] == skus
    hidden, done, absent, _ = rows
    assert done["errors"] == []
    assert str(hidden).replace("CAP", "NONE") == str(absent)
    assert await shop.pool.fetchval("SELECT count(*) FROM taken_back") == (query == UNPUBLISH)


async def test_a_category_has_all_that_is_below_it_and_variants_are_in_those_of_their_model(
    client: Client, shop: Shop
) -> None:
    hers = await somebody(shop, "publisher", categories={"men"})
    rows = await rows_of(client, PUBLISH, hers, skus=["TEE", "TEE-s", "SHIRT"], channel="d2c")
    assert [each["outcome"] for each in rows] == ["PUBLISHED", "PUBLISHED", "REJECTED"]


@pytest.mark.parametrize("channel", ["market-a", "none"])
async def test_another_channel_is_refused_whether_it_is_there_or_not(
    client: Client, shop: Shop, channel: str
) -> None:
    hers = await somebody(shop, "publisher", channels={"d2c"})
    asked = {"skus": ["SHIRT"], "channel": channel}
    body = await client.ask(PUBLISH, asked, headers=hers)
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert channel not in error["message"]


@pytest.mark.parametrize("dimension", ["markets", "locales", "fields"])
async def test_what_is_for_all_of_them_is_not_for_those_of_one(
    client: Client, shop: Shop, dimension: str
) -> None:
    hers = await somebody(shop, "publisher", **{dimension: {"CH"}})
    asked = {"skus": ["SHIRT"], "channel": "d2c"}
    assert await client.code(PUBLISH, asked, headers=hers) == "FORBIDDEN"


@pytest.fixture
async def picture(shop: Shop) -> StagedAsset:
    return await shop.stage.asset()


async def test_media_are_bound_where_the_role_is_had_and_nowhere_else(
    client: Client, shop: Shop, picture: StagedAsset
) -> None:
    hers = await somebody(shop, "media_manager", families={"shirts"}, markets={"CH"})
    shirt, cap = await id_of(shop, "SHIRT"), await id_of(shop, "CAP")

    def row(product: str, **scope: str) -> dict[str, str]:
        return {"productId": product, "assetId": picture.public_id, "role": "HERO", **scope}

    rows = await rows_of(
        client,
        BIND,
        hers,
        rows=[
            row(shirt, market="CH"),
            row(shirt),
            row(shirt, market="DACH"),
            row(cap, market="CH"),
            row("zzzzzzzzzz", market="CH"),
        ],
    )
    done, everywhere, elsewhere, hidden, absent = rows
    assert (done["status"], done["errors"]) == ("APPROVED", [])
    assert [each["errors"][0]["code"] for each in (everywhere, elsewhere)] == ["FORBIDDEN"] * 2
    assert str(hidden).replace(cap, "zzzzzzzzzz") == str(absent)
    assert await shop.pool.fetchval("SELECT count(*) FROM media_association") == 1

    admin = await shop.key("manage.media")
    (everywhere,) = await rows_of(client, BIND, admin, rows=[row(shirt)])
    ids = [done["id"], everywhere["id"], "zzzzzzzzzz"]
    gone, hidden, absent = await rows_of(client, UNBIND, hers, ids=ids)
    assert gone["status"] == "RETIRED"
    assert str(hidden).replace(ids[1], ids[2]) == str(absent)


CHANNELS = """query ($channel: String, $market: String)
@inContext(channel: $channel, market: $market) {
  channels { code } products { totalCount } assets { nodes { code } } }"""


async def test_a_channel_that_is_not_public_is_read_where_the_role_is_had(
    client: Client, shop: Shop
) -> None:
    theirs = await somebody(shop, "portal", channels={"market-a"}, markets={"CH"})
    there = {"channel": "market-a", "market": "CH"}
    data = await client.data(CHANNELS, there, headers=theirs)
    assert {each["code"] for each in data["channels"]} == {"d2c", "market-a"}
    assert data["assets"] == {"nodes": []}
    for elsewhere in ({"channel": "market-a"}, {**there, "market": "DACH"}, {"channel": "print"}):
        body = await client.ask(CHANNELS, elsewhere, headers=theirs)
        assert body["data"]["products"] is None, elsewhere
        assert body["data"]["assets"] is None
    public = await client.ask(CHANNELS, {"channel": "d2c"}, headers=theirs)
    assert public["data"]["products"] == {"totalCount": 0}  # as for everybody
    assert public["data"]["assets"] is None


async def test_rights_are_read_of_the_channel_that_is_asked_for(client: Client, shop: Shop) -> None:
    hers = await somebody(shop, "rights_manager", channels={"d2c"})
    asset = (await shop.stage.asset()).public_id
    query = """query ($id: ID!, $channel: String!) {
      rightsDossier(assetId: $id, channel: $channel) { reason } }"""
    assert (await client.data(query, {"id": asset, "channel": "d2c"}, headers=hers))[
        "rightsDossier"
    ]
    for channel in ("market-a", "none"):
        asked = {"id": asset, "channel": channel}
        assert await client.code(query, asked, headers=hers) == "FORBIDDEN"
    withdraw = "mutation ($id: ID!) { withdrawAsset(assetId: $id) { errors { code } } }"
    assert await client.code(withdraw, {"id": asset}, headers=hers) == "FORBIDDEN"


DARK = """query ($channel: String, $market: String) {
  goingDark(channel: $channel, market: $market) { nodes { places { channel market } } } }"""


async def test_what_goes_dark_is_told_of_the_channels_and_markets_of_the_role(
    client: Client, shop: Shop
) -> None:
    ends = utc_now() + timedelta(days=3)
    await shop.stage.asset(replace(WORLDWIDE, valid_until=ends))

    async def told(headers: dict[str, str], **asked: str) -> set[tuple[str, str | None]]:
        found = await client.data(DARK, asked, headers=headers)
        places = [each["places"] for each in found["goingDark"]["nodes"]]
        return {(each["channel"], each["market"]) for entry in places for each in entry}

    async def holder(**where: set[str]) -> dict[str, str]:
        headers = await somebody(shop, "rights_manager", **where)
        await shop.pool.execute("UPDATE api_key SET name = id::text")  # the name is free again
        return headers

    everywhere = await told(await holder())
    channels = {channel for channel, _ in everywhere}
    assert {"d2c"} < channels
    hers = await holder(channels={"d2c"})
    assert await told(hers) == {each for each in everywhere if each[0] == "d2c"}
    market = next(market for _, market in everywhere if market is not None)
    theirs = await holder(channels={"d2c"}, markets={market})
    assert await told(theirs) == {("d2c", market)}
    assert await told(theirs, channel="d2c") == {("d2c", market)}
    for channel in (min(channels - {"d2c"}), "none"):
        assert await client.code(DARK, {"channel": channel}, headers=hers) == "FORBIDDEN"
    lamps = await holder(families={"shirts"})
    assert await client.code(DARK, {}, headers=lamps) == "FORBIDDEN"


PRODUCTS = """query @inContext(channel: "market-a") {
  products { totalCount nodes { sku } } cap: product(sku: "CAP") { sku }
  shirt: product(sku: "SHIRT") { sku } }"""


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ({"families": {"shirts"}}, ["SHIRT", "TEE"]),
        ({"families": {"caps"}}, ["CAP"]),
        ({"categories": {"men"}}, ["TEE"]),
        ({"families": {"caps"}, "categories": {"men"}}, []),
        ({"channels": {"market-a"}}, ["CAP", "SHIRT", "TEE"]),
    ],
)
async def test_lists_of_a_channel_have_what_lies_within_the_role_alone(
    client: Client, shop: Shop, where: dict[str, set[str]], shown: list[str]
) -> None:
    publisher = await shop.key("manage.products")
    skus = ["TEE", "SHIRT", "CAP"]
    rows = await rows_of(client, PUBLISH, publisher, skus=skus, channel="market-a")
    assert {each["outcome"] for each in rows} == {"PUBLISHED"}
    hers = await somebody(shop, "reader", **where)
    data = await client.data(PRODUCTS, headers=hers)
    assert sorted(each["sku"] for each in data["products"]["nodes"]) == shown
    assert data["products"]["totalCount"] == len(shown)
    for alias, sku in (("cap", "CAP"), ("shirt", "SHIRT")):
        assert data[alias] == ({"sku": sku} if sku in shown else None)
    body = await client.ask(CHANNELS, {"channel": "market-a"}, headers=hers)
    assert (body["data"]["assets"] is None) == ("channels" not in where)  # they are in no family


FIND = """query ($text: String!) @inContext(channel: "market-a") {
  search(text: $text, first: 20, kinds: [PRODUCT]) { code isPublished } }"""


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"families": {"caps"}}, {"CAP"}),
        ({"categories": {"men"}}, {"TEE", "TEE-s"}),
        ({"families": {"caps"}, "categories": {"men"}}, set[str]()),
    ],
)
async def test_what_lies_within_the_role_alone_is_found(
    client: Client, shop: Shop, where: dict[str, set[str]], found: set[str]
) -> None:
    async def hits(headers: dict[str, str], *texts: str) -> set[tuple[str, bool]]:
        data = [await client.data(FIND, {"text": each}, headers=headers) for each in texts]
        return {(hit["code"], hit["isPublished"]) for each in data for hit in each["search"]}

    async def check(role: str, *, is_published: bool) -> None:
        headers = await somebody(shop, role, **where)
        for texts in (("shirt", "cap", "tee"), ("s", "c", "t")):  # words, and beginnings
            assert await hits(headers, *texts) == {(each, is_published) for each in found}

    await check("editor", is_published=False)
    publisher = await shop.key("manage.products")
    skus = ["TEE", "SHIRT", "CAP"]
    await rows_of(client, PUBLISH, publisher, skus=skus, channel="market-a")
    await check("reader", is_published=True)


NOTE = """mutation ($text: String!, $subject: String, $assignee: ID) {
  done: createTask(text: $text, subject: $subject, assignee: $assignee) {
    task { id } errors { code field message } } }"""
TASKS = """query ($id: ID!) { tasks { nodes { cause } } task(id: $id) { cause }
  exceptions { nodes { subject } } }"""
RESOLVE = """mutation ($ids: [ID!]!) { done: resolveTasks(ids: $ids) {
  results { id task { cause } errors { code message } } errors { code } } }"""
COMMENT = """mutation ($id: ID!) { done: commentTask(id: $id, text: "seen") {
  errors { code message } } }"""


async def test_tasks_are_theirs_and_of_what_lies_within(
    client: Client, shop: Shop, picture: StagedAsset
) -> None:
    all_of_them = await shop.key("admin")
    hers = await somebody(shop, "editor", families={"caps"})
    me = (await client.data("{ me { id } }", headers=hers))["me"]["id"]
    bind = [{"productId": await id_of(shop, "CAP"), "assetId": picture.public_id, "role": "HERO"}]
    await rows_of(client, BIND, all_of_them, rows=bind)
    other = await shop.stage.asset()

    async def note(headers: dict[str, str], text: str, **more: str) -> dict[str, Any]:
        done = await client.data(NOTE, {"text": text, **more}, headers=headers)
        return done["done"]

    ids = {
        text: (await note(all_of_them, text, **more))["task"]["id"]
        for text, more in {
            "cap": {"subject": "product/CAP"},
            "shirt": {"subject": "product/SHIRT"},
            "picture": {"subject": f"asset/{picture.public_id}"},
            "another": {"subject": f"asset/{other.public_id}"},
            "given": {"subject": "product/SHIRT", "assignee": me},
            "nobody's": {},
        }.items()
    }
    assert (await note(hers, "mine"))["task"]
    for subject in ("product/SHIRT", "product/NONE"):
        (error,) = (await note(hers, "theirs", subject=subject))["errors"]
        assert (error["code"], error["field"]) == ("FORBIDDEN", "subject")

    data = await client.data(TASKS, {"id": ids["shirt"]}, headers=hers)
    assert data["task"] is None
    assert [each["cause"] for each in data["tasks"]["nodes"]] == ["mine", "given", "picture", "cap"]
    asked = [ids["shirt"], ids["cap"], "zzzzzzzzzz"]
    hidden, done, absent = await rows_of_done(client, RESOLVE, hers, ids=asked)
    assert done["task"] == {"cause": "cap"}
    assert str(hidden).replace(asked[0], asked[2]) == str(absent)
    said = [
        (await client.data(COMMENT, {"id": each}, headers=hers))["done"]["errors"][0]
        for each in (asked[0], asked[2])
    ]
    assert str(said[0]).replace(asked[0], asked[2]) == str(said[1])


async def rows_of_done(
    client: Client, query: str, headers: dict[str, str], **asked: object
) -> list[Any]:
    done = (await client.data(query, asked, headers=headers))["done"]
    assert done["errors"] == []
    return done["results"]


AUDIT = "query ($subject: String) { audit(subject: $subject) { nodes { type subject } } }"


@pytest.mark.parametrize("where", [{"families": {"caps"}}, {"channels": {"d2c"}}])
async def test_the_audit_of_a_subject_is_read_where_it_lies_within(
    client: Client, shop: Shop, where: dict[str, set[str]]
) -> None:
    await rows_of(client, PUBLISH, await shop.key("admin"), skus=["CAP"], channel="d2c")
    hers = await somebody(shop, "administrator", **where)

    async def subjects(subject: str | None = None) -> set[str]:
        data = await client.data(AUDIT, {"subject": subject}, headers=hers)
        return {each["subject"] for each in data["audit"]["nodes"]}

    assert await subjects("product/CAP") == {"product/CAP"}
    assert await subjects("product/SHIRT") == set()
    assert await subjects("channel/d2c") == set()
    assert await subjects() == set()  # what they did themselves


async def test_names_own_keys_and_own_works_lie_nowhere(client: Client, shop: Shop) -> None:
    hers = await somebody(shop, "editor", markets={"CH"})
    query = "{ principals { nodes { name } } apiKeys { nodes { name } } works { nodes { id } } }"
    data = await client.data(query, headers=hers)
    assert {"name": "Ada"} in data["principals"]["nodes"]
    assert data["apiKeys"]["nodes"] == [{"name": "editor"}]
    assert data["works"]["nodes"] == []
