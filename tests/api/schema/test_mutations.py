"""Changes through GraphQL: scopes, payloads, revisions, and what readers see at once."""

from typing import Any

import pytest

from catalog.db import Pool
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute

RIGHTS = (
    "asset { id revision rights { status legalDemand authorityUrl epoch grants { channels } } }"
)
PAYLOAD = f"{{ {RIGHTS} darkAt {{ gateways edges }} errors {{ code field message }} }}"
WITHDRAW = f"""mutation ($id: ID!, $revision: Int, $dark: Boolean! = false) {{
  withdrawAsset(assetId: $id, reason: "sold", expectedRevision: $revision, awaitDark: $dark)
  {PAYLOAD} }}"""
HOLD = f"""mutation ($id: ID!, $url: String) {{
  holdAsset(assetId: $id, authorityUrl: $url) {PAYLOAD} }}"""
REINSTATE = f"mutation ($id: ID!) {{ reinstateAsset(assetId: $id) {PAYLOAD} }}"
APPROVE = f"""mutation ($id: ID!) {{
  approveAsset(assetId: $id) {{ {RIGHTS} errors {{ code field message }} }} }}"""
GRANTS = f"""mutation ($id: ID!, $grants: [GrantInput!]!) {{
  setGrants(assetId: $id, grants: $grants) {PAYLOAD} }}"""
RESTRICTIONS = """mutation ($id: ID!, $restrictions: [RestrictionInput!]!) {
  setRestrictions(assetId: $id, restrictions: $restrictions) {
    asset { rights { restrictions { territory { include exclude } note validFrom validUntil } } }
    errors { code field message } } }"""
SHOWN = 'query @inContext(market: "DE") { product(sku: "VASE") { hero { asset { id } } } }'
WORLD = {
    "territory": {"include": ["WORLD"]},
    "channels": ["*"],
    "usages": ["*"],
    "validFrom": "2020-01-01T00:00:00Z",
}


@pytest.fixture
async def vase(shop: Shop) -> str:
    """A vase with a hero; returns the asset's id."""
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    asset = await shop.asset()
    await shop.link(product, asset, "hero")
    return asset.public_id


async def is_shown(client: Client) -> bool:
    return (await client.data(SHOWN))["product"]["hero"] is not None


