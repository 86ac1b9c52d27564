"""The ten commonest tasks, each from the page before it to its end by mouse, its clicks counted.

`docs/console.md` has the table; a page that takes a click more, or fewer, changes it.
"""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from catalog.access.assignments import give_role
from catalog.access.principals import create_person
from catalog.access.sessions import create_login_link
from catalog.principal import API
from tests.api.shop import Shop
from tests.console.test_imports import do
from tests.console.test_in_chromium import base_url, filled, note, settings
from tests.support.chromium import Chromium

__all__ = ["base_url", "filled", "settings"]

TABLE = Path(__file__).parents[2] / "docs/console.md"
MAPPING = b'locale = "en-US"\n[product]\nsku = "sku"\nkind = "kind"\nfamily = "family"\n'
MUGS = b"sku,kind,family\nMUG-1,SIMPLE,lamps\nMUG-2,SIMPEL,lamps\n"


class Hand:
    """A mouse that counts what it does: clicks, choices, and files that it drops."""

    def __init__(self, tab: Tab, base_url: str) -> None:
        self.tab, self.base_url = tab, base_url
        self.counted: dict[str, int] = {}
        self._clicks = 0

    async def begin(self) -> None:
        """Stand on the first page, with nothing counted."""
        await self.tab.goto(f"{self.base_url}/console")
        self._clicks = 0

    def end(self, task: str) -> None:
        """Note how many clicks a task took; the next one may go on from here."""
        self.counted[task], self._clicks = self._clicks, 0

    async def click(self, on: Locator) -> None:
        self._clicks += 1
        await on.click()

    async def button(self, name: str, *, within: Locator | None = None) -> None:
        await self.click(
            (within or self.tab.locator("body")).get_by_role("button", name=name, exact=True)
        )

    async def menu(self, name: str) -> None:
        menu = self.tab.get_by_role("navigation", name="Menu")
        await self.click(menu.get_by_role("link", name=name, exact=True))

    async def choose(self, from_: str, option: str) -> None:
        self._clicks += 1
        await self.tab.get_by_role("combobox", name=from_).select_option(option)

    async def see(self, text: str | re.Pattern[str]) -> None:
        await expect(self.tab.get_by_role("status").first).to_have_text(text)


async def log_in_by_link(tab: Tab, shop: Shop, base_url: str) -> None:
    """Let Ada, an administrator, log in."""
    async with shop.stage.changes.begin(API) as change:
        person = await create_person(change, name="Ada", email="ada@shop.test")
        await give_role(change, person.id, "administrator")
        secret = await create_login_link(change, person.id)
    await tab.goto(f"{base_url}/login?link={secret}")
    await tab.get_by_role("button", name="Log in as Ada").click()
    await expect(tab).to_have_url(f"{base_url}/account")


