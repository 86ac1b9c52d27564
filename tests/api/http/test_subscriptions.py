"""Subscriptions: what is told, to whom, and from where on."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr
from starlette.applications import Starlette

from api.request.following import MAX_WAITING, LiveChanges
from catalog.access.commands import revoke_key
from catalog.clock import utc_now
from catalog.events.model import Event
from catalog.licences.batches import LicenceRecord
from catalog.subjects import asset_texts_subject
from edge.purge_drivers import WebhookDriver
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.api.streams import Socket, followed, socket
from tests.support.purging import purging
from tests.support.stage import LONG_AGO
from vitrine.settings import Settings

PRODUCTS = """subscription ($ids: [ID!], $after: ID) @inContext(channel: "d2c") {
  productChanged(ids: $ids, after: $after) { eventId productId change } }"""
ASSETS = """subscription ($ids: [ID!], $after: ID) {
  assetChanged(ids: $ids, after: $after) { eventId assetId type } }"""
PURGES = """subscription ($asset: ID!, $after: ID) {
  purgeProgress(assetId: $asset, after: $after) {
    eventId assetId isDone darkAt drivers { driver total confirmed darkAt } } }"""
STANDING = (
    PURGES
    .replace("subscription", "query")
    .replace(", $after: ID", "")
    .replace(", after: $after", "")
)
WITHDRAW = "mutation ($id: ID!) { withdrawAsset(assetId: $id) { errors { code } } }"
REINSTATE = "mutation ($id: ID!) { reinstateAsset(assetId: $id) { errors { code } } }"
PUBLISH = """mutation ($sku: String!) {
  publishProducts(skus: [$sku], channel: "d2c", visibleFrom: "2020-01-01T00:00:00Z") {
    errors { code } } }"""
UNPUBLISH = """mutation ($sku: String!) {
  unpublishProducts(skus: [$sku], channel: "d2c") { errors { code } } }"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With something to purge."""
    secret = SecretStr("whsec_0123456789abcdef")
    edge = WebhookDriver(name="edge", kind="webhook", url="http://127.0.0.1/", secret=secret)
    return settings.model_copy(update={"purge_drivers": (edge,)})


@pytest.fixture
def live(app: Starlette, http: httpx.AsyncClient) -> LiveChanges:
    """Who follows the log of the running api."""
    assert http
    return app.state.services.live_changes


@pytest.fixture
async def staff(shop: Shop) -> dict[str, str]:
    """The headers of whoever may change everything."""
    return await shop.key("admin")


@pytest.fixture
async def reader(http: httpx.AsyncClient, shop: Shop) -> AsyncGenerator[Socket]:
    """A connection whose key has the scope `read`."""
    async with socket(http, headers=await shop.key("read")) as client:
        yield client


def measured(name: str) -> float:
    """Return what a counter of this process stands at."""
    return REGISTRY.get_sample_value(name) or 0.0


async def test_a_change_of_an_asset_is_told_to_those_who_follow_it(
    client: Client, shop: Shop, live: LiveChanges, reader: Socket, staff: dict[str, str]
) -> None:
    asset, other = await shop.asset(), await shop.asset()
    await reader.subscribe(ASSETS, ids=[asset.public_id])
    await followed(live)
    for each in (other, asset):
        await client.data(WITHDRAW, {"id": each.public_id}, headers=staff)
    told = (await reader.data())["assetChanged"]
    assert told == {"eventId": told["eventId"], "assetId": asset.public_id, "type": "STATE"}


