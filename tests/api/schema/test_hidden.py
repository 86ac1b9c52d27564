"""What is hidden is told by nothing: no option, no count, no filter; what moves, moves at once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.products.commands import put_attributes, put_categories, put_families
from catalog.products.model import (
    AttributeRecord,
    CategoryRecord,
    FamilyRecord,
    Option,
    ProductRecord,
)
from catalog.publication.commands import publish_products
from tests.api.client import Client
from tests.api.shop import Shop
from tests.products.shop import FAMILIES, model, name, open_shop, put_good, value, variant
from tests.support.people import TEST
from tests.support.stage import Stage, store_in
from tests.support.waiting import eventually

PUBLISH = """mutation ($sku: String!, $from: DateTime) {
  publishProducts(skus: [$sku], channel: "d2c", visibleFrom: $from) { results { outcome } } }"""
UNPUBLISH = """mutation ($sku: String!) {
  unpublishProducts(skus: [$sku], channel: "d2c") { results { outcome } } }"""
TEE = """query ($at: DateTime) @inContext(at: $at) { product(sku: "TEE") {
  options { code values { code } } variants { totalCount nodes { sku } } } }"""
OPTIONS_ALONE = '{ product(sku: "TEE") { options { values { code } } } }'
WITH_SIZE = """query ($size: String!, $market: String, $at: DateTime)
@inContext(market: $market, at: $at) {
  products(filter: {attributes: [{code: "size", values: [$size]}]}) { nodes { sku } } }"""
WITH_PLUG = """query ($plug: String!, $market: String) @inContext(market: $market) {
  products(filter: {attributes: [{code: "plug", values: [$plug]}]}) { nodes { sku } } }"""
IN_CATEGORY = """query ($code: String!) {
  products(filter: {categories: [$code]}) { nodes { sku categories { label path } } } }"""


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    """A shirt in three sizes, published by the commands that publish."""
    stage = Stage(pool, store_in(tmp_path / "store"), drivers=["varnish"])
    await stage.build()
    changes = await open_shop(pool)
    await put_good(
        changes,
        [
            model("TEE", name("Tee"), value("weight", 1)),
            *(variant(f"TEE-{size}", "TEE", value("size", size)) for size in ("l", "m", "s")),
        ],
    )
    await publish(changes, "TEE")
    return Shop(stage)


async def publish(changes: Changes, *skus: str) -> None:
    async with changes.begin(TEST) as change:
        await publish_products(change, skus, "d2c")


async def sizes(client: Client, **asked: Any) -> tuple[list[str], int, list[str]]:  # noqa: ANN401 - variables
    data = (await client.data(TEE, asked.pop("variables", {}), **asked))["product"]
    (size,) = data["options"]
    variants = data["variants"]
    return (
        [each["code"] for each in size["values"]],
        variants["totalCount"],
        [each["sku"] for each in variants["nodes"]],
    )


async def found(client: Client, query: str, **variables: object) -> list[str]:
    return [each["sku"] for each in (await client.data(query, variables))["products"]["nodes"]]


async def test_options_counts_and_filters_speak_of_visible_variants_only(
    client: Client, shop: Shop
) -> None:
    staff = await shop.key("manage.products", "read", "preview")
    assert await sizes(client) == (["s", "m", "l"], 3, ["TEE-s", "TEE-m", "TEE-l"])
    assert await found(client, WITH_SIZE, size="m") == ["TEE"]

    await client.data(UNPUBLISH, {"sku": "TEE-m"}, headers=staff)
    tomorrow = utc_now() + timedelta(days=1)
    ahead = {"sku": "TEE-l", "from": tomorrow.isoformat()}
    await client.data(PUBLISH, ahead, headers=staff)
    assert await sizes(client) == (["s"], 1, ["TEE-s"])
    alone = (await client.data(OPTIONS_ALONE))["product"]["options"]
    assert alone == [{"values": [{"code": "s"}]}]
    assert [await found(client, WITH_SIZE, size=size) for size in "sml"] == [["TEE"], [], []]

    then = {"at": (tomorrow + timedelta(seconds=1)).isoformat()}
    assert (await sizes(client, variables=then, headers=staff))[0] == ["s", "l"]
    later = {**then, "size": "l"}
    nodes = (await client.data(WITH_SIZE, later, headers=staff))["products"]["nodes"]
    assert [each["sku"] for each in nodes] == ["TEE"]

    await client.data(PUBLISH, {"sku": "TEE-m"}, headers=staff)
    assert (await sizes(client))[0] == ["s", "m"]


async def test_a_kept_answer_ends_where_a_variant_begins(client: Client, shop: Shop) -> None:
    staff = await shop.key("manage.products")
    soon = (utc_now() + timedelta(seconds=1)).isoformat()
    await client.data(PUBLISH, {"sku": "TEE-l", "from": soon}, headers=staff)
    assert (await sizes(client))[0] == ["s", "m"]

    async def all_sizes() -> bool:
        return (await sizes(client))[0] == ["s", "m", "l"]

    await eventually(all_sizes)
    assert await found(client, WITH_SIZE, size="l") == ["TEE"]


async def test_a_model_is_found_by_what_its_variants_are_in_this_market(
    client: Client, shop: Shop
) -> None:
    changes = Changes(pool=shop.pool)
    plug = AttributeRecord(
        code="plug",
        attribute_type="select",
        market_scoped=True,
        options=(Option(code="eu"), Option(code="ch")),
    )
    (shirts,) = (each for each in FAMILIES if each.code == "shirts")
    attributes = (*(shirts.attributes or ()), "plug")
    async with changes.begin(TEST) as change:
        await put_attributes(change, [plug])
        await put_families(change, [FamilyRecord(code="shirts", attributes=attributes)])
    own = (value("plug", "eu", market="DACH"), value("plug", "ch", market="CH"))
    await put_good(changes, [variant("TEE-s", "TEE", value("size", "s"), *own)])
    await publish(changes, "TEE-s")
    for market, expected in (("DACH", ["eu"]), ("CH", ["ch"]), (None, [])):
        for code in ("eu", "ch"):
            skus = await found(client, WITH_PLUG, plug=code, market=market)
            assert skus == (["TEE"] if code in expected else [])


async def test_a_category_that_moves_or_is_renamed_does_so_for_all_at_once(
    client: Client, shop: Shop
) -> None:
    tee = {"sku": "TEE", "categories": [{"label": "Shirts", "path": ["shop", "men", "men-shirts"]}]}
    for code, nodes in (("men", [tee]), ("sale", [])):
        assert (await client.data(IN_CATEGORY, {"code": code}))["products"]["nodes"] == nodes
    changes = Changes(pool=shop.pool)
    moved = CategoryRecord(code="men-shirts", parent="sale", label={"en": "Tees"})
    async with changes.begin(TEST) as change:
        await put_categories(change, [moved])
    tee = {"sku": "TEE", "categories": [{"label": "Tees", "path": ["shop", "sale", "men-shirts"]}]}

    async def is_moved() -> bool:
        read = [await client.data(IN_CATEGORY, {"code": code}) for code in ("men", "sale")]
        return [each["products"]["nodes"] for each in read] == [[], [tee]]

    await eventually(is_moved)  # another process changed it: its event is read first


async def test_an_end_that_is_null_ends_the_end_and_one_that_is_left_out_keeps_it(
    client: Client, shop: Shop
) -> None:
    staff = await shop.key("manage.products")
    publish = """mutation {{
      publishProducts(skus: ["TEE"], channel: "d2c"{}) {{ results {{ outcome }} }} }}"""
    said: list[tuple[str, bool]] = []
    for until in (', visibleUntil: "2031-01-01T00:00:00Z"', "", ", visibleUntil: null", ""):
        answer = await client.data(publish.format(until), headers=staff)
        end = await shop.pool.fetchval(
            "SELECT visible_until FROM publication WHERE sku = 'TEE' AND ended_at IS NULL"
        )
        said.append((answer["publishProducts"]["results"][0]["outcome"], end is not None))
    assert said == [
        ("PUBLISHED", True),
        ("UNCHANGED", True),
        ("PUBLISHED", False),
        ("UNCHANGED", False),
    ]


async def test_every_text_says_the_locale_that_it_was_found_in(client: Client, shop: Shop) -> None:
    changes = Changes(pool=shop.pool)
    description = value("description", "<p>Soft</p>", locale="en")
    await put_good(changes, [model("TEE", name("T-Shirt", "de"), description)])
    (caps,) = (each for each in FAMILIES if each.code == "caps")
    bare = ProductRecord(sku="BARE", kind="SIMPLE", family=caps.code)
    await put_good(changes, [bare])
    await publish(changes, "TEE", "BARE")
    query = """query ($sku: String!) @inContext(locale: "de") { product(sku: $sku) {
      resolvedLocale description descriptionLocale family { labelLocale }
      attributes(codes: ["description", "weight"]) { code locale } } }"""
    german = (await client.data(query, {"sku": "TEE"}))["product"]
    assert german["resolvedLocale"] == "de"
    assert (german["description"], german["descriptionLocale"]) == ("<p>Soft</p>", "en")
    assert german["family"] == {"labelLocale": "en"}
    assert german["attributes"] == [
        {"code": "description", "locale": "en"},
        {"code": "weight", "locale": None},
    ]
    assert (await client.data(query, {"sku": "BARE"}))["product"]["resolvedLocale"] is None
