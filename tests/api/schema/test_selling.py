"""What a product costs, where it is seen, and what search engines are told of it."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.clock import utc_now
from tests.api.client import Client
from tests.api.shop import COLOURS, Product, Shop, attribute
from tests.support.stage import LONG_AGO


@pytest.fixture
async def bag(shop: Shop) -> Product:
    """A model with three variants of different prices, one of which is to come."""
    await shop.pool.execute(
        "UPDATE channel SET product_url = 'https://shop.test/{locale}/{sku}' WHERE code = 'd2c'"
    )
    name = attribute("name", "text", "Bag")
    colours = attribute("colour", "select", options=COLOURS)
    model = await shop.put(Product("BAG", "MODEL"), name, colours)
    later = utc_now() + timedelta(days=1)
    for sku, colour, price, begins in (
        ("BAG-R", "red", {"EUR": 49.9, "USD": 54}, LONG_AGO),
        ("BAG-B", "blue", {"EUR": 120, "USD": 99.95}, LONG_AGO),
        ("BAG-X", "blue", {"EUR": 1, "USD": 1}, later),
    ):
        await shop.put(
            Product(sku, "VARIANT", [model]),
            name,
            attribute("price", "price", price),
            options={"colour": colour},
            visible=(begins, None),
        )
    return model


async def test_a_model_costs_what_its_visible_variants_do(client: Client, bag: Product) -> None:
    assert bag.kind == "MODEL"
    query = """query ($market: String, $sku: String!) @inContext(market: $market) {
      product(sku: $sku) { price { amount currency } attributes(codes: ["price"]) {
        value unit money { amount currency } }
        priceRange { min { amount currency } max { amount } } } }"""

    async def costs(sku: str, market: str | None) -> dict[str, Any]:
        data = await client.data(query, {"market": market, "sku": sku})
        product: dict[str, Any] = data["product"]
        return product

    model = await costs("BAG", "DE")
    assert model["price"] is None
    assert model["priceRange"] == {
        "min": {"amount": "49.90", "currency": "EUR"},
        "max": {"amount": "120.00"},
    }
    assert (await costs("BAG", "US"))["priceRange"]["max"] == {"amount": "99.95"}
    assert (await costs("BAG", None))["priceRange"] is None  # of two currencies none is chosen
    variant = await costs("BAG-R", "DE")
    money = {"amount": "49.90", "currency": "EUR"}
    assert variant["price"] == variant["priceRange"]["min"] == money
    assert variant["attributes"] == [{"value": 49.9, "unit": "EUR", "money": money}]


async def test_structured_data_of_a_model_has_offers_and_its_variants(
    client: Client, bag: Product
) -> None:
    assert bag.kind == "MODEL"
    query = """query ($sku: String!) @inContext(market: "DE", locale: "de-DE") {
      product(sku: $sku) { url jsonLd } }"""
    model = (await client.data(query, {"sku": "BAG"}))["product"]
    assert model["url"] == model["jsonLd"]["url"] == "https://shop.test/de-DE/BAG"
    assert model["jsonLd"]["variesBy"] == ["https://schema.org/color"]
    assert model["jsonLd"]["offers"] == {
        "@type": "AggregateOffer",
        "lowPrice": "49.90",
        "highPrice": "120.00",
        "priceCurrency": "EUR",
        "offerCount": 2,
    }
    by_sku = {each["sku"]: each for each in model["jsonLd"]["hasVariant"]}
    assert set(by_sku) == {"BAG-R", "BAG-B"}
    assert by_sku["BAG-R"] == {
        "@type": "Product",
        "sku": "BAG-R",
        "name": "Bag",
        "url": "https://shop.test/de-DE/BAG-R",
        "color": "Rot",
        "offers": {
            "@type": "Offer",
            "price": "49.90",
            "priceCurrency": "EUR",
            "url": "https://shop.test/de-DE/BAG-R",
        },
    }
    variant = (await client.data(query, {"sku": "BAG-R"}))["product"]["jsonLd"]
    assert variant["offers"]["price"] == "49.90"
    assert variant["isVariantOf"] == {"@type": "ProductGroup", "productGroupID": "BAG"}


async def test_structured_data_names_the_licence_of_its_images(client: Client, shop: Shop) -> None:
    product = await shop.put(
        Product("CUP", "SIMPLE"),
        attribute("name", "text", "Cup"),
        attribute("brand", "text", "Ton"),
    )
    await shop.link(product, await shop.asset(alt={"en-US": "A cup"}), "hero")
    query = 'query @inContext(market: "US") { product(sku: "CUP") { jsonLd } }'
    data = (await client.data(query))["product"]["jsonLd"]
    assert data["@context"] == "https://schema.org"
    assert (data["@type"], data["sku"], data["name"]) == ("Product", "CUP", "Cup")
    assert data["brand"] == {"@type": "Brand", "name": "Ton"}
    (image,) = data["image"]
    assert image["contentUrl"].startswith("https://media.test/")
    assert image["caption"] == "A cup"
