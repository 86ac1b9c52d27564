"""Where an asset is used, and what would go dark without it."""

from typing import Any

from catalog.rights.commands import withdraw_asset
from catalog.rights.model import TermInput
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.people import TEST
from tests.support.stage import LONG_AGO

DARK = """
query ($asset: ID!) { wouldGoDark(assetId: $asset) {
  asset { code } productCount
  places { channel market countries usage reason products { sku role } }
} }
"""
BINDINGS = """
query ($asset: ID!, $first: Int, $after: String) {
  assetBindings(assetId: $asset, first: $first, after: $after) {
    nodes { sku role channel status isPublished } pageInfo { hasNextPage endCursor }
  }
}
"""
GERMANY = TermInput(include=("DE",), channels=("*",), usages=("*",), valid_from=LONG_AGO)


async def test_what_would_go_dark_is_what_may_be_shown_now(client: Client, shop: Shop) -> None:
    asset = await shop.asset(GERMANY)
    for sku, channel in (("CUP", "d2c"), ("MUG", "print")):
        await shop.link(await shop.put(Product(sku, "SIMPLE"), channel=channel), asset)
    headers = await shop.key("read", "manage.rights")

    async def told() -> Any:  # noqa: ANN401 - JSON
        found = await client.data(DARK, {"asset": asset.public_id}, headers=headers)
        return found["wouldGoDark"]

    dark = await told()
    places = {
        (each["channel"], each["market"], each["usage"]): (
            each["countries"],
            [product["sku"] for product in each["products"]],
        )
        for each in dark["places"]
    }
    cup, mug = (["DE"], ["CUP"]), (["DE"], ["MUG"])
    assert places == {
        ("d2c", "DE", "web"): cup,
        ("d2c", "DE", "social"): cup,
        ("d2c", "EUROPE", "web"): cup,
        ("d2c", "EUROPE", "social"): cup,
        ("print", None, "print"): mug,  # the marketplace is for France, too
    }
    assert dark["productCount"] == 2
    assert {each["reason"] for each in dark["places"]} == {"WITHDRAWN"}

    async with shop.stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)
    assert ((await told())["places"], (await told())["productCount"]) == ([], 0)
    absent = await client.data(DARK, {"asset": "nothing"}, headers=headers)
    assert absent["wouldGoDark"] is None
    read = await shop.key("read")
    assert await client.code(DARK, {"asset": asset.public_id}, headers=read) == "FORBIDDEN"


async def test_an_asset_is_used_where_it_is_bound_published_or_not(
    client: Client, shop: Shop
) -> None:
    asset = await shop.asset()
    model = await shop.put(Product("LAMP", "MODEL"), channel="print")
    draft = await shop.put(Product("MUG", "SIMPLE"))
    await shop.pool.execute("UPDATE publication SET ended_at = now() WHERE product = $1", draft.id)
    await shop.link(model, asset, "gallery", channel="print")
    await shop.link(model, asset, "hero", channel="d2c", status="proposed")
    await shop.link(draft, asset)
    headers = await shop.key("manage.products")

    async def told(**asked: Any) -> Any:  # noqa: ANN401 - JSON
        found = await client.data(BINDINGS, {"asset": asset.public_id, **asked}, headers=headers)
        return found["assetBindings"]

    found = await told()
    rows = sorted(tuple(str(value) for value in each.values()) for each in found["nodes"])
    assert rows == [
        ("LAMP", "GALLERY", "print", "APPROVED", "True"),
        ("LAMP", "HERO", "d2c", "PROPOSED", "False"),
        ("MUG", "HERO", "None", "APPROVED", "False"),
    ]
    first = await told(first=2)
    second = await told(after=first["pageInfo"]["endCursor"])
    assert first["nodes"] + second["nodes"] == found["nodes"]
    assert await client.code(BINDINGS, {"asset": "x"}, headers=await shop.key("read")) == (
        "FORBIDDEN"
    )
