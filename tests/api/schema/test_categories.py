"""Categories: one type wherever they stand, with the way to them and what is below."""

from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute

WHOLE = """{ id code label parent path breadcrumbs { code label }
  children { code breadcrumbs { code } } }"""
SHOP = {"code": "shop", "label": "Shop"}
TABLE_LAMPS = {"code": "table-lamps", "label": "Tischleuchten"}


async def test_a_category_is_the_same_by_code_by_id_below_another_and_of_a_product(
    client: Client, shop: Shop
) -> None:
    await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    query = f"""query @inContext(locale: "de-DE") {{
      category(code: "table-lamps") {WHOLE}
      categories(parent: "shop") {WHOLE}
      product(sku: "VASE") {{ categories {WHOLE} }} }}"""
    data = await client.data(query)
    category = data["category"]
    assert category["breadcrumbs"] == [SHOP, TABLE_LAMPS]
    assert category["path"] == ["shop", "table-lamps"]
    assert (category["parent"], category["children"]) == ("shop", [])
    assert data["categories"][1] == category  # behind the floor lamps, by position
    assert data["product"]["categories"] == [category]
    by_id = f"""query ($id: ID!) @inContext(locale: "de-DE") {{
      node(id: $id) {{ __typename ... on Category {WHOLE} }} }}"""
    node = (await client.data(by_id, {"id": category["id"]}))["node"]
    assert node == {"__typename": "Category", **category}


async def test_what_is_below_a_category_is_there_where_it_is_asked_for(
    client: Client, shop: Shop
) -> None:
    assert shop
    root = (await client.data(f'{{ category(code: "shop") {WHOLE} }}'))["category"]
    assert root["breadcrumbs"] == [SHOP]
    assert root["children"] == [
        {"code": code, "breadcrumbs": [{"code": "shop"}, {"code": code}]}
        for code in ("floor-lamps", "table-lamps")
    ]


async def test_a_category_of_another_tree_is_not_there(client: Client, shop: Shop) -> None:
    await shop.pool.execute(
        """INSERT INTO category (code, tree, path) VALUES ('outlet', 'outlet', 'outlet');
           UPDATE channel SET category_tree = 'shop' WHERE code = 'd2c'"""
    )
    outlet = await shop.pool.fetchval("SELECT public_id FROM category WHERE code = 'outlet'")
    query = """query ($id: ID!) { category(code: "outlet") { code } node(id: $id) { id }
      categories(parent: "outlet") { code } }"""
    data = await client.data(query, {"id": outlet})
    assert data == {"category": None, "node": None, "categories": []}
    assert (await client.data('{ category(code: "nothing") { code } }'))["category"] is None


async def test_an_id_stays_with_a_category_that_moves(client: Client, shop: Shop) -> None:
    query = '{ category(code: "floor-lamps") { id path } }'
    before = (await client.data(query))["category"]
    await shop.pool.execute(
        """UPDATE category SET parent = 'table-lamps', path = 'shop.table_lamps.floor_lamps'
           WHERE code = 'floor-lamps'"""
    )
    after = (await client.data(query + " # anew", headers=await shop.key("admin")))["category"]
    assert after == {"id": before["id"], "path": ["shop", "table-lamps", "floor-lamps"]}
