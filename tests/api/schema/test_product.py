"""One query for a product with its media in a market, a locale and a channel."""

from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette

from catalog.clock import utc_now
from catalog.delivery.tokens import verify
from catalog.delivery.urls import parse_path
from tests.api.client import Client
from tests.api.shop import COLOURS, Product, Shop, attribute
from tests.api.statements import statements_of
from tests.support.stage import PLACEHOLDER

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


async def test_the_published_query_works_as_it_is_printed(client: Client, lamp: Product) -> None:
    product = (await client.data(PDP, {"sku": "LAMP"}))["product"]
    assert product["id"] == lamp.public_id
    assert product["name"] == "Leuchte"
    assert product["resolvedLocale"] == "de-DE"
    (colour,) = product["options"]
    assert [each["label"] for each in colour["values"]] == ["Rot", "Blau"]
    assert all(each["swatch"]["url"].startswith("https://media.test/") for each in colour["values"])
    variants = product["variants"]["nodes"]
    assert [each["sku"] for each in variants] == ["LAMP-R", "LAMP-B"]
    assert [each["options"][0]["value"] for each in variants] == ["red", "blue"]
    assert [each["role"] for each in product["media"]] == ["HERO", "GALLERY"]
    assert product["media"][0]["alt"] == "Eine Leuchte"
    assert product["media"][1]["alt"] == "Detail"
    picture = product["media"][0]["picture"]
    assert [each["type"] for each in picture["sources"]][:2] == ["image/avif", "image/webp"]
    assert picture["sources"][0]["sizes"] == "(min-width: 60em) 50vw, 100vw"
    assert (picture["width"], picture["height"]) == (320, 400)
    assert picture["placeholder"] == PLACEHOLDER
    assert product["jsonLd"]["@type"] == "ProductGroup"


async def test_an_unknown_product_is_null(client: Client) -> None:
    assert (await client.data('{ product(sku: "NOTHING") { id } }'))["product"] is None


async def test_a_product_is_found_by_its_id_too(client: Client, lamp: Product) -> None:
    query = "query ($id: ID!) { product(id: $id) { sku } node(id: $id) { id __typename } }"
    data = await client.data(query, {"id": lamp.public_id})
    assert data["product"]["sku"] == "LAMP"
    assert data["node"] == {"id": lamp.public_id, "__typename": "Product"}


async def test_nodes_are_found_in_the_order_of_their_ids(
    client: Client, shop: Shop, lamp: Product
) -> None:
    asset = await shop.asset()
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    ids = [asset.public_id, "nothing", lamp.public_id, lamp.public_id]
    found = [{"id": lamp.public_id, "__typename": "Product"}] * 2
    assert (await client.data(query, {"ids": ids}))["nodes"] == [None, None, *found]

    headers = await shop.key("read")
    picture = {"id": asset.public_id, "__typename": "Asset"}
    assert (await client.data(query, {"ids": ids}, headers=headers))["nodes"] == [
        picture,
        None,
        *found,
    ]
    assert (await client.data(query, {"ids": []}))["nodes"] == []
    assert await client.code(query, {"ids": ["x"] * 101}) == "PAGE_SIZE"


async def test_sku_and_id_exclude_each_other(client: Client) -> None:
    assert await client.code("{ product { id } }") == "INVALID_INPUT"
    assert await client.code('{ product(sku: "A", id: "b") { id } }') == "INVALID_INPUT"


async def test_a_variant_inherits_role_by_role_from_the_nearest(
    client: Client, lamp: Product
) -> None:
    query = """query ($sku: String!) @inContext(market: "DE") {
      product(sku: $sku) { media { role inheritedFrom image(preset: "card", width: 64) { url } } }
    }"""
    red = (await client.data(query, {"sku": "LAMP-R"}))["product"]["media"]
    blue = (await client.data(query, {"sku": "LAMP-B"}))["product"]["media"]
    model = (await client.data(query, {"sku": "LAMP"}))["product"]["media"]
    assert [(each["role"], each["inheritedFrom"]) for each in red] == [
        ("HERO", "LAMP"),
        ("GALLERY", "LAMP"),
        ("SWATCH", None),
    ]
    assert [(each["role"], each["inheritedFrom"]) for each in blue] == [
        ("HERO", None),
        ("GALLERY", "LAMP"),
        ("SWATCH", None),
    ]
    # an inherited picture has one URL for all that show it: it names the owner
    assert red[0]["image"]["url"] == model[0]["image"]["url"]
    assert blue[1]["image"]["url"] == model[1]["image"]["url"]
    assert lamp.kind == "MODEL"