async def test_rights_of_a_licence_are_told_of_all_its_assets(
    client: Client, shop: Shop, live: LiveChanges, reader: Socket, staff: dict[str, str]
) -> None:
    assets = [await shop.asset() for _ in range(2)]
    licence = await shop.stage.licence(LicenceRecord(code="acme", licensor="Acme"), *assets)
    await reader.subscribe(ASSETS)
    await followed(live)
    await client.data(
        """mutation ($id: ID!) { setLicenceGrants(licenceId: $id, grants: [{
             territory: {include: ["FR"]}, channels: ["*"], usages: ["*"],
             validFrom: "2020-01-01T00:00:00Z"}]) { errors { code } } }""",
        {"id": licence},
        headers=staff,
    )
    told = [(await reader.data())["assetChanged"] for _ in assets]
    assert [each["assetId"] for each in told] == sorted(each.public_id for each in assets)
    assert {each["type"] for each in told} == {"RIGHTS"}
    # behind the first of the two comes the second of the same event
    await reader.subscribe(ASSETS, "2", after=told[0]["eventId"])
    message = await reader.receive()
    assert (message["id"], message["payload"]["data"]["assetChanged"]) == ("2", told[1])


async def test_products_are_told_without_a_key_on_their_channel_alone(
    http: httpx.AsyncClient,
    client: Client,
    shop: Shop,
    live: LiveChanges,
    lamp: Product,
    staff: dict[str, str],
) -> None:
    elsewhere = await shop.put(Product("ELSEWHERE", "SIMPLE"), channel="print")
    picture = await shop.asset()
    await shop.link(elsewhere, picture)
    async with socket(http) as reader:
        await reader.subscribe(PRODUCTS)
        await followed(live)
        await client.data(WITHDRAW, {"id": picture.public_id}, headers=staff)
        bound = await client.data(
            """mutation ($product: ID!, $asset: ID!) {
                 bindMedia(input: [{productId: $product, assetId: $asset, role: GALLERY}]) {
                   errors { code message } } }""",
            {"product": lamp.public_id, "asset": picture.public_id},
            headers=staff,
        )
        assert bound["bindMedia"]["errors"] == []
        media = (await reader.data())["productChanged"]
        assert (media["productId"], media["change"]) == (lamp.public_id, "MEDIA")
        await client.data(UNPUBLISH, {"sku": "LAMP-R"}, headers=staff)
        told = [media]
        # the page of the model shows its variants: it is published anew. Told late, the withdrawal
        # is one of a picture that hangs on the lamp by then
        while {each["change"] for each in told} != {"MEDIA", "PUBLISHED", "UNPUBLISHED"}:
            told.append((await reader.data())["productChanged"])
        published = [each for each in told if each["change"] == "PUBLISHED"]
        assert [each["productId"] for each in published] == [lamp.public_id]
        assert elsewhere.public_id not in {each["productId"] for each in told}


async def test_a_picture_that_changes_changes_the_products_that_show_it(
    http: httpx.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
) -> None:
    product = await shop.put(Product("MUG", "SIMPLE"))
    hero = await shop.asset()
    await shop.link(product, hero)
    async with socket(http) as reader:
        await reader.subscribe(PRODUCTS, ids=[product.public_id])
        await followed(live)
        await client.data(WITHDRAW, {"id": hero.public_id}, headers=staff)
        told = (await reader.data())["productChanged"]
        assert (told["productId"], told["change"]) == (product.public_id, "MEDIA")


async def test_what_is_not_yet_visible_is_not_told(
    http: httpx.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
) -> None:
    tomorrow = utc_now() + timedelta(days=1)
    secret = await shop.put(Product("SECRET", "SIMPLE"), visible=(tomorrow, None))
    known = await shop.put(Product("KNOWN", "SIMPLE"), visible=(LONG_AGO, None))
    picture = await shop.asset()
    for each in (secret, known):
        await shop.link(each, picture)
    async with socket(http) as reader:
        await reader.subscribe(PRODUCTS)
        await followed(live)
        await client.data(UNPUBLISH, {"sku": "SECRET"}, headers=staff)
        await client.data(WITHDRAW, {"id": picture.public_id}, headers=staff)
        assert (await reader.data())["productChanged"]["productId"] == known.public_id


