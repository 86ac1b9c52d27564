"""What is to be translated, over HTTP."""

from tests.api.client import Client
from tests.api.shop import Product, Shop

GAPS = """query ($locale: String!, $source: String) {
  translationGaps(locale: $locale, source: $source) { totalCount nodes {
    sku attribute state sourceLocale source target } pageInfo { hasNextPage } } }"""
NAME_SQL = """
INSERT INTO product_value (owner, attribute, locale, data, changed_at)
VALUES ($1, 'name', 'en-US', '"Lamp"', '2026-05-02'),
       ($1, 'name', 'de-DE', '"Leuchte"', '2026-05-01')
"""


async def test_a_locale_is_held_against_what_it_falls_back_to_or_another(
    client: Client, shop: Shop
) -> None:
    lamp = await shop.put(Product("LAMP", "SIMPLE"))
    await shop.pool.execute(NAME_SQL, lamp.id)
    key = await shop.key("manage.products")
    data = await client.data(GAPS, {"locale": "de-DE"}, headers=key)
    gap = {"sku": "LAMP", "attribute": "name", "sourceLocale": "en-US", "source": "Lamp"}
    assert data["translationGaps"] == {
        "totalCount": 1,
        "nodes": [{**gap, "state": "OUTDATED", "target": "Leuchte"}],
        "pageInfo": {"hasNextPage": False},
    }
    asked = {"locale": "ja-JP", "source": "en-US"}
    nodes = (await client.data(GAPS, asked, headers=key))["translationGaps"]["nodes"]
    assert nodes == [{**gap, "state": "MISSING", "target": None}]
    assert await client.code(GAPS, {"locale": "ja-JP"}, headers=key) == "INVALID_INPUT"
