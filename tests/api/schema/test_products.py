"""Pages of products: filters, orders, cursors."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from catalog.clock import utc_now
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.waiting import eventually

LIST = """
query ($filter: ProductFilter, $order: ProductOrder, $first: Int, $after: String, $last: Int,
       $before: String, $market: String, $locale: String)
@inContext(market: $market, locale: $locale) {
  products(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last,
           before: $before) {
    edges { cursor node { sku } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""


@pytest.fixture
async def pots(shop: Shop) -> list[str]:
    """Seven pots whose names, skus and times are in three different orders; two share a name."""
    await shop.pool.execute("INSERT INTO attribute (code, type) VALUES ('size', 'select')")
    names = ["Älpler", "basic", "Copper", "copper", "Dutch", "Enamel", "Fondue"]
    for number, name in enumerate(names):
        await shop.put(
            Product(f"P{(number * 3) % 7}", "SIMPLE"),
            attribute("name", "text", name),
            categories=["table-lamps" if number % 2 else "floor-lamps"],
            facets=[f"colour={'red' if number < 4 else 'blue'}", f"size={number}"],
            published_at=datetime(2026, 1, 1 + (number * 5) % 7, tzinfo=UTC),
        )
    return [f"P{(number * 3) % 7}" for number in range(7)]


async def skus(client: Client, **variables: object) -> list[str]:
    data = await client.data(LIST, variables)
    return [edge["node"]["sku"] for edge in data["products"]["edges"]]


async def test_names_are_ordered_without_case_and_accents(client: Client, pots: list[str]) -> None:
    listed = await skus(client)
    assert (listed[:2], listed[4:]) == (pots[:2], pots[4:])
    assert sorted(listed[2:4]) == sorted(pots[2:4])


@pytest.mark.parametrize("field", ["NAME", "SKU", "PUBLISHED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_of_every_order_join_without_gap_or_overlap(
    client: Client, pots: list[str], field: str, direction: str
) -> None:
    order = {"field": field, "direction": direction}
    whole = await skus(client, order=order)
    assert sorted(whole) == sorted(pots)
    if field == "SKU":
        assert whole == sorted(pots, reverse=direction == "DESC")
    forward: list[str] = []
    after = None
    while True:
        page = (await client.data(LIST, {"order": order, "first": 3, "after": after}))["products"]
        forward += [edge["node"]["sku"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["totalCount"] == 7
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert forward == whole
    backward: list[str] = []
    before = None
    while True:
        page = (await client.data(LIST, {"order": order, "last": 3, "before": before}))["products"]
        backward = [edge["node"]["sku"] for edge in page["edges"]] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert backward == whole


async def test_filters_hold_together(client: Client, pots: list[str]) -> None:
    async def listed(**where: object) -> list[str]:
        return sorted(await skus(client, filter=where))

    assert await listed(categories=["floor-lamps"]) == sorted(pots[::2])
    assert await listed(categories=["shop"]) == sorted(pots)
    assert await listed(attributes=[{"code": "colour", "values": ["blue"]}]) == sorted(pots[4:])
    both = [{"code": "colour", "values": ["red"]}, {"code": "size", "values": ["1", "2", "6"]}]
    assert await listed(attributes=both) == sorted(pots[1:3])
    assert await listed(family=["lamps"]) == sorted(pots)
    assert await listed(kind=["MODEL"]) == []
    nothing: list[str] = []
    assert await listed(attributes=[{"code": "colour", "values": nothing}]) == []


async def test_a_list_shows_one_card_for_a_model_and_its_variants(
    client: Client, lamp: Product
) -> None:
    assert lamp
    assert await skus(client) == ["LAMP"]
    for where in ({"kind": ["VARIANT"]}, {"models": ["LAMP"]}):
        assert sorted(await skus(client, filter=where)) == ["LAMP-B", "LAMP-R"]
    assert await skus(client, filter={"models": ["OTHER"]}) == []


async def test_products_are_listed_by_their_keys_whatever_their_kind(
    client: Client, shop: Shop, lamp: Product
) -> None:
    cup = await shop.put(Product("CUP", "SIMPLE"), gtin="4006381333931")
    tea = await shop.put(Product("TEA", "SIMPLE"), gtin="00036000291452")

    async def listed(**where: object) -> list[str]:
        return sorted(await skus(client, filter=where))

    assert await listed(skus=["CUP", "LAMP-R", "NOTHING"]) == ["CUP", "LAMP-R"]
    assert await listed(ids=[lamp.public_id, tea.public_id]) == ["LAMP", "TEA"]
    assert await listed(gtins=["04006381333931", "036000291452", ""]) == ["CUP", "TEA"]
    assert await listed(skus=["CUP", "TEA"], ids=[cup.public_id]) == ["CUP"]
    assert await listed(skus=["CUP", "LAMP-R"], kind=["VARIANT"]) == ["LAMP-R"]
    nobody: list[str] = []
    assert await listed(skus=nobody) == []
    for field in ("skus", "ids", "gtins"):
        assert await client.code(LIST, {"filter": {field: ["1"] * 101}}) == "PAGE_SIZE"


async def test_names_are_ordered_in_the_language_of_the_reader(client: Client, shop: Shop) -> None:
    for sku, english, german in (("A", "Apple", "Zitrus"), ("B", "Zebra", "Ameise")):
        name = attribute("name", "text", ("en-US", None, english), ("de-DE", None, german))
        await shop.put(Product(sku, "SIMPLE"), name)
    assert await skus(client, locale="en-US") == ["A", "B"]
    assert await skus(client, locale="de-AT") == ["B", "A"]
    assert await skus(client, market="DE") == ["B", "A"]


async def test_what_is_not_visible_now_is_in_no_list_and_has_no_page(
    client: Client, shop: Shop
) -> None:
    now = utc_now()
    hour = timedelta(hours=1)
    for sku, visible in (
        ("PAST", (now - 2 * hour, now - hour)),
        ("NOW", (now - hour, now + hour)),
        ("COMING", (now + hour, None)),
    ):
        await shop.put(Product(sku, "SIMPLE"), visible=visible)
    await shop.put(Product("PRINTED", "SIMPLE"), channel="print")
    assert await skus(client) == ["NOW"]
    query = "query ($sku: String!) { product(sku: $sku) { sku } }"
    for sku in ("PAST", "COMING", "PRINTED"):
        assert (await client.data(query, {"sku": sku}))["product"] is None
    headers = await shop.key("read", "preview")
    later = (now + hour).isoformat()
    at = "query ($at: DateTime) @inContext(at: $at) { products { nodes { sku } } }"
    nodes = (await client.data(at, {"at": later}, headers=headers))["products"]["nodes"]
    assert [each["sku"] for each in nodes] == ["COMING"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "W10", "bm90IGpzb24", "WyJTS1UiLCJQMSIsIm5vIl0", "é", "A" * 5000, "bnVsbA", "MQ"],
)
async def test_hostile_cursors_are_refused(client: Client, cursor: str) -> None:
    assert await client.code(LIST, {"after": cursor}) == "INVALID_CURSOR"
    assert await client.code(LIST, {"before": cursor}) == "INVALID_CURSOR"


async def test_a_cursor_of_another_order_is_refused(client: Client, pots: list[str]) -> None:
    assert pots
    page = (await client.data(LIST, {"first": 1}))["products"]
    variables = {"after": page["pageInfo"]["endCursor"], "order": {"field": "SKU"}}
    assert await client.code(LIST, variables) == "INVALID_CURSOR"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 101}, "PAGE_SIZE"),
        ({"first": -1}, "PAGE_SIZE"),
        ({"last": 101}, "PAGE_SIZE"),
        ({"first": 1, "last": 1}, "INVALID_INPUT"),
    ],
)
async def test_page_sizes_are_bounded(client: Client, arguments: dict[str, int], code: str) -> None:
    assert await client.code(LIST, arguments) == code


async def test_a_page_has_no_more_variants_than_two_thousand(client: Client, lamp: Product) -> None:
    assert lamp
    query = """query ($first: Int, $each: Int!) { products(first: $first) {
      nodes { sku variants(first: $each) { nodes { sku } } } } }"""
    for first, each in ((100, 20), (20, 100)):
        page = (await client.data(query, {"first": first, "each": each}))["products"]["nodes"]
        assert len(page[0]["variants"]["nodes"]) == 2
    for first, each in ((100, 21), (21, 100)):
        assert await client.code(query, {"first": first, "each": each}) == "PAGE_SIZE"


async def test_an_empty_page_still_counts(client: Client, pots: list[str]) -> None:
    page = (await client.data(LIST, {"first": 0}))["products"]
    assert page["edges"] == []
    assert page["totalCount"] == len(pots)
    assert page["pageInfo"]["hasNextPage"] is True


async def test_variants_are_as_many_as_asked_for_and_counted(client: Client, lamp: Product) -> None:
    assert lamp
    query = """query ($n: Int!) { product(sku: "LAMP") {
      variants(first: $n) { nodes { sku } totalCount } } }"""
    variants = (await client.data(query, {"n": 1}))["product"]["variants"]
    assert variants == {"nodes": [{"sku": "LAMP-R"}], "totalCount": 2}
    assert await client.code(query, {"n": 101}) == "PAGE_SIZE"
    assert await client.code(query, {"n": -1}) == "PAGE_SIZE"


async def test_no_channel_shows_the_tree_of_another(client: Client, shop: Shop) -> None:
    await shop.pool.execute(
        "INSERT INTO category (code, tree, path, label) VALUES ('trade', 'trade', 'trade', '{}')"
    )
    await shop.pool.execute(
        "INSERT INTO category (code, tree, path, parent, label) "
        "VALUES ('secret', 'trade', 'trade.secret', 'trade', '{}')"
    )
    query = """query ($parent: String) {
      all: categories { code } below: categories(parent: $parent) { code } }"""
    data = await client.data(query, {"parent": "trade"})
    assert data == {"all": [{"code": "shop"}, {"code": "trade"}], "below": [{"code": "secret"}]}

    await shop.pool.execute("UPDATE channel SET category_tree = 'shop' WHERE code = 'd2c'")
    shown = {"all": [{"code": "floor-lamps"}, {"code": "table-lamps"}], "below": []}
    headers = await shop.key("read")  # no event tells of the table: the answer must not be kept
    await eventually(client_shows(client, query, shown, headers))


def client_shows(
    client: Client, query: str, shown: object, headers: dict[str, str]
) -> Callable[[], Awaitable[bool]]:
    async def shows() -> bool:
        return await client.data(query, {"parent": "trade"}, headers=headers) == shown

    return shows


async def test_categories_channels_markets_and_locales_are_listed(
    client: Client, shop: Shop
) -> None:
    query = """query @inContext(locale: "de-DE") {
      categories { code label children { code label } } below: categories(parent: "shop") { code }
      channels { code public } markets { code parent } locales { code fallback }
    }"""
    data = await client.data(query)
    assert data["categories"] == [
        {
            "code": "shop",
            "label": "Shop",
            "children": [
                {"code": "floor-lamps", "label": "Floor lamps"},
                {"code": "table-lamps", "label": "Tischleuchten"},
            ],
        }
    ]
    assert [each["code"] for each in data["below"]] == ["floor-lamps", "table-lamps"]
    assert data["channels"] == [{"code": "d2c", "public": True}]
    assert {"code": "DE", "parent": "EUROPE"} in data["markets"]
    assert {"code": "de-AT", "fallback": "de-DE"} in data["locales"]
    known = await client.data("{ channels { code } }", headers=await shop.key("read"))
    assert [each["code"] for each in known["channels"]] == ["d2c", "marketplace-a", "print"]


async def test_a_filter_has_at_most_fifty_conditions(client: Client, lamp: Product) -> None:
    assert lamp.sku
    query = "query ($filter: ProductFilter) { products(filter: $filter) { nodes { sku } } }"
    condition = {"code": "colour", "values": ["red"]}
    fifty = {"filter": {"attributes": [condition] * 50}}
    nodes = (await client.data(query, fifty))["products"]["nodes"]
    assert [each["sku"] for each in nodes] == ["LAMP"]
    more = {"filter": {"attributes": [condition] * 51}}
    assert await client.code(query, more) == "INVALID_INPUT"
