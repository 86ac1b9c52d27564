"""Lists: their columns and saved views, what is said before many rows are changed, and after."""

import re

import httpx2

from tests.api.shop import Product, Shop
from tests.console.conftest import LogIn

PRODUCTS = "/console/products"


def heads(page: httpx2.Response) -> list[str]:
    """Return the headings of a list's columns."""
    return re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page.text)


async def test_columns_are_chosen_and_stay_in_the_address(log_in: LogIn, shop: Shop) -> None:
    await shop.put(Product("LAMP", "SIMPLE"))
    ada = await log_in("editor")
    page = await ada.open(PRODUCTS)
    assert heads(page) == ["Name", "SKU", "Kind", "Family", "Published on", "Changed"]
    chosen = await ada.http.post(
        f"{PRODUCTS}?kind=SIMPLE",
        data={"token": token(page), "do": "choose_columns", "column": ["kind", "sku", "nonsense"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert chosen.headers["location"] == f"{PRODUCTS}?kind=SIMPLE&columns=sku%2Ckind"
    shown = await ada.open(chosen.headers["location"])
    assert heads(shown) == ["Name", "SKU", "Kind"]
    assert 'name="columns" value="sku,kind"' in shown.text  # the filters keep them
    assert heads(await ada.open(f"{PRODUCTS}?columns=nonsense")) == heads(page)


async def test_a_view_is_saved_opens_its_page_and_is_deleted(log_in: LogIn, shop: Shop) -> None:
    await shop.put(Product("LAMP", "SIMPLE"))
    ada, eva = await log_in("editor"), await log_in("editor", name="Eva")
    filtered = f"{PRODUCTS}?kind=SIMPLE"
    fields = {"do": "save_view", "view_name": "<b>Mine</b>", "view_shared": "1", "column": "sku"}
    saved = await ada.send(await ada.open(filtered), filtered, fields)
    address = saved.headers["location"]
    assert address.startswith(f"{filtered}&columns=sku&view=")
    page = await ada.open(address)
    assert "&lt;b&gt;Mine&lt;/b&gt; was saved" in page.text
    assert (heads(page), "<b>Mine" in page.text) == (["Name", "SKU"], False)

    view = address.rpartition("=")[2]
    await ada.send(page, address, {"do": "open_with_view", "view": view})
    opened = await ada.open(PRODUCTS)
    assert (opened.status_code, opened.headers["location"]) == (303, address)
    assert (await ada.open(f"{PRODUCTS}?view=none")).status_code == 200
    assert "&lt;b&gt;Mine" in (await eva.open(PRODUCTS)).text
    refused = await eva.send(
        await eva.open(PRODUCTS), PRODUCTS, {"do": "delete_view", "view": view}
    )
    assert (refused.status_code, "Your roles do not allow this" in refused.text) == (422, True)
    gone = await ada.send(await ada.open(address), address, {"do": "delete_view", "view": view})
    assert gone.headers["location"] == f"{PRODUCTS}?view=none"
    assert (await ada.open(PRODUCTS)).status_code == 200
    nameless = await ada.send(await ada.open(PRODUCTS), PRODUCTS, {"do": "save_view"})
    assert (nameless.status_code, "A field is not right" in nameless.text) == (422, True)


async def test_every_list_has_its_columns_and_views(log_in: LogIn, shop: Shop) -> None:
    assert shop.stage.keys
    root = await log_in("administrator")
    for path in ("products", "assets", "tasks", "work", "people", "audit"):
        page = await root.open(f"/console/{path}")
        assert (page.status_code, 'value="save_view"' in page.text) == (200, True), path


async def test_many_rows_are_changed_after_it_was_said_which_can_be(
    log_in: LogIn, shop: Shop
) -> None:
    for sku in ("A", "B"):
        await shop.put(Product(sku, "SIMPLE"))
    await shop.pool.execute("DELETE FROM publication")
    ada = await log_in("publisher")
    page = await ada.open(PRODUCTS)
    one = await ada.send(page, PRODUCTS, {"do": "publish", "channel": "d2c", "id": "A"})
    assert one.status_code == 303
    both = {"token": token(page), "channel": "d2c", "id": ["A", "B"], "name_B": "Bulb"}
    asked = await post(ada.http, PRODUCTS, {**both, "do": "publish"})
    assert asked.status_code == 200
    assert "1 row will be changed" in asked.text
    assert "is published there as it is" in asked.text
    assert re.findall('name="id" value="(.)"', asked.text) == ["B"]
    assert await shop.pool.fetchval("SELECT count(*) FROM publication") == 1
    done = await ada.send(asked, PRODUCTS, {"do": "publish", "id": "B"})
    assert done.status_code == 303
    assert await shop.pool.fetchval("SELECT count(*) FROM publication") == 2


async def test_each_row_that_was_selected_has_its_result(log_in: LogIn, shop: Shop) -> None:
    ada = await log_in("editor")
    page = await ada.open("/console/tasks")
    await ada.send(page, "/console/tasks", {"do": "create", "text": "Look", "role": "editor"})
    task = await shop.pool.fetchval("SELECT public_id FROM task")
    sent = {"do": "resolve", "id": [task, "gone"], "name_gone": "<i>Old</i>", "sure": "1"}
    answer = await post(ada.http, "/console/tasks", {"token": token(page), **sent})
    assert answer.status_code == 422
    assert "1 of 2 were done" in answer.text
    assert "<strong>&lt;i&gt;Old&lt;/i&gt;</strong>: It does not exist" in answer.text


def token(page: httpx2.Response) -> str:
    """Return what the forms of a page are sent with."""
    found = re.search('name="token" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def post(http: httpx2.AsyncClient, path: str, fields: dict[str, object]) -> httpx2.Response:
    """Send a form whose fields may be there many times."""
    return await http.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