async def test_a_url_says_what_the_gateway_needs_and_one_signature_serves_all(
    client: Client, shop: Shop, lamp: Product
) -> None:
    query = """query @inContext(market: "DE", usage: "social") { product(sku: "LAMP") { hero {
      a: image(preset: "card", width: 64, format: JPEG) { url width height expiresAt }
      b: image(preset: "thumb", format: AVIF) { url width height }
      asset { srcset(preset: "card", format: WEBP) }
    } } }"""
    body = await client.ask(query)
    hero = body["data"]["product"]["hero"]
    a, b = (urlsplit(str(hero[name]["url"])) for name in ("a", "b"))
    assert a.query == b.query
    assert f"?{a.query} 64w, " in hero["asset"]["srcset"]
    path = parse_path(a.path)
    assert (path.preset, path.version, path.width_px) == ("card", 1, 64)
    claims = verify(parse_qs(a.query)["t"][0], shop.stage.keys.by_kid.get, utc_now())
    assert claims.asset == path.asset
    assert claims.owner == lamp.public_id
    assert (claims.channel, claims.usage, claims.market) == ("d2c", "social", "DE")
    assert claims.audience == "web"
    expires_at = claims.expires_at.isoformat().replace("+00:00", "Z")
    assert hero["a"]["expiresAt"] == expires_at
    assert body["extensions"]["context"]["urlsValidUntil"].replace("+00:00", "Z") == expires_at
    assert (hero["a"]["width"], hero["a"]["height"]) == (64, 80)  # 4:5
    assert (hero["b"]["width"], hero["b"]["height"]) == (48, 36)  # as the source, 800 by 600


async def test_what_a_preset_does_not_have_is_named_with_what_it_has(
    client: Client, lamp: Product
) -> None:
    query = """query ($preset: String!, $width: Int, $format: ImageFormat!) {
      product(sku: "LAMP-R") { media { image(preset: $preset, width: $width, format: $format) {
        url } } }
    }"""
    assert lamp
    for variables, code, allowed in (
        ({"preset": "hero", "format": "JPEG"}, "UNKNOWN_PRESET", "card, thumb"),
        ({"preset": "card", "width": 65, "format": "JPEG"}, "UNKNOWN_WIDTH", "64, 320"),
        ({"preset": "staff-thumb", "format": "JPEG"}, "FORBIDDEN", "preview"),
        ({"preset": "thumb", "format": "PNG"}, "UNKNOWN_FORMAT", "AVIF, WEBP, JPEG, AUTO"),
    ):
        error = (await client.ask(query, variables))["errors"][0]
        assert error["extensions"]["code"] == code
        assert allowed in error["message"]


