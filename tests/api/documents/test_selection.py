"""What a selection needs is loaded, whatever else the same document selected before."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from tests.api.answering import counted
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute

MANY = 25


@pytest.fixture
async def bowl(shop: Shop) -> Product:
    """A bowl with a hero and a picture in its gallery."""
    product = await shop.put(Product("BOWL", "SIMPLE"), attribute("name", "text", "Bowl"))
    await shop.link(product, await shop.asset(alt={"en-US": "Hero"}), "hero")
    await shop.link(product, await shop.asset(alt={"en-US": "Gallery"}), "gallery")
    return product


HERO = 'product(sku: "BOWL") { hero { alt } }'
GALLERY = 'product(sku: "BOWL") @include(if: $all) { media(roles: [GALLERY]) { alt } }'
ROOT = "query ($all: Boolean!) { ...Some ...More @include(if: $all) }"


@pytest.mark.parametrize(
    "document",
    [
        f"query ($all: Boolean!) {{ {HERO} {GALLERY} }}",
        f"query ($all: Boolean!) {{ {GALLERY} {HERO} }}",
        f"{ROOT} fragment Some on Query {{ {HERO} }} fragment More on Query {{ {GALLERY} }}",
    ],
)
async def test_nodes_that_a_condition_adds_to_a_root_field_are_loaded(
    client: Client, bowl: Product, document: str
) -> None:
    assert bowl.sku
    for is_all in (False, True, False):
        product = (await client.data(document, {"all": is_all}))["product"]
        assert product["hero"] == {"alt": "Hero"}
        assert product.get("media") == ([{"alt": "Gallery"}] if is_all else None)


async def test_an_answer_rests_on_what_a_condition_adds(
    http: httpx2.AsyncClient, client: Client, shop: Shop, bowl: Product
) -> None:
    document = f"query ($all: Boolean = true) {{ {HERO} {GALLERY} }}"
    await client.data(document, {"all": False})
    await counted(http, document)
    asset = await shop.pool.fetchval(
        """SELECT a.public_id FROM media_association AS m JOIN asset AS a ON a.id = m.asset
           WHERE m.product = $1 AND m.role = 'gallery'""",
        bowl.id,
    )
    withdraw = """mutation ($id: ID!) {
      withdrawAsset(assetId: $id, reason: "x") { errors { code } } }"""
    await client.data(withdraw, {"id": asset}, headers=await shop.key("manage.rights"))
    assert (await client.data(document))["product"]["media"] == []


async def test_two_operations_of_a_document_need_what_each_selects(
    http: httpx2.AsyncClient, bowl: Product
) -> None:
    assert bowl.sku
    gallery = GALLERY.replace("@include(if: $all)", "")
    document = f"""query A {{ ...Some }} query B {{ ...Some {gallery} }}
      fragment Some on Query {{ {HERO} }}"""

    async def asked(name: str) -> Mapping[str, Any]:
        body = {"query": document, "operationName": name}
        product: Mapping[str, Any] = (await http.post("/graphql", json=body)).json()
        return product["data"]["product"]

    assert await asked("A") == {"hero": {"alt": "Hero"}}
    assert await asked("B") == {"hero": {"alt": "Hero"}, "media": [{"alt": "Gallery"}]}


@pytest.mark.parametrize("first", ["25", "$first"])
async def test_as_many_variants_as_are_asked_for_are_shown(
    client: Client, shop: Shop, first: str
) -> None:
    model = await shop.put(Product("SET", "MODEL"), attribute("name", "text", "Set"))
    for number in range(MANY):
        await shop.put(Product(f"SET-{number:02}", "VARIANT", [model]))
    document = f"""query ($first: Int = {MANY}) {{ product(sku: "SET") {{
      variants(first: {first}) {{ totalCount nodes {{ sku }} }} }} }}"""
    document = document if "$first" in first else document.replace("($first: Int = 25)", "")
    variants = (await client.data(document))["product"]["variants"]
    assert (variants["totalCount"], len(variants["nodes"])) == (MANY, MANY)


async def test_literal_sizes_are_multiplied_as_variables_are(client: Client, shop: Shop) -> None:
    assert shop.pool
    document = "{ products(first: 30) { nodes { variants(first: 100) { nodes { sku } } } } }"
    assert await client.code(document) == "PAGE_SIZE"
