"""@inContext: what is used, what is refused, and who may look where."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from api.app import create_app
from catalog.clock import utc_now
from catalog.rights.model import TermInput
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.serve import serve
from tests.support.stage import LONG_AGO
from vitrine.settings import Settings


async def test_the_answer_says_what_was_used(client: Client, shop: Shop) -> None:
    assert shop
    body = await client.ask(
        'query @inContext(market: "DE", locale: "de-AT") { products { nodes { id } } }'
    )
    assert body["extensions"]["context"] == {
        "market": "DE",
        "locale": "de-AT",
        "channel": "d2c",
        "usage": "web",
    }


@pytest.mark.parametrize(
    ("context", "code", "field"),
    [
        ('market: "XX"', "UNKNOWN_CONTEXT", "market"),
        ('locale: "xx-XX"', "UNKNOWN_CONTEXT", "locale"),
        ('country: "Germany"', "UNKNOWN_CONTEXT", "country"),
        ('usage: "billboard"', "UNKNOWN_CONTEXT", "usage"),
        ('channel: "nowhere"', "UNAUTHENTICATED", "channel"),
        ('channel: "print"', "UNAUTHENTICATED", "channel"),
    ],
)
async def test_what_does_not_exist_is_refused_by_name(
    client: Client, context: str, code: str, field: str
) -> None:
    body = await client.ask(f"query @inContext({context}) {{ products {{ nodes {{ id }} }} }}")
    (error,) = body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, field)


async def test_a_reader_with_a_key_learns_which_channels_there_are(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("read")
    query = 'query @inContext(channel: "nowhere") { products { nodes { id } } }'
    (error,) = (await client.ask(query, headers=headers))["errors"]
    assert error["extensions"]["code"] == "UNKNOWN_CONTEXT"
    assert "d2c, marketplace-a, print" in error["message"]


async def test_channels_that_are_not_public_need_a_key(client: Client, shop: Shop) -> None:
    await shop.put(Product("FLYER", "SIMPLE"), channel="print")
    query = 'query @inContext(channel: "print") { product(sku: "FLYER") { sku } }'
    assert await client.code(query) == "UNAUTHENTICATED"
    assert await client.code(query, headers=await shop.key("manage.rights")) == "UNAUTHENTICATED"
    data = await client.data(query, headers=await shop.key("read"))
    assert data["product"] == {"sku": "FLYER"}


async def test_media_are_shown_where_they_are_allowed_in_each_country(
    client: Client, shop: Shop
) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"))
    until = datetime(2099, 1, 1, tzinfo=UTC)
    german = TermInput(
        include=("EU",),
        exclude=("FR",),
        channels=("*",),
        usages=("*",),
        valid_from=LONG_AGO,
        valid_until=until,
    )
    world = await shop.asset()
    german_only = await shop.asset(german)
    never = await shop.stage.asset()
    for place, asset in enumerate((world, german_only, never)):
        await shop.link(product, asset, "gallery", place)

    async def shown(context: str) -> list[str]:
        body = '{ product(sku: "VASE") { media { asset { id } } } }'
        media = (await client.data(f"query @inContext({context}) {body}"))["product"]["media"]
        return [each["asset"]["id"] for each in media]

    both = [world.public_id, german_only.public_id]
    assert await shown('market: "DE"') == both
    assert await shown('market: "FR"') == [world.public_id]
    assert await shown('market: "EUROPE"') == [world.public_id]
    assert await shown('market: "FR", country: "DE"') == both
    assert await shown('locale: "en-US"') == [world.public_id]  # nobody knows the country
    query = """query @inContext(market: "DE") { product(sku: "VASE") { media {
      availableUntil asset { availableUntil } } } }"""
    media = (await client.data(query))["product"]["media"]
    assert [each["availableUntil"] for each in media] == [None, "2099-01-01T00:00:00Z"]
    assert media[1]["asset"]["availableUntil"] == "2099-01-01T00:00:00Z"


async def test_what_is_absent_is_told_to_those_who_may_know(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"))
    await shop.link(product, await shop.stage.asset(), "gallery")
    query = 'query @inContext(market: "DE") { product(sku: "VASE") { media { id } hero { id } } }'
    for scopes in ((), ("read",)):
        headers = await shop.key(*scopes) if scopes else {}
        context = (await client.ask(query, headers=headers))["extensions"]["context"]
        assert "absentMedia" not in context
    for scope in ("preview", "manage.media", "manage.rights", "admin"):
        headers = await shop.key("read", scope)
        context = (await client.ask(query, headers=headers))["extensions"]["context"]
        assert context["absentMedia"] == {"count": 1, "reasons": {"NO_GRANT": 1}}


async def test_a_crawlers_channel_needs_every_declared_country(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"), channel="marketplace-a")
    for codes in (("DE",), ("DE", "FR")):
        term = TermInput(include=codes, channels=("*",), usages=("*",), valid_from=LONG_AGO)
        await shop.link(product, await shop.asset(term), "gallery", len(codes))
    query = """query @inContext(channel: "marketplace-a", market: "DE") {
      product(sku: "VASE") { media { position } } }"""
    media = (await client.data(query, headers=await shop.key("read")))["product"]["media"]
    assert media == [{"position": 2}]


async def test_at_shows_what_will_be_and_signs_for_staff(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"))
    begins = utc_now() + timedelta(days=1)
    term = TermInput(include=("WORLD",), channels=("*",), usages=("*",), valid_from=begins)
    await shop.link(product, await shop.asset(term), "hero")
    query = """query ($at: DateTime) @inContext(market: "DE", at: $at) {
      product(sku: "VASE") { hero { image(preset: "staff-thumb") { url expiresAt } } } }"""
    assert (await client.data(query))["product"]["hero"] is None
    later = {"at": (begins + timedelta(hours=1)).isoformat()}
    assert await client.code(query, later) == "UNAUTHENTICATED"
    assert await client.code(query, later, headers=await shop.key("read")) == "FORBIDDEN"
    headers = await shop.key("read", "preview")
    image = (await client.data(query, later, headers=headers))["product"]["hero"]["image"]
    assert ".s." in image["url"].partition("?t=")[2]
    lives = datetime.fromisoformat(image["expiresAt"]) - utc_now()
    assert lives <= timedelta(minutes=5)
    past = {"at": "2020-01-01T00:00:00Z"}
    assert await client.code(query, past, headers=headers) == "INVALID_INPUT"
    assert await client.code(query, {"at": "2030-01-01"}, headers=headers) == (
        "GRAPHQL_VALIDATION_FAILED"
    )


@pytest.fixture
async def closed(shop: Shop, settings: Settings) -> AsyncGenerator[Client]:
    """An api whose public graph is not open."""
    assert shop.stage.keys
    app = create_app(settings.model_copy(update={"public_reads": False}))
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as http:
        yield Client(http)


async def test_nothing_is_read_without_a_key_where_the_settings_say_so(
    closed: Client, shop: Shop
) -> None:
    await shop.put(Product("VASE", "SIMPLE"))
    for query in (
        "{ products { nodes { sku } } }",
        "{ channels { code } }",
        '{ node(id: "x") { id } }',
    ):
        assert await closed.code(query) == "UNAUTHENTICATED"
        assert await closed.code(query, headers=await shop.key("manage.media")) == "FORBIDDEN"
        assert await closed.data(query, headers=await shop.key("read"))


async def test_assets_need_a_key_and_have_urls_of_no_owner(client: Client, shop: Shop) -> None:
    first, second = sorted([await shop.asset(), await shop.asset()], key=lambda a: a.public_id)
    denied = await shop.stage.asset()
    one = """query ($id: ID!) @inContext(market: "DE") { asset(id: $id) {
      id image(preset: "card") { url } } node(id: $id) { id } }"""
    pages = """query ($after: String) @inContext(market: "DE") { assets(first: 1, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    assert await client.code(one, {"id": first.public_id}) == "UNAUTHENTICATED"
    assert await client.code(pages) == "UNAUTHENTICATED"
    headers = await shop.key("read")
    data = await client.data(one, {"id": first.public_id}, headers=headers)
    assert data["node"] == {"id": first.public_id}
    token = data["asset"]["image"]["url"].partition("?t=")[2]
    assert token.split(".")[5] == ""  # no owner
    assert (await client.data(one, {"id": denied.public_id}, headers=headers))["asset"] is None
    manager = await shop.key("read", "manage.media")
    shown = (await client.data(one, {"id": denied.public_id}, headers=manager))["asset"]
    assert shown == {"id": denied.public_id, "image": None}
    seen: list[str] = []
    after = None
    while True:
        page = (await client.data(pages, {"after": after}, headers=manager))["assets"]
        seen += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted([first.public_id, second.public_id, denied.public_id])
    assert await client.code(pages, {"after": "?"}, headers=manager) == "INVALID_CURSOR"
