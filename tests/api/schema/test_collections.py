"""Collections through GraphQL: who may, what they see, what a change of terms does."""

from typing import Any

import pytest

from catalog.graph.cursors import write_cursor
from catalog.licences.batches import CollectionRecord
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute

GERMAN = {
    "territory": {"include": ["DE"]},
    "channels": ["*"],
    "usages": ["*"],
    "validFrom": "2020-01-01T00:00:00Z",
}
TERMS = """grants { territory { include exclude } channels usages validFrom validUntil licence }
  restrictions { territory { include exclude } channels usages validFrom validUntil note }"""
COLLECTIONS = f"""query ($first: Int, $after: String) {{
  collections(first: $first, after: $after) {{
    nodes {{ code name assetCount {TERMS} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
GRANTS = f"""mutation ($code: String!, $grants: [GrantInput!]!, $dark: Boolean! = false) {{
  setCollectionGrants(collection: $code, grants: $grants, awaitDark: $dark) {{
    collection {{ code {TERMS} }}
    darkAt {{ gateways edges }}
    errors {{ code field message }} }} }}"""
RESTRICTIONS = f"""mutation ($code: String!, $restrictions: [RestrictionInput!]!) {{
  setCollectionRestrictions(collection: $code, restrictions: $restrictions) {{
    collection {{ code {TERMS} }} errors {{ code field message }} }} }}"""
SHOWN = 'query @inContext(market: "DE") { product(sku: "VASE") { hero { asset { id } } } }'
EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)


@pytest.fixture(autouse=True)
async def _summer(shop: Shop) -> None:
    """A collection that the hero of a vase has its only grant of."""
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    asset = await shop.stage.asset()
    record = CollectionRecord(code="summer", name="Summer", grants=[EVERYWHERE])
    await shop.stage.collection(record, asset)
    await shop.link(product, asset, "hero")


async def is_shown(client: Client) -> bool:
    return (await client.data(SHOWN))["product"]["hero"] is not None


async def test_collections_come_in_pages_by_code_with_terms_and_how_much_is_in_them(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("manage.rights")
    await shop.stage.collection(CollectionRecord(code="winter"))
    first = (await client.data(COLLECTIONS, {"first": 1}, headers=headers))["collections"]
    (summer,) = first["nodes"]
    (grant,) = summer.pop("grants")
    assert (grant["territory"], grant["licence"]) == ({"include": ["WORLD"], "exclude": []}, None)
    assert summer == {"code": "summer", "name": "Summer", "assetCount": 1, "restrictions": []}
    assert first["pageInfo"]["hasNextPage"] is True
    assert first["pageInfo"]["endCursor"] == write_cursor("COLLECTIONS", "summer")
    rest = {"after": first["pageInfo"]["endCursor"]}
    second = (await client.data(COLLECTIONS, rest, headers=headers))["collections"]
    assert [(each["code"], each["assetCount"]) for each in second["nodes"]] == [("winter", 0)]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_a_picture_shown_through_a_collection_is_dark_once_its_grants_end(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("manage.rights")
    assert await is_shown(client)
    variables: dict[str, Any] = {"code": "summer", "grants": [], "dark": True}
    ended = (await client.data(GRANTS, variables, headers=headers))["setCollectionGrants"]
    assert ended["errors"] == []
    assert ended["darkAt"]["gateways"]
    assert not await is_shown(client)
    given = {"code": "summer", "grants": [GERMAN]}
    await client.data(GRANTS, given, headers=headers)
    assert await is_shown(client)


async def test_a_restriction_of_a_collection_wins_over_its_grants(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("manage.rights")
    variables = {"code": "summer", "restrictions": [GERMAN | {"note": "autumn only"}]}
    answer = await client.data(RESTRICTIONS, variables, headers=headers)
    restricted = answer["setCollectionRestrictions"]["collection"]
    assert [each["note"] for each in restricted["restrictions"]] == ["autumn only"]
    assert not await is_shown(client)


async def test_an_unknown_collection_is_named_as_such(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.rights")
    variables: dict[str, Any] = {"code": "nothing", "grants": []}
    missing = (await client.data(GRANTS, variables, headers=headers))["setCollectionGrants"]
    assert missing["collection"] is None
    assert [(each["code"], each["field"]) for each in missing["errors"]] == [
        ("NOT_FOUND", "collection")
    ]


@pytest.mark.parametrize("scope", ["read", "manage.media", "manage.products"])
async def test_collections_are_for_those_alone_who_manage_rights(
    client: Client, shop: Shop, scope: str
) -> None:
    headers = await shop.key(scope)
    documents: list[tuple[str, dict[str, Any]]] = [
        (COLLECTIONS, {}),
        (GRANTS, {"code": "summer", "grants": []}),
        (RESTRICTIONS, {"code": "summer", "restrictions": []}),
    ]
    for document, variables in documents:
        assert await client.code(document, variables, headers=headers) == "FORBIDDEN"
        assert await client.code(document, variables) == "UNAUTHENTICATED"
    assert await is_shown(client)
