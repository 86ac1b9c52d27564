"""Pages for those who watch, in a real browser: accessible, and the list below the search."""

from datetime import timedelta

from playwright.async_api import Page, expect

from catalog.clock import utc_now
from catalog.delivery.replays import record_replay
from catalog.rights.model import TermInput
from tests.api.schema.test_replays import report
from tests.api.shop import Product, Shop, attribute
from tests.console.conftest import LogIn
from tests.support.axe import assert_accessible
from tests.support.chromium import Chromium
from tests.support.people import TEST
from tests.support.stage import LONG_AGO


async def test_pages_of_those_who_watch_are_accessible_and_search_finds_by_the_keyboard(
    chromium: Chromium, log_in: LogIn, shop: Shop, base_url: str
) -> None:
    await shop.put(Product("LAMP", "SIMPLE"), attribute("name", "text", "Brass lamp"))
    ends = utc_now() + timedelta(days=3)
    soon = TermInput(
        include=("WORLD",), channels=("*",), usages=("*",), valid_from=LONG_AGO, valid_until=ends
    )
    await shop.asset(soon)
    async with shop.stage.changes.begin(TEST) as change:
        replay = await record_replay(change, report("asset7"))
    admin = await log_in("administrator")
    cookies = [
        {"name": name, "value": value, "url": base_url}
        for name, value in admin.http.cookies.items()
    ]
    # pictures lead to a gateway, and here is none
    still = {"base_url": base_url, "reduced_motion": "reduce"}
    async with chromium.open(refusals=(404,), **still) as page:
        await page.context.add_cookies(cookies)  # pyright: ignore[reportArgumentType] - as it takes them
        await page.route("**/console/picture/**", lambda route: route.fulfill(status=204))
        for path in ("/going-dark", f"/incidents/{replay}", "/search?q=lam"):
            await page.goto(f"/console{path}")
            await assert_accessible(page, ["light"])
        await _search(page)


async def _search(page: Page) -> None:
    await page.goto("/console/health")
    await page.keyboard.press("/")
    await page.keyboard.type("bras")
    await expect(page.locator("#found .hits")).to_contain_text("LAMP")
    await assert_accessible(page, ["light"])
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/console/search?q=bras")
