"""Licences through GraphQL: who may, what they see, what a change of terms does."""

from typing import Any

import pytest

from catalog.graph.cursors import write_cursor
from catalog.licences.batches import LicenceRecord
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute

WORLD = {
    "territory": {"include": ["WORLD"]},
    "channels": ["*"],
    "usages": ["*"],
    "validFrom": "2020-01-01T00:00:00Z",
}
TERMS = """grants { territory { include exclude } channels usages validFrom validUntil licence }
  restrictions { territory { include exclude } channels usages validFrom validUntil note }"""
LICENCE = f"""query ($id: ID!) {{ licence(id: $id) {{ id code licensor document timeZone credit
  webStatement licensorUrl revision assetCount {TERMS} }} }}"""
LICENCES = """query ($first: Int, $after: String) { licences(first: $first, after: $after) {
  nodes { code assetCount } edges { cursor }
  pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
GRANTS = f"""
mutation ($id: ID!, $grants: [GrantInput!]!, $revision: Int, $dark: Boolean! = false) {{
  setLicenceGrants(
    licenceId: $id, grants: $grants, expectedRevision: $revision, awaitDark: $dark
  ) {{
    licence {{ revision {TERMS} }}
    darkAt {{ gateways edges }}
    errors {{ code field message }} }} }}"""
RESTRICTIONS = f"""mutation ($id: ID!, $restrictions: [RestrictionInput!]!) {{
  setLicenceRestrictions(licenceId: $id, restrictions: $restrictions) {{
    licence {{ revision {TERMS} }} errors {{ code field message }} }} }}"""
SHOWN = 'query @inContext(market: "DE") { product(sku: "VASE") { hero { asset { id } } } }'
EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)


@pytest.fixture
async def licence(shop: Shop) -> str:
    """A licence that the hero of a vase rests on alone; returns its id."""
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    asset = await shop.stage.asset()
    record = LicenceRecord(
        code="photo",
        licensor="Studio",
        document="contract 7",
        time_zone="Europe/Berlin",
        credit="By Studio",
        grants=[EVERYWHERE],
    )
    licence = await shop.stage.licence(record, asset)
    await shop.link(product, asset, "hero")
    return licence


async def is_shown(client: Client) -> bool:
    return (await client.data(SHOWN))["product"]["hero"] is not None


async def test_a_licence_is_shown_with_its_terms_and_how_much_rests_on_it(
    client: Client, shop: Shop, licence: str
) -> None:
    headers = await shop.key("manage.rights")
    seen = (await client.data(LICENCE, {"id": licence}, headers=headers))["licence"]
    (grant,) = seen.pop("grants")
    assert (grant["territory"], grant["channels"]) == ({"include": ["WORLD"], "exclude": []}, ["*"])
    assert grant["licence"] == licence
    assert seen == {
        "id": licence,
        "code": "photo",
        "licensor": "Studio",
        "document": "contract 7",
        "timeZone": "Europe/Berlin",
        "credit": "By Studio",
        "webStatement": None,
        "licensorUrl": None,
        "revision": 1,
        "assetCount": 1,
        "restrictions": [],
    }
    nothing = await client.data(LICENCE, {"id": "nothing"}, headers=headers)
    assert nothing == {"licence": None}


async def test_licences_come_in_pages_by_code(client: Client, shop: Shop, licence: str) -> None:
    headers = await shop.key("manage.rights")
    for code in ("agency", "studio"):
        await shop.stage.licence(LicenceRecord(code=code, licensor="Somebody"))
    first = (await client.data(LICENCES, {"first": 2}, headers=headers))["licences"]
    assert first["nodes"] == [
        {"code": "agency", "assetCount": 0},
        {"code": "photo", "assetCount": 1},
    ]
    page = first["pageInfo"]
    assert (page["hasNextPage"], page["hasPreviousPage"]) == (True, False)
    assert page["endCursor"] == write_cursor("LICENCES", "photo")
    rest = {"first": 2, "after": page["endCursor"]}
    second = (await client.data(LICENCES, rest, headers=headers))["licences"]
    assert [each["code"] for each in second["nodes"]] == ["studio"]
    assert second["pageInfo"]["hasNextPage"] is False
    assert await client.code(LICENCES, {"after": "no cursor"}, headers=headers) == "INVALID_CURSOR"
    assert licence


@pytest.mark.parametrize("scope", ["read", "manage.media", "manage.products"])
async def test_licences_are_for_those_alone_who_manage_rights(
    client: Client, shop: Shop, licence: str, scope: str
) -> None:
    headers = await shop.key(scope)
    documents: list[tuple[str, dict[str, Any]]] = [
        (LICENCE, {"id": licence}),
        (LICENCES, {}),
        (GRANTS, {"id": licence, "grants": []}),
        (RESTRICTIONS, {"id": licence, "restrictions": []}),
    ]
    for document, variables in documents:
        assert await client.code(document, variables, headers=headers) == "FORBIDDEN"
        assert await client.code(document, variables) == "UNAUTHENTICATED"
    assert await is_shown(client)


async def test_grants_that_end_darken_all_that_rests_on_the_licence_and_come_back(
    client: Client, shop: Shop, licence: str
) -> None:
    headers = await shop.key("manage.rights")
    assert await is_shown(client)
    variables: dict[str, Any] = {"id": licence, "grants": [], "dark": True, "revision": 1}
    ended = (await client.data(GRANTS, variables, headers=headers))["setLicenceGrants"]
    assert ended["errors"] == []
    assert ended["darkAt"]["gateways"]
    assert ended["licence"]["revision"] == 2
    assert not await is_shown(client)
    stale = (await client.data(GRANTS, variables, headers=headers))["setLicenceGrants"]
    assert stale["licence"] is None
    assert [each["code"] for each in stale["errors"]] == ["CONFLICT"]
    again = {"id": licence, "grants": [WORLD]}
    given = (await client.data(GRANTS, again, headers=headers))["setLicenceGrants"]
    assert given["darkAt"] is None
    assert [each["validUntil"] is None for each in given["licence"]["grants"]] == [True, False]
    assert await is_shown(client)


async def test_a_restriction_of_a_licence_wins_over_its_grants(
    client: Client, shop: Shop, licence: str
) -> None:
    headers = await shop.key("manage.rights")
    german = WORLD | {"territory": {"include": ["DE"]}, "note": "autumn only"}
    variables = {"id": licence, "restrictions": [german]}
    set_ = (await client.data(RESTRICTIONS, variables, headers=headers))["setLicenceRestrictions"]
    assert [each["note"] for each in set_["licence"]["restrictions"]] == ["autumn only"]
    assert not await is_shown(client)


async def test_a_term_that_names_nothing_is_refused_at_its_place(
    client: Client, shop: Shop, licence: str
) -> None:
    headers = await shop.key("manage.rights")
    variables = {"id": licence, "grants": [WORLD | {"territory": {"include": ["Atlantis"]}}]}
    refused = (await client.data(GRANTS, variables, headers=headers))["setLicenceGrants"]
    assert [(each["code"], each["field"]) for each in refused["errors"]] == [
        ("INVALID_INPUT", "grants[0].territory.include")
    ]
    unknown: dict[str, Any] = {"id": "nothing", "grants": []}
    missing = (await client.data(GRANTS, unknown, headers=headers))["setLicenceGrants"]
    assert [(each["code"], each["field"]) for each in missing["errors"]] == [
        ("NOT_FOUND", "licenceId")
    ]
