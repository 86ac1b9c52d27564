"""A file is brought, checked, imported and mended from pages."""

from urllib.parse import urlsplit

from catalog.changes import Changes
from catalog.reactions import reactions
from catalog.work.commands import IMPORT
from relay.works.importing import Import
from relay.works.running import Works
from tests.api.identity.browser import Browser
from tests.api.shop import Shop
from tests.console.conftest import LogIn

PAGE = "/console/import"
GOOD = b'{"type": "product", "sku": "MUG-1", "kind": "SIMPLE", "family": "lamps"}\n'
BAD = b'{"type": "product", "sku": "MUG-2", "kind": "SIMPLE", "family": "crockery"}\n'


async def bring(browser: Browser, name: str, body: bytes) -> str:
    """Bring a file as the page's script does; return its id."""
    page = await browser.open(PAGE)
    announced = await browser.send(page, PAGE, {"do": "announce", "name": name})
    upload: dict[str, str] = announced.json()
    answer = await browser.http.put(urlsplit(upload["url"]).path, content=body)
    assert answer.status_code == 201
    return upload["id"]


async def do(shop: Shop, database_url: str, work: str) -> None:
    """Do a work as a relay does."""
    changes = Changes(pool=shop.pool, reactions=reactions(warm_up=False))
    works = Works(changes, {IMPORT: Import(shop.stage.store, database_url)})
    await works.run(work, is_last=True)


async def test_a_file_is_checked_and_then_imported(
    log_in: LogIn, shop: Shop, process_database_url: str
) -> None:
    ada = await log_in("administrator")
    upload = await bring(ada, "mugs.jsonl", GOOD + BAD)
    page = await ada.open(PAGE)
    assert "mugs.jsonl" in page.text
    picture = await bring(ada, "mug.jpg", GOOD)
    wanted = {"upload": upload, "media": picture, "publish": "d2c", "strict": "1"}
    checked = await ada.send(page, PAGE, {"do": "check", **wanted})
    path = checked.headers["location"]
    await do(shop, process_database_url, path.rpartition("/")[2])
    shown = await ada.open(path)
    assert "What would happen; nothing was written" in shown.text
    assert "crockery" in shown.text
    assert await shop.pool.fetchval("SELECT count(*) FROM product") == 0

    begun = await ada.send(shown, path, {"do": "import_again"})
    path = begun.headers["location"]
    args = await shop.pool.fetch("SELECT args - 'check' AS args FROM work ORDER BY id")
    assert args[0] == args[1]  # pictures, channels and all
    assert 'hx-trigger="renew" data-renew="2"' in (await ada.open(path)).text
    await do(shop, process_database_url, path.rpartition("/")[2])
    shown = await ada.open(path)
    assert "What it did" in shown.text
    assert "mugs.rejected.jsonl" in shown.text
    assert (
        'hx-trigger="renew" data-renew="2"'
        not in (await ada.open(path, **{"HX-Request": "true"})).text
    )
    assert await shop.pool.fetch("SELECT sku FROM product") == [("MUG-1",)]
    assert path in (await ada.open("/console/work")).text


async def test_without_a_file_and_with_a_wrong_one_the_page_says_so(log_in: LogIn) -> None:
    ada = await log_in("administrator")
    page = await ada.open(PAGE)
    nothing = await ada.send(page, PAGE, {"do": "import"})
    assert (nothing.status_code, "Choose a file first." in nothing.text) == (422, True)
    upload = await bring(ada, "mugs.csv", b"sku\nMUG-1\n")
    wrong = await ada.send(page, PAGE, {"do": "check", "upload": upload, "publish": "d2c"})
    assert wrong.status_code == 422
    assert "A CSV needs a mapping: drop its .toml file" in wrong.text
    assert f'<option value="{upload}" selected>' in wrong.text
    refused = await ada.send(page, PAGE, {"do": "announce", "name": "../passwd"})
    assert (refused.status_code, "problem" in refused.json()) == (422, True)


async def test_work_of_others_cannot_be_seen(log_in: LogIn) -> None:
    ada, bob = await log_in("administrator"), await log_in("editor", name="Bob")
    upload = await bring(ada, "mugs.jsonl", GOOD)
    begun = await ada.send(await ada.open(PAGE), PAGE, {"do": "import", "upload": upload})
    path = begun.headers["location"]
    assert (await bob.open(path)).status_code == 404
    assert (await bob.open(PAGE)).status_code == 403
    cancelled = await ada.send(await ada.open(path), path, {"do": "cancel"})
    assert cancelled.status_code == 303
    assert "cancelled" in (await ada.open(path)).text
