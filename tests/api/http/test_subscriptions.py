"""Subscriptions: what is told, to whom, and from where on."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from api.request.following import MAX_WAITING, LiveChanges
from catalog.access.commands import revoke_key
from catalog.clock import utc_now
from catalog.licences.batches import LicenceRecord
from edge.purge_drivers import WebhookDriver
from tests.api.client import Client
from tests.api.http.following import (
    ASSETS,
    PRODUCTS,
    PURGES,
    REINSTATE,
    STANDING,
    UNPUBLISH,
    WITHDRAW,
)
from tests.api.shop import Product, Shop
from tests.api.streams import Socket, followed, socket
from tests.support.people import TEST
from tests.support.stage import LONG_AGO
from vitrine.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With something to purge."""
    secret = SecretStr("whsec_0123456789abcdef")
    edge = WebhookDriver(name="edge", kind="webhook", url="http://127.0.0.1/", secret=secret)
    return settings.model_copy(update={"purge_drivers": (edge,)})


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
    http: httpx2.AsyncClient,
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
    http: httpx2.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
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
    http: httpx2.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
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
    http: httpx2.AsyncClient,
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
                       ARRAY['texts:' || $1], '{}', gen_random_uuid())""",
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
    http: httpx2.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
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
    http: httpx2.AsyncClient, shop: Shop, live: LiveChanges
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
                  ARRAY['texts:' || $1], '{}', gen_random_uuid() FROM generate_series(1, $2)""",
        asset,
        count,
    )


async def test_a_key_that_is_revoked_is_told_nothing_more(
    http: httpx2.AsyncClient, client: Client, shop: Shop, live: LiveChanges, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    async with socket(http, headers=await shop.key("read")) as reader:
        await reader.subscribe(ASSETS)
        await followed(live)
        name = await shop.pool.fetchval("SELECT name FROM api_key WHERE name LIKE 'read %'")
        async with shop.stage.changes.begin(TEST) as change:
            await revoke_key(change, name=name)
        await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
        assert await reader.code() == "UNAUTHENTICATED"


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


@pytest.mark.parametrize(
    ("query", "scopes", "code"),
    [
        (ASSETS, (), "UNAUTHENTICATED"),
        (ASSETS, ("manage.rights",), "FORBIDDEN"),
        (PRODUCTS.replace('"d2c"', '"d2c", preview: true'), ("read", "preview"), "NOT_SUPPORTED"),
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
    http: httpx2.AsyncClient, shop: Shop, query: str, scopes: tuple[str, ...], code: str
) -> None:
    headers = await shop.key(*scopes) if scopes else None
    async with socket(http, headers=headers) as client:
        await client.subscribe(query, asset="nothing", id="nothing")
        assert await client.code() == code
