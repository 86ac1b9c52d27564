"""What those ask of assets who keep them: found, their own terms and versions, seen by staff."""

from dataclasses import replace
from typing import Any

from catalog.licences.batches import CollectionRecord, LicenceRecord
from catalog.rights.commands import hold_asset
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.people import TEST
from tests.support.stage import WORLDWIDE, StagedAsset

FOUND = "query ($filter: AssetFilter) { assets(filter: $filter) { nodes { id } } }"
TERMS = """query ($id: ID!) { assetTerms(assetId: $id) { revision
  grants { territory { include } } licences { code } collections { code } } }"""
SEEN = """query ($id: ID!) { asset(id: $id) {
  status legalDemand preview(width: 50) { url width } } }"""


async def found(client: Client, headers: dict[str, str], **asked: object) -> list[str]:
    page = (await client.data(FOUND, {"filter": asked}, headers=headers))["assets"]
    return [each["id"] for each in page["nodes"]]


async def test_assets_are_found_by_words_of_code_or_file_and_by_what_they_rest_on(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("read", "manage.rights")
    plain, licensed, collected = [await shop.stage.asset(WORLDWIDE) for _ in range(3)]
    await shop.stage.licence(LicenceRecord(code="PHOTO", licensor="Studio"), licensed)
    await shop.stage.collection(CollectionRecord(code="summer"), collected)
    assert await found(client, headers, text=plain.public_id[:8].upper()) == [plain.public_id]
    assert len(await found(client, headers, text="Brass-L")) == 3
    assert await found(client, headers, text="%") == []
    assert await found(client, headers, licence="PHOTO") == [licensed.public_id]
    assert await found(client, headers, licence="PHOTO", text="brass", collection="summer") == []
    assert await found(client, headers, collection="summer") == [collected.public_id]
    reader = await shop.key("read")
    variables: dict[str, Any] = {"filter": {"licence": "PHOTO"}}
    assert await client.code(FOUND, variables, headers=reader) == "FORBIDDEN"


PAGE = """query ($filter: AssetFilter, $first: Int, $after: String) {
  assets(filter: $filter, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""


async def test_pages_tell_nothing_of_assets_that_are_hidden(client: Client, shop: Shop) -> None:
    abroad = replace(WORLDWIDE, include=("FR",))
    staged = [
        await shop.stage.asset(WORLDWIDE if number in {2, 7} else abroad, status=status)
        for number, status in enumerate(["approved"] * 6 + ["draft", "approved", "withdrawn"])
    ]
    for number, each in enumerate(staged):
        code = f"lamp-{number}"
        await shop.pool.execute("UPDATE asset SET code = $2 WHERE id = $1", each.id, code)
    reader = await shop.key("read")
    shown = [staged[2].public_id, staged[7].public_id]

    async def page(**asked: object) -> Any:  # noqa: ANN401 - JSON
        return (await client.data(PAGE, asked, headers=reader))["assets"]

    after, met = None, list[str]()
    for is_last in (False, True):
        listed = await page(filter={"text": "lamp"}, first=1, after=after)
        met += [each["id"] for each in listed["nodes"]]
        after = listed["pageInfo"]["endCursor"]
        assert listed["pageInfo"]["hasNextPage"] is not is_last
    assert met == shown
    for number, status in ((8, "WITHDRAWN"), (6, "DRAFT"), (0, "APPROVED")):
        hidden = {"codes": [f"lamp-{number}"], "status": [status]}
        assert not (await page(filter=hidden, first=0))["pageInfo"]["hasNextPage"], status
    keeper = await shop.key("read", "manage.rights")
    assert len(await found(client, keeper, text="lamp")) == len(staged)


async def test_own_terms_are_told_from_those_of_licences_and_collections(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("manage.rights")
    asset = await shop.stage.asset(replace(WORLDWIDE, include=("FR",)))
    await shop.stage.licence(LicenceRecord(code="PHOTO", licensor="Studio"), asset)
    await shop.stage.collection(CollectionRecord(code="summer"), asset)
    terms = (await client.data(TERMS, {"id": asset.public_id}, headers=headers))["assetTerms"]
    assert terms["grants"] == [{"territory": {"include": ["FR"]}}]
    assert (terms["licences"], terms["collections"]) == ([{"code": "PHOTO"}], [{"code": "summer"}])
    nothing = await client.data(TERMS, {"id": "zzzzzzzzzz"}, headers=headers)
    assert nothing == {"assetTerms": None}


async def test_versions_are_told_the_newest_first(client: Client, shop: Shop) -> None:
    asset = await shop.stage.asset()
    query = "query ($id: ID!) { assetVersions(assetId: $id) { number mimeType width isCurrent } }"
    variables = {"id": asset.public_id}
    answer = await client.data(query, variables, headers=await shop.key("preview"))
    (version,) = answer["assetVersions"]
    assert version == {"number": 1, "mimeType": "image/png", "width": 800, "isCurrent": True}


async def test_staff_see_what_is_not_approved_but_never_what_is_held(
    client: Client, shop: Shop
) -> None:
    staff, reader = await shop.key("read", "preview"), await shop.key("read")
    draft = await shop.stage.asset(status="draft")
    lit = await shop.stage.asset(WORLDWIDE)
    suspect = await shop.stage.asset(status="quarantined")

    async def seen(asset: StagedAsset, headers: dict[str, str]) -> Any:  # noqa: ANN401 - as above
        return (await client.data(SEEN, {"id": asset.public_id}, headers=headers))["asset"]

    shown = await seen(draft, staff)
    assert (shown["status"], shown["legalDemand"]) == ("DRAFT", False)
    assert "/thumb.1-48/" in shown["preview"]["url"]  # the only preset that keeps all of it
    assert await seen(draft, reader) is None
    public = await seen(lit, reader)
    assert (public["status"], public["legalDemand"]) == (None, None)
    assert public["preview"]["url"] != (await seen(lit, staff))["preview"]["url"]
    assert (await seen(suspect, staff))["preview"] is None
    async with shop.stage.changes.begin(TEST) as change:
        await hold_asset(change, lit.public_id)
    assert (await seen(lit, staff))["preview"] is None


async def test_what_new_terms_would_darken_is_told_and_nothing_is_changed(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("read", "manage.rights")
    both, own = await shop.stage.asset(), await shop.stage.asset(WORLDWIDE)
    await shop.link(await shop.put(Product("CUP", "SIMPLE")), both)
    await shop.stage.licence(LicenceRecord(code="PHOTO", licensor="Studio"), both, own)
    query = """query ($id: ID!, $kind: TermsHolder!, $grants: [GrantInput!],
                      $restrictions: [RestrictionInput!]) {
      rehearseTerms(holder: $kind, id: $id, grants: $grants, restrictions: $restrictions) {
        goesDark { asset { id } places { channel market countries products { sku } } }
        lookedAt assetCount errors { code field } } }"""

    async def told(kind: str, key: str, **stated: object) -> Any:  # noqa: ANN401 - as above
        variables = {"kind": kind, "id": key, **stated}
        return (await client.data(query, variables, headers=headers))["rehearseTerms"]

    everywhere = {
        "territory": {"include": ["WORLD"]},
        "channels": ["*"],
        "usages": ["*"],
        "validFrom": "2020-01-01T00:00:00Z",
    }
    given = """mutation ($grants: [GrantInput!]!) {
      setLicenceGrants(licenceId: "PHOTO", grants: $grants) { errors { code } } }"""
    await client.data(given, {"grants": [everywhere]}, headers=headers)
    ended = await told("LICENCE", "PHOTO", grants=[])
    assert (ended["lookedAt"], ended["assetCount"], ended["errors"]) == (2, 2, [])
    assert [each["asset"]["id"] for each in ended["goesDark"]] == [both.public_id]
    germany = next(each for each in ended["goesDark"][0]["places"] if each["market"] == "DE")
    assert (germany["countries"], germany["products"]) == (["DE"], [{"sku": "CUP"}])
    restricted = await told("ASSET", own.public_id, restrictions=[everywhere])
    assert [each["asset"]["id"] for each in restricted["goesDark"]] == [own.public_id]
    wrong = everywhere | {"territory": {"include": ["ATLANTIS"]}}
    refused = await told("ASSET", own.public_id, grants=[wrong])
    assert refused["errors"] == [{"code": "INVALID_INPUT", "field": "grants[0].territory.include"}]
    again = await told("LICENCE", "PHOTO", grants=[])  # it was not ended
    assert again == ended