def told() -> dict[str, int]:
    """Return the clicks of each task as the documentation has them."""
    rows = re.findall(r"^\| ([^|]+?) \| (\d+) \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {task: int(clicks) for task, clicks in rows}


@pytest.fixture
async def hand(page: Tab, filled: Shop, base_url: str) -> AsyncGenerator[Hand]:
    """The mouse of an administrator, who is logged in; at the end its clicks are as documented."""
    hand = Hand(page, base_url)
    await log_in_by_link(page, filled, base_url)
    await hand.begin()
    yield hand
    assert {task: told().get(task) for task in hand.counted} == hand.counted


async def test_products_and_pictures(hand: Hand) -> None:
    tab, lamp = hand.tab, hand.tab.locator("#found .hits a").filter(has_text="LAMP")
    await hand.click(tab.locator("#search"))
    await tab.keyboard.type("lam")
    await hand.click(lamp.first)
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("LAMP")
    hand.end("find a product")

    await hand.click(tab.locator(".card .text a").first)
    await hand.button("Withdraw this picture")
    await hand.button("Withdraw now", within=tab.get_by_role("dialog"))
    await expect(tab.locator("#darkness .figure")).to_have_text(re.compile(r"^[\d,]+ ms$"))
    hand.end("withdraw its picture, and see when it was dark")

    address = tab.url.partition("?")[0]
    await hand.begin()
    await hand.menu("Assets")
    await hand.click(tab.locator(".card strong").first)
    await expect(tab.locator("main")).to_contain_text("withdrawn")
    hand.end("see why a picture is not shown")

    await tab.goto(address)
    await hand.button("Undo: reinstate")
    await hand.button("Reinstate", within=tab.get_by_role("dialog"))
    await hand.see("The picture is back as it was.")
    hand.end("bring it back")


async def test_a_product_is_taken_back_and_published(hand: Hand) -> None:
    tab = hand.tab
    await tab.goto(f"{hand.base_url}/console/products/LAMP?channel=d2c")
    await hand.button("Take back from d2c …")
    await hand.button("Take back", within=tab.get_by_role("dialog"))
    await hand.see(re.compile("^1 product was taken back"))
    hand.end("take a product back")
    await hand.button("Publish on d2c")
    await hand.see("1 product is published.")
    hand.end("publish a product")


async def test_a_csv_is_imported_and_its_report_mended(
    hand: Hand, filled: Shop, process_database_url: str
) -> None:
    tab = hand.tab
    await hand.menu("Import a file")
    hand_over = [
        {"name": "mugs.toml", "mimeType": "application/toml", "buffer": MAPPING},
        {"name": "mugs.csv", "mimeType": "text/csv", "buffer": MUGS},
    ]
    await tab.locator("#files").set_input_files(hand_over)  # pyright: ignore[reportArgumentType] - as it takes them
    for each in ("data", "mapping"):
        await expect(tab.locator(f"[data-choice={each}]")).not_to_have_value("")
    await hand.button("Check")
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("Import")

    async def done() -> None:
        await do(filled, process_database_url, tab.url.rpartition("/")[2])
        await tab.reload()

    await done()
    await hand.button("Import it now")
    await expect(tab.get_by_role("progressbar")).to_be_visible()
    await done()
    report = tab.locator("textarea.report")
    await expect(report).to_have_value(re.compile("SIMPEL"))
    await report.fill((await report.input_value()).replace("SIMPEL", "SIMPLE"))
    here = tab.url
    await hand.button("Import what is mended")
    await expect(tab).not_to_have_url(here)
    await done()
    await expect(tab.get_by_text("All of it went well.")).to_be_visible()
    assert await filled.pool.fetchval("SELECT count(*) FROM product WHERE sku LIKE 'MUG%'") == 2
    hand.end("import a CSV, with check, and mend its report")


async def test_a_task_is_taken_on_and_resolved(hand: Hand, filled: Shop) -> None:
    tab = hand.tab
    await note(filled, "Check the lamps")
    await hand.begin()
    await hand.menu("Tasks")
    await hand.click(tab.get_by_role("link", name="Check the lamps"))
    await hand.button("Take on")
    await hand.see("1 task is yours now.")
    await hand.button("Done")
    await hand.see("1 task is done.")
    hand.end("take a task on, and resolve it")


async def test_colleagues_and_programs_are_let_in(hand: Hand, filled: Shop) -> None:
    tab = hand.tab
    await hand.menu("People and services")
    await tab.get_by_label("Name", exact=True).fill("Eva")
    await hand.button("Create")
    await hand.choose("Role", "Publisher")
    await hand.button("Give")
    await hand.button("Make a log-in link")
    await expect(tab.get_by_label("A link that logs in, once")).to_have_value(re.compile("link="))
    hand.end("let a colleague in, with a role")

    await hand.begin()
    await hand.menu("API keys")
    await tab.get_by_role("textbox", name="Name").fill("cms")
    await hand.click(tab.get_by_label("read", exact=True))
    await hand.button("Make the key")
    await expect(tab.get_by_label("The secret of cms")).to_have_value(re.compile("^vtr_"))
    hand.end("make an API key")

    async with filled.stage.changes.begin(API) as change:
        somebody = await create_person(change, name="Bo", email="bo@shop.test")
        secret = await create_login_link(change, somebody.id)
    await tab.context.clear_cookies()
    await tab.goto(f"{hand.base_url}/login?link={secret}")
    await hand.button("Log in as Bo")
    await expect(tab).to_have_url(f"{hand.base_url}/account")
    hand.end("log in by a link")


async def test_what_was_typed_outlives_a_session(
    chromium: Chromium, filled: Shop, base_url: str
) -> None:
    async with chromium.open(refusals=(401,)) as tab:  # a live part may ask once more
        await log_in_by_link(tab, filled, base_url)
        await tab.goto(f"{base_url}/console")
        await _outlive(Hand(tab, base_url), filled)


async def _outlive(hand: Hand, filled: Shop) -> None:
    tab = hand.tab
    await note(filled, "Check the lamps")
    await hand.menu("Tasks")
    await tab.get_by_role("link", name="Check the lamps").click()
    await expect(tab.locator("#around")).to_be_visible()  # which the script shows last
    here = tab.url
    await tab.get_by_label("Tell the others").fill("Three are broken")
    await tab.context.clear_cookies()
    await tab.get_by_role("button", name="Comment").click()
    await expect(tab).to_have_url(re.compile("/login"))
    me = await filled.pool.fetchval("SELECT id FROM principal WHERE email = 'ada@shop.test'")
    async with filled.stage.changes.begin(API) as change:
        secret = await create_login_link(change, me)
    await tab.goto(f"{hand.base_url}/login?link={secret}")
    await tab.get_by_role("button", name="Log in as Ada").click()
    await expect(tab).to_have_url(f"{hand.base_url}/account")
    await tab.goto(here)
    await tab.get_by_role("button", name="Fill it in again").click()
    await expect(tab.get_by_label("Tell the others")).to_have_value("Three are broken")
    await tab.get_by_role("button", name="Comment").click()
    await hand.see("Said.")
    await tab.reload()
    await expect(tab.locator("#around")).to_be_visible()
    await expect(tab.locator(".kept")).to_have_count(0)


async def test_neighbours_are_one_click_away_and_verbs_are_found_by_arrows(
    hand: Hand, filled: Shop
) -> None:
    tab = hand.tab
    await note(filled, "Check the lamps", "Check the vases")
    await hand.menu("Tasks")
    await tab.get_by_role("link", name="Check the vases").click()
    await expect(tab.locator("[data-next]")).to_be_visible()
    await expect(tab.locator("[data-previous]")).to_have_count(0)
    await tab.locator("[data-next]").click()
    await expect(tab.locator("main")).to_contain_text("Check the lamps")
    await tab.locator("[data-previous]").click()
    await expect(tab.locator("main")).to_contain_text("Check the vases")
    await tab.keyboard.press("/")
    await tab.keyboard.type("withd")
    await expect(tab.locator("#found .hits")).to_contain_text("Withdraw a picture")
    await tab.keyboard.press("ArrowDown")
    await tab.keyboard.press("Enter")
    await expect(tab).to_have_url(f"{hand.base_url}/console/assets")
