"""The shop and GraphiQL in a real browser: pages without errors, and a picture that goes dark."""

import re

from playwright.async_api import Page, expect

from tests.api.shop import Product
from tests.support.axe import assert_accessible
from tests.support.chromium import Chromium
from tests.support.stage import StagedAsset

NARROW = {"width": 360, "height": 740}


#: How far the parts of a page moved while it was loading.
MOVED = """async () => {
  let moved = 0;
  new PerformanceObserver(list => list.getEntries().forEach(each => moved += each.value))
    .observe({ type: "layout-shift", buffered: true });
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  return moved;
}"""


async def is_shown(page: Page, alt: str) -> None:
    """Wait until a picture has come."""
    await page.wait_for_function(
        "alt => [...document.images].some(each => each.alt === alt && each.naturalWidth > 0)",
        arg=alt,
    )


async def test_a_picture_is_dark_in_the_very_page_and_comes_back(
    chromium: Chromium, base_url: str, vase: StagedAsset, session: str
) -> None:
    assert vase
    async with chromium.open(refusals=(410,), locale="en-US") as page:
        await page.context.add_cookies([
            {"name": "vitrine_session", "value": session, "url": base_url}
        ])
        await page.goto(f"{base_url}/demo/")
        await expect(page).to_have_url(f"{base_url}/demo/US/en-US/")
        await assert_accessible(page)
        await page.get_by_role("link", name="Vase").click()
        await page.locator("summary").click()
        await page.locator("[name=market]").select_option("DE")
        await page.locator("[name=locale]").select_option("de-DE")
        await page.get_by_role("button", name="Show this shop").click()
        await expect(page).to_have_url(f"{base_url}/demo/DE/de-DE/p/VASE")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Die Vase")
        await is_shown(page, "Eine Vase")
        assert await page.evaluate(MOVED) == 0
        await page.get_by_role("button", name="Withdraw this picture").click()
        told = page.get_by_role("status")
        await expect(told).to_contain_text(re.compile(r"Dark in this page after \d+ ms; at every"))
        await expect(page.locator("figure .refusal")).to_contain_text("by status 410")
        await expect(page.get_by_alt_text("Eine Vase")).to_have_count(1)
        await assert_accessible(page, ["light"])
        await page.reload()
        await expect(page.get_by_alt_text("Eine Vase")).to_have_count(0)
        await page.get_by_role("button", name="Bring it back").click()
        await expect(page.get_by_role("button", name="Withdraw this picture")).to_be_visible()
        await is_shown(page, "Eine Vase")


async def test_visitors_are_told_of_a_refusal_and_may_do_nothing(
    chromium: Chromium, base_url: str, vase: StagedAsset, lamp: Product
) -> None:
    assert vase
    assert lamp
    async with chromium.open(refusals=(403, 404), viewport=NARROW) as page:
        await page.goto(f"{base_url}/demo/go?market=DE&locale=en-US&page=p/VASE&country=FR")
        await expect(page.get_by_text("This picture may not be shown in France.")).to_be_visible()
        await expect(page.get_by_role("link", name="Log in")).to_be_visible()
        await expect(page.get_by_role("button", name="Withdraw this picture")).to_have_count(0)
        await assert_accessible(page, ["light"])
        for path in ("US/en-US/p/LAMP-B", "US/en-US/p/NOPE", "US/en-US/c/floor-lamps"):
            await page.goto(f"{base_url}/demo/{path}")
            await assert_accessible(page, ["light"])
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


async def test_graphiql_runs_an_example_and_shows_its_pictures(
    page: Page, base_url: str, vase: StagedAsset
) -> None:
    assert vase
    await page.goto(f"{base_url}/graphql")
    tabs = page.get_by_role("tab")
    for name in ("Products", "ProductPage", "Withdraw"):
        await expect(tabs.filter(has_text=name).first).to_be_visible()
    await page.get_by_role("button", name="Execute").click()
    await expect(page.locator(".result-window")).to_contain_text("Die Vase")
    await expect(page.locator("#pictures img")).to_have_js_property("naturalWidth", 320)
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.locator(".graphiql-explorer-root")).to_be_visible()


async def test_graphiql_asks_with_the_permissions_of_a_session(
    chromium: Chromium, base_url: str, vase: StagedAsset, session: str
) -> None:
    async with chromium.open() as page:
        await page.context.add_cookies([
            {"name": "vitrine_session", "value": session, "url": base_url}
        ])
        query = f'{{ asset(id: "{vase.public_id}") {{ rights {{ status }} }} }}'
        await page.goto(f"{base_url}/graphql")
        await page.get_by_role("button", name="New tab").click()
        await page.locator(".graphiql-query-editor textarea").fill(query)
        await page.get_by_role("button", name="Execute").click()
        await expect(page.locator(".result-window")).to_contain_text("APPROVED")