async def test_media_hang_where_their_scope_says(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    general, german, french = [await shop.asset() for _ in range(3)]
    await shop.link(product, general, "hero", 0)
    await shop.link(product, german, "hero", 1, locale="de-DE")
    await shop.link(product, french, "hero", 2, market="FR")
    await shop.link(product, await shop.asset(), "hero", 0, channel="print")
    await shop.link(product, await shop.asset(), "hero", 0, status="proposed")
    await shop.link(product, await shop.asset(), "hero", 0, status="retired")

    async def hero(context: str) -> list[str]:
        body = 'product(sku: "VASE") { hero { asset { id } } media { asset { id } } }'
        product = (await client.data(f"query @inContext({context}) {{ {body} }}"))["product"]
        return [each["asset"]["id"] for each in (product["hero"], *product["media"])]

    us = await hero('market: "US"')
    assert us == [general.public_id, general.public_id]
    # the one that fits best is the hero; the list stays in the order of positions
    austrian = await hero('market: "US", locale: "de-AT"')
    assert austrian == [german.public_id, general.public_id, german.public_id]
    france = await hero('market: "FR"')
    assert france == [french.public_id, general.public_id, french.public_id]


RIM = {"amount": 30, "unit": "cm"}
SIZES = [
    {"code": "size", "type": "text"},
    {"code": "rim", "type": "measurement", "label": {"en-US": "Rim"}},
]


async def put_pot(shop: Shop) -> None:
    """Put a product with a value of each kind."""
    await shop.put(
        Product("POT", "SIMPLE"),
        attribute("name", "text", ("en-US", None, "Pot"), ("de-DE", None, "Topf")),
        attribute("colour", "select", "red", options=COLOURS),
        attribute("colours", "multiselect", ["blue", "red"], options=COLOURS),
        attribute("weight", "measurement", {"amount": 1.5, "unit": "kg"}),
        attribute("sizes", "table", [{"size": "S", "rim": RIM}], columns=SIZES),
        attribute("price", "price", {"EUR": 49.95, "USD": 54}),
        attribute("volume", "number", 2, unit="l"),
        attribute("promise", "text", (None, "EUROPE", "EU"), (None, "FR", "FR"), "world"),
        attribute("secret", "text", ("ja-JP", None, "nur dort")),
    )


async def test_attributes_are_read_in_market_locale_and_currency(
    client: Client, shop: Shop
) -> None:
    await put_pot(shop)
    query = """query ($market: String, $locale: String)
    @inContext(market: $market, locale: $locale) {
      product(sku: "POT") { name resolvedLocale attributes { code value unit options { code }
        columns { label type } measurement { amount unit statedAmount statedUnit } } }
    }"""

    async def read(market: str | None, locale: str | None) -> dict[str, object]:
        product = (await client.data(query, {"market": market, "locale": locale}))["product"]
        values: dict[str, object] = {
            each["code"]: (each["value"], each["unit"]) for each in product["attributes"]
        }
        (table,) = (each["columns"] for each in product["attributes"] if each["columns"])
        assert table == [{"label": "size", "type": "text"}, {"label": "Rim", "type": "measurement"}]
        (measured,) = (each["measurement"] for each in product["attributes"] if each["measurement"])
        assert (measured["amount"], measured["unit"]) == values["weight"]
        assert (measured["statedAmount"], measured["statedUnit"]) == (1.5, "kg")
        return values | {"name": product["name"], "locale": product["resolvedLocale"]}

    german = await read("DE", "de-AT")
    assert german == {
        "name": "Topf",
        "locale": "de-DE",
        "colour": ("Rot", None),
        "colours": (["Blau", "Rot"], None),
        "weight": (1.5, "kg"),
        "sizes": ([{"size": "S", "rim": RIM}], None),
        "price": (49.95, "EUR"),
        "volume": (2, "l"),
        "promise": ("EU", None),
    }
    french = await read("FR", None)
    assert (french["name"], french["promise"]) == ("Pot", ("FR", None))
    american = await read("US", None)
    assert (american["price"], american["promise"]) == ((54, "USD"), ("world", None))
    assert american["weight"] == (3.307, "lb")
    assert american["sizes"] == ([{"size": "S", "rim": {"amount": 11.81, "unit": "in"}}], None)
    nowhere = await read(None, None)
    assert nowhere["weight"] == (1.5, "kg")
    assert "price" not in nowhere  # of two currencies, none is the reader's
    japanese = await read("US", "ja-JP")  # which the channel has not: it is read by its first
    assert (japanese["name"], japanese["locale"]) == ("Pot", "en-US")
    assert japanese["secret"] == ("nur dort", None)


async def test_a_page_of_any_size_is_one_statement_and_two_for_what_is_not_in_memory(
    client: Client, app: Starlette, shop: Shop, lamp: Product
) -> None:
    assert lamp
    for number in range(12):
        product = await shop.put(Product(f"POT-{number}", "SIMPLE"), attribute("name", "text", "P"))
        await shop.link(product, await shop.asset(), "hero")
    query = """query ($first: Int!) { products(first: $first) { totalCount nodes { sku
      options { values { swatch { url } } } variants { nodes { sku hero { asset { alt } } } }
      media { asset { credit } image(preset: "card") { url } availableUntil } jsonLd } } }"""
    await client.data(query, {"first": 1})  # what is known for a second is known now
    for size in (2, 13):
        for comment, count in ((" # new", 3), (" # known", 1)):
            async with statements_of(app) as seen:
                data = await client.data(query + comment, {"first": size})
            assert len(data["products"]["nodes"]) == size
            assert len(seen) == count


async def test_every_text_of_an_asset_says_its_locale(client: Client, shop: Shop) -> None:
    product = await shop.put(Product("JAR", "SIMPLE"), attribute("name", "text", "Jar"))
    texts = {"title": {"de-DE": "Glas"}, "alt": {"en-US": "A jar", "de-DE": "Ein Glas"}}
    await shop.link(product, await shop.asset(**texts), "hero")
    query = """query ($locale: String) @inContext(locale: $locale) { product(sku: "JAR") { hero {
      asset { title titleLocale alt altLocale caption captionLocale } } } }"""

    async def read(locale: str) -> list[str | None]:
        hero = (await client.data(query, {"locale": locale}))["product"]["hero"]
        return list(hero["asset"].values())

    assert await read("de-AT") == ["Glas", "de-DE", "Ein Glas", "de-DE", None, None]
    assert await read("en-US") == [None, None, "A jar", "en-US", None, None]