async def test_a_withdrawn_asset_is_absent_at_once_until_it_is_reinstated(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("manage.rights")
    assert await is_shown(client)
    withdrawn = (await client.data(WITHDRAW, {"id": vase}, headers=headers))["withdrawAsset"]
    assert withdrawn["errors"] == []
    assert withdrawn["darkAt"] is None
    assert withdrawn["asset"]["rights"]["status"] == "WITHDRAWN"
    assert not await is_shown(client)
    again = (await client.data(REINSTATE, {"id": vase}, headers=headers))["reinstateAsset"]
    assert again["asset"]["rights"]["status"] == "APPROVED"
    assert again["asset"]["rights"]["epoch"] > withdrawn["asset"]["rights"]["epoch"]
    assert await is_shown(client)


async def test_a_held_asset_is_absent_and_says_who_demanded_it(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("admin")
    variables = {"id": vase, "url": "https://court.test/1"}
    held = (await client.data(HOLD, variables, headers=headers))["holdAsset"]["asset"]["rights"]
    assert (held["legalDemand"], held["authorityUrl"]) == (True, "https://court.test/1")
    assert not await is_shown(client)
    wrong = (await client.data(HOLD, variables | {"url": "no url"}, headers=headers))["holdAsset"]
    assert wrong["asset"] is None
    assert [(each["code"], each["field"]) for each in wrong["errors"]] == [
        ("INVALID_INPUT", "authorityUrl")
    ]


async def test_a_draft_is_approved_by_a_mutation_of_its_own(client: Client, shop: Shop) -> None:
    draft = await shop.stage.asset(status="draft")
    headers = await shop.key("manage.rights")
    one = {"id": draft.public_id}
    refused = (await client.data(REINSTATE, one, headers=headers))["reinstateAsset"]
    assert refused["asset"] is None
    assert [(each["code"], each["field"]) for each in refused["errors"]] == [
        ("ASSET_NOT_APPROVED", "assetId")
    ]
    approved = (await client.data(APPROVE, one, headers=headers))["approveAsset"]
    assert approved["errors"] == []
    assert approved["asset"]["rights"]["status"] == "APPROVED"
    others = await shop.key("manage.products")
    assert (await client.code(APPROVE, one, headers=others)) == "FORBIDDEN"


async def test_grants_are_the_full_new_set(client: Client, shop: Shop, vase: str) -> None:
    headers = await shop.key("manage.rights")
    ended = (await client.data(GRANTS, {"id": vase, "grants": []}, headers=headers))["setGrants"]
    assert ended["errors"] == []
    assert not await is_shown(client)
    await client.data(GRANTS, {"id": vase, "grants": [WORLD]}, headers=headers)
    assert await is_shown(client)
    nowhere = WORLD | {"channels": []}
    await client.data(GRANTS, {"id": vase, "grants": [nowhere]}, headers=headers)
    assert not await is_shown(client)
    unknown = WORLD | {"territory": {"include": ["ATLANTIS"]}}
    variables = {"id": vase, "grants": [unknown]}
    (error,) = (await client.data(GRANTS, variables, headers=headers))["setGrants"]["errors"]
    assert error["code"] == "INVALID_INPUT"


async def test_restrictions_forbid_whatever_is_granted(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("manage.rights")
    stated = WORLD | {"territory": {"include": ["EU"], "exclude": ["FR"]}, "note": "Campaign"}
    variables = {"id": vase, "restrictions": [stated]}
    payload = (await client.data(RESTRICTIONS, variables, headers=headers))["setRestrictions"]
    assert payload["asset"]["rights"]["restrictions"] == [
        {
            "territory": {"include": ["EU"], "exclude": ["FR"]},
            "note": "Campaign",
            "validFrom": "2020-01-01T00:00:00Z",
            "validUntil": None,
        }
    ]
    assert not await is_shown(client)
    await client.data(RESTRICTIONS, {"id": vase, "restrictions": []}, headers=headers)
    assert await is_shown(client)


async def test_a_revision_that_is_over_is_a_conflict_and_changes_nothing(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("manage.rights", "read")
    read = "query ($id: ID!) { asset(id: $id) { revision } }"
    revision = (await client.data(read, {"id": vase}, headers=headers))["asset"]["revision"]
    stale = {"id": vase, "revision": revision - 1}
    payload = (await client.data(WITHDRAW, stale, headers=headers))["withdrawAsset"]
    assert [each["code"] for each in payload["errors"]] == ["CONFLICT"]
    assert await is_shown(client)
    right = {"id": vase, "revision": revision}
    payload = (await client.data(WITHDRAW, right, headers=headers))["withdrawAsset"]
    assert payload["asset"]["revision"] == revision + 1


async def test_an_unknown_asset_is_an_error_of_the_payload(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.rights")
    payload = (await client.data(WITHDRAW, {"id": "nothing"}, headers=headers))["withdrawAsset"]
    assert payload["asset"] is None
    assert [(each["code"], each["field"]) for each in payload["errors"]] == [
        ("NOT_FOUND", "assetId")
    ]


async def test_await_dark_answers_when_no_gateway_can_deliver(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("manage.rights")
    variables = {"id": vase, "dark": True}
    last = "query ($id: ID!) { lastDarkness(assetId: $id) { gateways edges } }"
    assert await client.data(last, {"id": vase}, headers=headers) == {"lastDarkness": None}
    dark = (await client.data(WITHDRAW, variables, headers=headers))["withdrawAsset"]["darkAt"]
    assert dark["gateways"]
    assert dark["edges"] is None  # its purge has been queued, and nobody confirmed it
    assert await client.data(last, {"id": vase}, headers=headers) == {"lastDarkness": dark}
    once_more = (await client.data(WITHDRAW, variables, headers=headers))["withdrawAsset"]
    assert once_more["darkAt"] is None  # nothing changed


async def test_await_dark_waits_no_longer_than_a_lease_for_a_silent_gateway(
    client: Client, shop: Shop, vase: str
) -> None:
    await shop.pool.execute(
        "INSERT INTO gateway (id, seen_at) VALUES (gen_random_uuid(), clock_timestamp())"
    )
    variables = {"id": vase, "dark": True}
    payload = await client.data(WITHDRAW, variables, headers=await shop.key("admin"))
    assert payload["withdrawAsset"]["darkAt"]["gateways"]


async def test_the_actor_of_a_change_is_the_service_of_the_key(
    client: Client, shop: Shop, vase: str
) -> None:
    headers = await shop.key("manage.rights")
    await client.data(WITHDRAW, {"id": vase}, headers=headers)
    actor = await shop.pool.fetchval(
        """SELECT name FROM principal WHERE kind = 'service'
           AND id = (SELECT actor FROM event WHERE type = 'asset.withdrawn')"""
    )
    assert actor.startswith("manage.rights ")


PUBLISH = """mutation ($skus: [String!]!) { publishProducts(skus: $skus, channel: "d2c") {
  results { sku outcome version errors { code } below { sku outcome } } errors { code field } } }"""
UNPUBLISH = """mutation ($skus: [String!]!, $channel: String! = "d2c") {
  unpublishProducts(skus: $skus, channel: $channel, awaitDark: true) {
    results { sku outcome errors { code } } darkAt { gateways } errors { code field } } }"""
BIND = """mutation ($input: [BindMediaInput!]!) { bindMedia(input: $input) {
  results { id status errors { code field } } errors { code } } }"""
UNBIND = """mutation ($ids: [ID!]!) { unbindMedia(ids: $ids) {
  results { id status errors { code field } } errors { code } } }"""


async def test_products_are_taken_back_and_published_row_by_row(
    client: Client, shop: Shop, vase: str
) -> None:
    assert vase
    headers = await shop.key("manage.products")
    payload = await client.data(UNPUBLISH, {"skus": ["VASE", "NOTHING"]}, headers=headers)
    rows = payload["unpublishProducts"]["results"]
    assert [(each["sku"], each["outcome"]) for each in rows] == [
        ("VASE", "UNPUBLISHED"),
        ("NOTHING", "REJECTED"),
    ]
    assert rows[1]["errors"] == [{"code": "NOT_FOUND"}]
    assert payload["unpublishProducts"]["darkAt"]["gateways"]
    assert (await client.data(SHOWN))["product"] is None
    payload = (await client.data(PUBLISH, {"skus": ["VASE"]}, headers=headers))["publishProducts"]
    assert payload["errors"] == []
    assert [(each["outcome"], each["version"]) for each in payload["results"]] == [("PUBLISHED", 2)]
    assert await is_shown(client)
    wrong = {"skus": ["VASE"], "channel": "nowhere"}
    payload = (await client.data(UNPUBLISH, wrong, headers=headers))["unpublishProducts"]
    assert payload["errors"] == [{"code": "NOT_FOUND", "field": "channel"}]
    many = {"skus": ["VASE"] * 501}
    payload = (await client.data(PUBLISH, many, headers=headers))["publishProducts"]
    assert payload["errors"] == [{"code": "INVALID_INPUT", "field": "skus"}]


async def test_media_are_bound_and_unbound_row_by_row(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"))
    asset = await shop.asset()
    headers = await shop.key("manage.media")
    wish = {"productId": product.public_id, "assetId": asset.public_id, "role": "HERO"}
    rows = await client.data(BIND, {"input": [wish, wish | {"assetId": "no"}]}, headers=headers)
    good, bad = rows["bindMedia"]["results"]
    assert (good["status"], good["errors"]) == ("APPROVED", [])
    assert (bad["id"], bad["errors"]) == (None, [{"code": "INVALID_INPUT", "field": "asset"}])
    assert await is_shown(client)
    rows = await client.data(UNBIND, {"ids": [good["id"], "no"]}, headers=headers)
    gone, unknown = rows["unbindMedia"]["results"]
    assert gone["status"] == "RETIRED"
    assert unknown["errors"][0]["code"] == "NOT_FOUND"
    assert not await is_shown(client)


async def test_media_of_an_attribute_are_read_by_its_code(
    client: Client, shop: Shop, pool: Pool
) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"))
    hero, sheet = await shop.asset(), await shop.asset()
    await shop.link(product, hero, "hero")
    await pool.execute("INSERT INTO attribute (code, type) VALUES ('care_sheet', 'asset')")
    wish = {"productId": product.public_id, "assetId": sheet.public_id, "role": "CUSTOM"}
    wishes = {"input": [wish, wish | {"roleCode": "care_sheet"}]}
    headers = await shop.key("manage.media")
    rows = await client.data(BIND, wishes, headers=headers)
    nameless, good = rows["bindMedia"]["results"]
    assert (nameless["errors"][0]["field"], good["errors"]) == ("role", [])

    query = """query ($roles: [MediaRole!]) { product(sku: "VASE") { media(roles: $roles) {
      role roleCode asset { id } } } }"""

    async def read(*roles: str) -> list[tuple[str, ...]]:
        media = (await client.data(query, {"roles": list(roles) or None}))["product"]["media"]
        return [(each["role"], each["roleCode"], each["asset"]["id"]) for each in media]

    custom = ("CUSTOM", "care_sheet", sheet.public_id)
    assert await read("CUSTOM") == [custom]
    assert await read("HERO") == [("HERO", "hero", hero.public_id)]
    assert await read() == [("HERO", "hero", hero.public_id), custom]


@pytest.mark.parametrize(
    ("document", "variables", "scope"),
    [
        (WITHDRAW, {"id": "x"}, "manage.rights"),
        (HOLD, {"id": "x"}, "manage.rights"),
        (REINSTATE, {"id": "x"}, "manage.rights"),
        (GRANTS, {"id": "x", "grants": []}, "manage.rights"),
        (RESTRICTIONS, {"id": "x", "restrictions": []}, "manage.rights"),
        (PUBLISH, {"skus": []}, "manage.products"),
        (UNPUBLISH, {"skus": []}, "manage.products"),
        (BIND, {"input": []}, "manage.media"),
        (UNBIND, {"ids": []}, "manage.media"),
    ],
)
async def test_every_change_needs_its_scope(
    client: Client, shop: Shop, document: str, variables: dict[str, Any], scope: str
) -> None:
    others = {"read", "preview", "manage.products", "manage.media", "manage.rights"} - {scope}
    assert await client.code(document, variables) == "UNAUTHENTICATED"
    assert await client.code(document, variables, headers=await shop.key(*others)) == "FORBIDDEN"
    for allowed in (scope, "admin"):
        await client.data(document, variables, headers=await shop.key(allowed))