async def test_drafts_are_told_to_those_alone_who_manage_them(
    http: httpx.AsyncClient,
    client: Client,
    shop: Shop,
    live: LiveChanges,
    reader: Socket,
    staff: dict[str, str],
) -> None:
    draft, approved = await shop.stage.asset(status="draft"), await shop.asset()
    async with socket(http, headers=await shop.key("read", "manage.media")) as manager:
        for each in (reader, manager):
            await each.subscribe(ASSETS)
        await followed(live, 2)
        terms = """mutation ($id: ID!) { setGrants(assetId: $id, grants: [{
            territory: {include: ["FR"]}, channels: ["*"], usages: ["*"],
            validFrom: "2020-01-01T00:00:00Z"}]) { errors { code } } }"""
        for asset in (draft, approved):
            await client.data(terms, {"id": asset.public_id}, headers=staff)
        told = [(await manager.data())["assetChanged"]["assetId"] for _ in range(2)]
        assert told == [draft.public_id, approved.public_id]
        assert (await reader.data())["assetChanged"]["assetId"] == approved.public_id


async def test_who_resumes_is_told_first_what_was_missed(
    client: Client, shop: Shop, live: LiveChanges, reader: Socket, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    await reader.subscribe(ASSETS)
    await followed(live)
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    last = (await reader.data())["assetChanged"]["eventId"]
    await reader.send("complete", id="1")
    await followed(live, 0)

    for mutation in (REINSTATE, WITHDRAW, REINSTATE):
        await client.data(mutation, {"id": asset.public_id}, headers=staff)
    await reader.subscribe(ASSETS, "2", after=last)
    missed = [(await reader.data())["assetChanged"]["eventId"] for _ in range(3)]
    await followed(live)
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    missed.append((await reader.data())["assetChanged"]["eventId"])
    assert len({last, *missed}) == 5

    await reader.subscribe(ASSETS, "3", after=missed[1])
    again = [await reader.receive() for _ in range(2)]
    assert [each["payload"]["data"]["assetChanged"]["eventId"] for each in again] == missed[2:]


async def test_a_commit_that_is_late_is_not_lost_to_who_resumes_behind_a_later_event(
    client: Client, shop: Shop, live: LiveChanges, reader: Socket, staff: dict[str, str]
) -> None:
    late, early = await shop.asset(), await shop.asset()
    await reader.subscribe(ASSETS)
    await followed(live)
    async with shop.pool.acquire() as conn, conn.transaction():
        await conn.execute(
            """INSERT INTO event (id, type, subject, aggregate_version, subjects, data, actor)
               VALUES (gen_random_uuid(), 'asset.updated', 'asset/' || $1, 1,
                       ARRAY['texts:' || $1], '{}', 'test')""",
            late.public_id,
        )
        await client.data(WITHDRAW, {"id": early.public_id}, headers=staff)
        told = (await reader.data())["assetChanged"]
        assert told["assetId"] == early.public_id
        await reader.send("complete", id="1")
        await followed(live, 0)
    await reader.subscribe(ASSETS, "2", after=told["eventId"])
    missed = (await reader.data())["assetChanged"]
    assert (missed["assetId"], missed["type"]) == (late.public_id, "TEXTS")


@pytest.mark.parametrize(
    "after", ["x", "", "WyJDSEFOR0VTIiwiMToxOiIsIjk6OToiLCIxIiwiYSJd", "A" * 5_000]
)
async def test_an_id_that_was_never_given_is_refused(reader: Socket, after: str) -> None:
    await reader.subscribe(ASSETS, after=after)
    assert await reader.code() == "UNKNOWN_EVENT_ID"


async def test_an_id_that_is_too_old_is_refused(
    client: Client, shop: Shop, live: LiveChanges, reader: Socket, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    await reader.subscribe(ASSETS)
    await followed(live)
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    last = (await reader.data())["assetChanged"]["eventId"]
    await shop.pool.execute("UPDATE event SET time = time - interval '25 hours'")
    await reader.subscribe(ASSETS, "2", after=last)
    assert await reader.code() == "EVENT_TOO_OLD"


async def test_one_read_serves_all_who_follow(
    http: httpx.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    async with socket(http, headers=await shop.key("read")) as reader:
        for number in range(50):
            await reader.subscribe(ASSETS, f"{number}")
        await followed(live, 50)
        before = measured("vitrine_graphql_changes_reads_total")
        await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
        told = {(await reader.receive())["id"] for _ in range(50)}
        assert told == {f"{number}" for number in range(50)}
        # by the mutation and by the feed, whoever is first
        assert 1 <= measured("vitrine_graphql_changes_reads_total") - before <= 3


async def test_who_does_not_keep_up_is_ended_and_resumes_without_loss(
    http: httpx.AsyncClient, shop: Shop, live: LiveChanges
) -> None:
    asset = await shop.asset()
    before = measured("vitrine_graphql_followers_too_slow_total")
    kept = MAX_WAITING + 1_000
    headers = await shop.key("read")
    # what the client does not read has nowhere to wait but in the api
    async with socket(http, headers=headers, max_queue=1) as slow:
        long = ASSETS.replace("assetId type", " ".join(f"a{n}: assetId" for n in range(30)))
        await slow.subscribe(long)
        await followed(live)
        for _ in range(0, 60_000, kept):
            await write(shop, asset.public_id, kept)
            if measured("vitrine_graphql_followers_too_slow_total") > before:
                break
            await asyncio.sleep(0.05)
        assert measured("vitrine_graphql_followers_too_slow_total") == before + 1
        count, last, message = 0, "", await slow.receive()
        while "errors" not in message["payload"]:
            last = message["payload"]["data"]["assetChanged"]["eventId"]
            count, message = count + 1, await slow.receive()
        (error,) = message["payload"]["errors"]
        assert error["extensions"]["code"] == "TOO_SLOW"
        assert "`after`" in error["message"]
        assert await slow.receive() == {"id": "1", "type": "complete"}
        total = await shop.pool.fetchval("SELECT count(*) FROM event WHERE type = 'asset.updated'")
        await slow.subscribe(ASSETS, "2", after=last)
        for _ in range(total - count):
            assert (await slow.data())["assetChanged"]["assetId"] == asset.public_id


async def write(shop: Shop, asset: str, count: int) -> None:
    """Append events to the log, as one change does."""
    await shop.pool.execute(
        """INSERT INTO event (id, type, subject, aggregate_version, subjects, data, actor)
           SELECT gen_random_uuid(), 'asset.updated', 'asset/' || $1, 1,
                  ARRAY['texts:' || $1], '{}', 'test' FROM generate_series(1, $2)""",
        asset,
        count,
    )


async def test_a_key_that_is_revoked_is_told_nothing_more(
    http: httpx.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    async with socket(http, headers=await shop.key("read")) as reader:
        await reader.subscribe(ASSETS)
        await followed(live)
        name = await shop.pool.fetchval("SELECT name FROM api_key WHERE name LIKE 'read %'")
        async with shop.stage.changes.begin("test") as change:
            await revoke_key(change, name=name)
        await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
        assert await reader.code() == "UNAUTHENTICATED"


async def test_purges_are_told_until_all_are_confirmed(
    http: httpx.AsyncClient, client: Client, shop: Shop, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    async with socket(http, headers=await shop.key("manage.rights", "read")) as reader:
        await reader.subscribe(PURGES, asset=asset.public_id)
        first = (await reader.data())["purgeProgress"]
        assert first["drivers"] == [{"driver": "edge", "total": 3, "confirmed": 0, "darkAt": None}]
        assert not first["isDone"]
        await confirm(shop, 1)
        second = (await reader.data())["purgeProgress"]
        assert second["drivers"][0]["confirmed"] == 1
        assert second["darkAt"] is None  # what gateways had decided before may be held again
        await confirm(shop, 2)
        dark = (await reader.data())["purgeProgress"]
        assert dark["drivers"][0]["confirmed"] == 2
        assert dark["darkAt"] == dark["drivers"][0]["darkAt"] is not None
        asked = await client.data(STANDING, {"asset": asset.public_id}, headers=staff)
        assert asked["purgeProgress"] == dark
        await confirm(shop, 3)
        third = (await reader.data())["purgeProgress"]
        assert third["isDone"]
        assert await reader.receive() == {"id": "1", "type": "complete"}
        await reader.subscribe(PURGES, "2", asset=asset.public_id, after=second["eventId"])
        assert (await reader.data())["purgeProgress"] == third
        assert (await reader.receive())["type"] == "complete"
        await reader.subscribe(PURGES, "3", asset=asset.public_id, after=third["eventId"])
        assert await reader.receive() == {"id": "3", "type": "complete"}


async def test_a_product_that_is_taken_back_is_told_of_by_the_assets_that_it_shows(
    client: Client, shop: Shop, staff: dict[str, str]
) -> None:
    product = await shop.put(Product("CUP", "SIMPLE"))
    asset = await shop.asset()
    await shop.link(product, asset, "hero")
    await shop.pool.execute("DELETE FROM purge")  # of its grants
    asking = {"asset": asset.public_id}
    assert (await client.data(STANDING, asking, headers=staff))["purgeProgress"] is None
    await client.data(UNPUBLISH, {"sku": "CUP"}, headers=staff)
    standing = (await client.data(STANDING, asking, headers=staff))["purgeProgress"]
    assert [each["driver"] for each in standing["drivers"]] == ["edge"]


async def test_what_clears_answers_alone_does_not_replace_the_progress_of_a_withdrawal(
    client: Client, shop: Shop, staff: dict[str, str]
) -> None:
    product = await shop.put(Product("CUP", "SIMPLE"))
    asset = await shop.asset()
    await shop.link(product, asset, "hero")
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    asking = {"asset": asset.public_id}
    withdrawn = (await client.data(STANDING, asking, headers=staff))["purgeProgress"]
    await purging(shop.pool, ["edge", "answers"], answer_drivers=["answers"])

    await client.data(PUBLISH, {"sku": "CUP"}, headers=staff)
    async with shop.stage.changes.begin("test") as change:
        subject, texts = f"asset/{asset.public_id}", asset_texts_subject(asset.public_id)
        await change.record(
            Event(type="asset.updated", subject=subject, version=1, subjects=(texts,))
        )

    tags = await shop.pool.fetch("SELECT DISTINCT tag FROM purge WHERE driver = 'answers'")
    assert {f"{row['tag']}"[0] for row in tags} == {"c", "n", "t"}
    standing = (await client.data(STANDING, asking, headers=staff))["purgeProgress"]
    assert standing == withdrawn


async def confirm(shop: Shop, number: int) -> None:
    """Confirm the purges of a pass, as the purger does."""
    await shop.pool.execute(
        "UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp() "
        "WHERE pass = $1 AND driver = 'edge'",
        number,
    )


@pytest.mark.parametrize(
    ("query", "scopes", "code"),
    [
        (ASSETS, (), "UNAUTHENTICATED"),
        (ASSETS, ("manage.rights",), "FORBIDDEN"),
        (PURGES, (), "UNAUTHENTICATED"),
        (PURGES, ("read",), "FORBIDDEN"),
        (PRODUCTS.replace("d2c", "print"), (), "UNAUTHENTICATED"),
        (PURGES, ("manage.rights", "read"), "NOT_FOUND"),
        ("{ channels { code } }", ("admin",), "BAD_REQUEST"),
        (WITHDRAW, ("admin",), "BAD_REQUEST"),
        ("subscription { nothing }", ("admin",), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { productChanged(ids: []) { eventId } }", ("admin",), "INVALID_INPUT"),
        (
            "subscription { productChanged { " + "eventId " * 4_000 + "} }",
            ("admin",),
            "GRAPHQL_PARSE_FAILED",
        ),
    ],
)
async def test_a_subscription_is_refused_with_why(
    http: httpx.AsyncClient, shop: Shop, query: str, scopes: tuple[str, ...], code: str
) -> None:
    headers = await shop.key(*scopes) if scopes else None
    async with socket(http, headers=headers) as client:
        await client.subscribe(query, asset="nothing", id="nothing")
        assert await client.code() == code
