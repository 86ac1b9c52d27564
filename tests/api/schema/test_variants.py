"""Variants with their model, and a model with its variants, page by page."""

import httpx2
import pytest

from tests.api.answering import counted
from tests.api.client import Client
from tests.api.shop import COLOURS, Product, Shop, attribute

PARENT = """query ($sku: String!) @inContext(market: "DE", locale: "de-DE") {
  product(sku: $sku) { sku parent { id sku name kind hero { alt } variants { nodes {
    sku parent { sku } } } } } }"""
VARIANTS = """query ($sku: String!, $first: Int!, $after: String) { product(sku: $sku) {
  variants(first: $first, after: $after) { totalCount nodes { sku }
    edges { cursor node { sku name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


@pytest.fixture
async def chair(shop: Shop) -> Product:
    """A model of two levels: a fabric, and five colours of it."""
    colour = attribute("colour", "select", options=COLOURS)
    root = await shop.put(Product("CHAIR", "MODEL"), attribute("name", "text", "Chair"), colour)
    wool = await shop.put(
        Product("CHAIR-WOOL", "MODEL", [root]), attribute("name", "text", "Wool chair"), colour
    )
    for number in range(5):
        await shop.put(
            Product(f"CHAIR-WOOL-{number}", "VARIANT", [wool, root]),
            attribute("name", "text", f"Chair {number}"),
        )
    return root


async def test_a_variant_shows_its_model_with_all_that_is_asked(
    client: Client, lamp: Product
) -> None:
    variant = (await client.data(PARENT, {"sku": "LAMP-R"}))["product"]
    model = {"sku": "LAMP"}
    assert variant["parent"] == {
        "id": lamp.public_id,
        "sku": "LAMP",
        "name": "Leuchte",
        "kind": "MODEL",
        "hero": {"alt": "Eine Leuchte"},
        "variants": {
            "nodes": [{"sku": "LAMP-R", "parent": model}, {"sku": "LAMP-B", "parent": model}]
        },
    }
    assert (await client.data(PARENT, {"sku": "LAMP"}))["product"]["parent"] is None


async def test_models_of_both_levels_are_found_from_every_list(
    client: Client, chair: Product
) -> None:
    query = """{ products(filter: {skus: ["CHAIR-WOOL-0", "CHAIR-WOOL", "CHAIR"]}) { nodes {
      sku parent { sku parent { sku parent { sku } } } } } }"""
    nodes = (await client.data(query))["products"]["nodes"]
    root = {"sku": chair.sku, "parent": None}
    assert {each["sku"]: each["parent"] for each in nodes} == {
        "CHAIR": None,
        "CHAIR-WOOL": root,
        "CHAIR-WOOL-0": {"sku": "CHAIR-WOOL", "parent": root},
    }


async def test_an_answer_with_a_model_is_made_anew_when_the_model_changes(
    http: httpx2.AsyncClient, client: Client, shop: Shop, lamp: Product
) -> None:
    query = '{ product(sku: "LAMP-R") { sku parent { sku } } }'
    await client.data(query)
    await counted(http, query)
    unpublish = """mutation { unpublishProducts(skus: ["LAMP"], channel: "d2c") {
      results { outcome } } }"""
    await client.data(unpublish, headers=await shop.key("manage.products"))
    product = (await client.data(query))["product"]
    assert lamp.sku == "LAMP"
    assert product is None or product["parent"] is None


async def test_pages_of_variants_join_without_gap_or_overlap(
    client: Client, shop: Shop, chair: Product
) -> None:
    found: list[str] = []
    after = None
    while True:
        data = await client.data(VARIANTS, {"sku": chair.sku, "first": 2, "after": after})
        page = data["product"]["variants"]
        assert page["totalCount"] == 5
        assert page["nodes"] == [{"sku": each["node"]["sku"]} for each in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        found += [each["node"]["sku"] for each in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [f"CHAIR-WOOL-{number}" for number in range(5)]
    assert shop.pool


async def test_a_page_goes_on_behind_its_variant_wherever_that_is_by_now(
    client: Client, shop: Shop, lamp: Product
) -> None:
    first = {"sku": "LAMP", "first": 1}
    page = (await client.data(VARIANTS, first))["product"]["variants"]
    assert [each["sku"] for each in page["nodes"]] == ["LAMP-R"]
    red = attribute("colour", "select", "red", options=COLOURS)
    await shop.put(Product("LAMP-A", "VARIANT", [lamp]), red, options={"colour": "red"})
    after = {"after": page["pageInfo"]["endCursor"], "first": 2, "sku": "LAMP"}
    page = (await client.data(VARIANTS + " # anew", after))["product"]["variants"]
    assert [each["sku"] for each in page["nodes"]] == ["LAMP-B"]


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("x", "INVALID_CURSOR"),
        ("WyJTS1UiLCJQMSIsIm5vIl0", "INVALID_CURSOR"),
        ("WyJWQVJJQU5UUyIsIjkwMSIsInMiXQ", "PAGE_SIZE"),  # ["VARIANTS", "901", "s"]
        ("WyJWQVJJQU5UUyIsIi0xIiwicyJd", "INVALID_CURSOR"),  # ["VARIANTS", "-1", "s"]
    ],
)
async def test_cursors_of_variants_are_bounded(
    client: Client, lamp: Product, after: str, code: str
) -> None:
    assert lamp
    assert await client.code(VARIANTS, {"sku": "LAMP", "first": 1, "after": after}) == code


async def test_a_value_says_at_which_product_it_is_stored(client: Client, shop: Shop) -> None:
    model = await shop.put(Product("DESK", "MODEL"))
    name = attribute("name", "text", ("de-DE", "DE", "Tisch"))
    name["values"][0] |= {"from": 1, "channel": "d2c"}
    await shop.put(Product("DESK-L", "VARIANT", [model]), name)
    query = """query @inContext(market: "DE", locale: "de-DE") { product(sku: "DESK-L") {
      attributes { value source { level owner locale market channel } } } }"""
    assert (await client.data(query))["product"]["attributes"] == [
        {
            "value": "Tisch",
            "source": {
                "level": "MODEL",
                "owner": "DESK",
                "locale": "de-DE",
                "market": "DE",
                "channel": "d2c",
            },
        }
    ]


async def test_a_variant_without_pictures_shows_those_of_its_colour(
    client: Client, shop: Shop
) -> None:
    model = await shop.put(Product("SHIRT", "MODEL"))
    await shop.link(model, await shop.asset())
    of = {"RED-S": "red", "RED-M": "red", "RED-L": "red", "BLUE-S": "blue"}
    variants = {
        sku: await shop.put(
            Product(sku, "VARIANT", [model]), options={"colour": code, "size": sku[-1]}
        )
        for sku, code in of.items()
    }
    await shop.pool.execute(
        "UPDATE publication "
        "SET document = jsonb_set(document, '{axes}', '[[\"colour\", \"size\"]]')"
    )
    await shop.link(variants["RED-M"], await shop.asset())
    below = """{ product(sku: "SHIRT") { variants { nodes { sku hero { inheritedFrom } } }
      combinations { sku values price { amount } } } }"""
    product = (await client.data(below))["product"]
    nodes = product["variants"]["nodes"]
    shown = {each["sku"]: each["hero"]["inheritedFrom"] for each in nodes}
    assert shown == {"RED-S": "RED-M", "RED-M": None, "RED-L": "RED-M", "BLUE-S": "SHIRT"}
    assert {each["sku"]: each["values"] for each in product["combinations"]} == {
        sku: [code, sku[-1]] for sku, code in of.items()
    }
    alone = '{ product(sku: "RED-L") { hero { inheritedFrom } } }'
    assert (await client.data(alone))["product"] == {"hero": {"inheritedFrom": "RED-M"}}
    await shop.pool.execute(
        "UPDATE publication SET ended_at = clock_timestamp() WHERE sku = 'RED-M'"
    )
    key = await shop.key("manage.products")  # whose answers are not kept
    assert (await client.data(alone, headers=key))["product"] == {
        "hero": {"inheritedFrom": "SHIRT"}
    }
