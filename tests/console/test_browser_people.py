"""People and keys in a real browser: by mouse, and accessible once something is shown."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.console.conftest import LogIn
from tests.support.axe import assert_accessible

LINK = re.compile(r"/login\?link=.{40}")
SECRET = re.compile("^vtr_.{40}")


@pytest.fixture
async def root(page: Page, log_in: LogIn, base_url: str) -> Page:
    """The tab of an administrator."""
    browser = await log_in("administrator", name="Root")
    secret = browser.http.cookies["vitrine_session"]
    await page.context.add_cookies([{"name": "vitrine_session", "value": secret, "url": base_url}])
    return page


async def test_a_colleague_is_let_in(root: Page, base_url: str) -> None:
    page = root
    await page.goto(f"{base_url}/console/people")
    await page.get_by_label("Name", exact=True).fill("Eva")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Eva")
    await page.get_by_role("combobox", name="Role").select_option("Publisher")
    await page.get_by_text("Only at some places").click()
    await page.get_by_role("listbox", name="Channels").select_option("d2c")
    await page.get_by_role("button", name="Give", exact=True).click()
    await expect(page.get_by_role("region", name="Roles")).to_contain_text("on channels d2c")
    await page.get_by_role("button", name="Make a log-in link").click()
    await expect(page.get_by_label("A link that logs in, once")).to_have_value(LINK)
    await assert_accessible(page, ["light"])
    await page.get_by_role("button", name="Take …").click()
    await page.get_by_role("button", name="Take", exact=True).click()
    await expect(page.get_by_text("No role yet")).to_be_visible()


async def test_a_program_gets_a_key_and_loses_it(root: Page, base_url: str) -> None:
    page = root
    await page.goto(f"{base_url}/console/keys")
    await page.get_by_role("textbox", name="Name").fill("cms")
    await page.get_by_label("read", exact=True).check()
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_label("The secret of cms")).to_have_value(SECRET)
    await assert_accessible(page, ["light"])
    await page.get_by_role("checkbox", name="Select cms").check()
    await page.get_by_role("button", name="End …").click()
    await page.get_by_role("button", name="End now").click()
    await expect(page.get_by_text("1 key was ended.")).to_be_visible()
