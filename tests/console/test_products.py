"""Products as pages: found, looked at in a context, published, taken back, their media bound."""

from tests.api.identity.browser import Browser
from tests.api.shop import Product, Shop, attribute
from tests.console.conftest import LogIn

LIST = "/console/products"
LAMP = f"{LIST}/LAMP"


async def lamp_of(shop: Shop) -> Product:
    """Put a published lamp with a picture into the shop."""
    name = attribute("name", "text", ("en-US", None, "Lamp"), ("de-DE", None, "Leuchte"))
    lamp = await shop.put(Product("LAMP", "SIMPLE"), name)
    await shop.link(lamp, await shop.asset(alt={"en-US": "A lamp"}), "hero")
    return lamp


async def test_products_are_listed_and_filtered(log_in: LogIn, shop: Shop) -> None:
    await lamp_of(shop)
    ada = await log_in("publisher")
    page = await ada.open(LIST)
    assert '<a href="/console/products/LAMP">' in page.text
    assert "No product is like that." in (await ada.open(f"{LIST}?text=zebra")).text
    assert "LAMP" in (await ada.open(f"{LIST}?state=PUBLISHED&channel=d2c&kind=SIMPLE")).text


async def test_a_product_is_shown_as_a_context_has_it(log_in: LogIn, shop: Shop) -> None:
    await lamp_of(shop)
    ada = await log_in("editor")
    page = await ada.open(f"{LAMP}?channel=d2c&market=DE&locale=de-DE")
    assert page.status_code == 200
    assert "Leuchte" in page.text
    assert "/console/picture/" in page.text
    assert (await ada.open(f"{LIST}/NOTHING")).status_code == 404


async def test_a_product_is_taken_back_after_it_was_said_what_goes_dark(
    log_in: LogIn, shop: Shop
) -> None:
    await lamp_of(shop)
    ada = await log_in("publisher")
    page = await ada.open(f"{LAMP}?channel=d2c")
    assert "This goes dark" in page.text
    path = f"{LAMP}?channel=d2c"
    answer = await ada.send(page, path, {"do": "unpublish", "channel": "d2c"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    shown = await ada.open(path)
    assert "1 product was taken back" in shown.text
    assert "nobody sees this product" in shown.text


async def test_an_editor_binds_and_takes_out_pictures_and_does_not_publish(
    log_in: LogIn, shop: Shop
) -> None:
    lamp = await lamp_of(shop)
    asset = await shop.asset()
    code = await shop.pool.fetchval("SELECT code FROM asset WHERE public_id = $1", asset.public_id)
    ada = await log_in("editor")
    page = await ada.open(LAMP)
    assert 'value="publish"' not in page.text
    refused = await bind(ada, lamp, "no-such-asset")
    assert (refused, await links(shop)) == (422, 1)
    assert await bind(ada, lamp, code) == 303
    assert await links(shop) == 2
    found = await shop.pool.fetchval(
        "SELECT public_id FROM media_association WHERE role = 'gallery'"
    )
    await ada.send(await ada.open(LAMP), LAMP, {"do": "unbind", "id": found})
    assert await links(shop) == 1


async def bind(browser: Browser, lamp: Product, code: str) -> int:
    """Bind an asset to a product by the page's form; return the status of the answer."""
    fields = {"do": "bind", "product": lamp.public_id, "asset": code, "role": "GALLERY"}
    return (await browser.send(await browser.open(LAMP), LAMP, fields)).status_code


async def links(shop: Shop) -> int:
    """Count the media that are bound."""
    count: int = await shop.pool.fetchval(
        "SELECT count(*) FROM media_association WHERE status = 'approved'"
    )
    return count
