"""One query for a product with its media in a market, a locale and a channel."""

import pytest

from tests.api.client import Client
from tests.api.shop import COLOURS, Product, Shop, attribute

PDP = """
query Pdp($sku: String!) @inContext(market: "DE", locale: "de-DE", channel: "d2c") {
  product(sku: $sku) {
    id sku name description resolvedLocale
    attributes { code label value unit }
    options { code values { code label swatch { url } } }
    variants(first: 20) { nodes {
      sku options { code value } hero { image(preset: "card", width: 320) { url } }
    } }
    media(roles: [HERO, GALLERY]) {
      role position alt caption inheritedFrom
      asset { id kind thumbhash dominantColor focalPoint { x y } credit licenceUrl }
      picture(preset: "card", sizes: "(min-width: 60em) 50vw, 100vw") {
        sources { type srcset sizes } src width height placeholder
      }
      availableUntil
    }
    jsonLd
  }
}
"""


@pytest.fixture
async def lamp(shop: Shop) -> Product:
    """A model with a red and a blue variant; the blue one has a hero of its own."""
    name = attribute("name", "text", ("en-US", None, "Lamp"), ("de-DE", None, "Leuchte"))
    colour = attribute("colour", "select", options=COLOURS)
    model = await shop.put(Product("LAMP", "MODEL"), name, colour)
    hero = await shop.asset(alt={"en-US": "A lamp", "de-DE": "Eine Leuchte"})
    gallery = await shop.asset(alt={"en-US": "Detail"})
    await shop.link(model, hero, "hero")
    await shop.link(model, gallery, "gallery", 2)
    for sku, code in (("LAMP-R", "red"), ("LAMP-B", "blue")):
        variant = Product(sku, "VARIANT", [model])
        own = attribute("colour", "select", code, options=COLOURS)
        await shop.put(variant, name, own, options={"colour": code})
        swatch = await shop.asset()
        await shop.link(variant, swatch, "swatch")
        if code == "blue":
            await shop.link(variant, await shop.asset(), "hero")
    return model


async def test_the_published_query_works_as_it_is_printed(client: Client, lamp: Product) -> None:
    product = (await client.data(PDP, {"sku": "LAMP"}))["product"]
    assert product["id"] == lamp.public_id
    assert product["name"] == "Leuchte"
    assert product["resolvedLocale"] == "de-DE"
    (colour,) = product["options"]
    assert [each["label"] for each in colour["values"]] == ["Rot", "Blau"]
    assert all(each["swatch"]["url"].startswith("https://media.test/") for each in colour["values"])
    variants = product["variants"]["nodes"]
    assert [each["sku"] for each in variants] == ["LAMP-B", "LAMP-R"]
    assert [each["options"][0]["value"] for each in variants] == ["blue", "red"]
    assert [each["role"] for each in product["media"]] == ["HERO", "GALLERY"]
    assert product["media"][0]["alt"] == "Eine Leuchte"
    assert product["media"][1]["alt"] == "Detail"
    picture = product["media"][0]["picture"]
    assert [each["type"] for each in picture["sources"]][:2] == ["image/avif", "image/webp"]
    assert picture["sources"][0]["sizes"] == "(min-width: 60em) 50vw, 100vw"
    assert (picture["width"], picture["height"]) == (320, 400)
    assert product["jsonLd"]["@type"] == "ProductGroup"
