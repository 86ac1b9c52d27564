"""Pages in a real browser: what only a browser shows."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from api.app import create_app
from catalog.licences.batches import LicenceRecord
from catalog.tasks.commands import create_todo
from catalog.tasks.model import Todo
from console.app import console_routes
from console.frame.under_way import UNDER_WAY
from console.menu import PAGES
from gateway.app import create_app as create_gateway
from tests.api.shop import Product, Shop, attribute
from tests.console.test_imports import do
from tests.support.axe import assert_accessible
from tests.support.people import ADA
from tests.support.ports import free_port
from tests.support.serve import serve
from tests.support.sessions import SESSION_COOKIE, session_of
from tests.support.stage import StagedAsset, master_key_text
from vitrine.settings import Settings, load_settings

#: Those that stand by themselves; others need something to show.
PATHS = [f"/console{page.path}" for page in PAGES if "{" not in page.path and page is not UNDER_WAY]
#: The dark tokens are the same on all of them.
DARK_TOO = ("/console", "/console/tasks")


@pytest.fixture
def settings(process_database_url: str, gateway_database_url: str, tmp_path: Path) -> Settings:
    """Those of an api beside a gateway, from which pages have their pictures."""
    return load_settings(
        home=tmp_path,
        database_url=process_database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
        api_base="http://127.0.0.1:8000",
        gateway_port=free_port(),
    )


@pytest.fixture
async def base_url(shop: Shop, settings: Settings) -> AsyncGenerator[str]:
    """A running api with the console, and a gateway beside it."""
    assert shop.stage.keys
    api = create_app(settings, pages=partial(console_routes, media_base=settings.media_base))
    gateway = create_gateway(settings)
    async with serve(gateway, port=settings.gateway_port), serve(api) as url:
        yield url


Enter: TypeAlias = Callable[[str], Awaitable[None]]


@pytest.fixture
async def enter(page: Tab, shop: Shop, settings: Settings, base_url: str) -> Enter:
    """Log somebody with a role in."""

    async def enter(role: str) -> None:
        secret = await session_of(shop.stage.changes, role, times=settings.session_times)
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": base_url}])

    return enter


async def note(shop: Shop, *texts: str) -> None:
    """Note tasks."""
    async with shop.stage.changes.begin(ADA) as change:
        for text in texts:
            await create_todo(change, Todo(text=text, role="editor"))


@pytest.fixture
async def filled(shop: Shop) -> Shop:
    """A shop with a lamp, its picture, and a vase that nobody has published."""
    name = attribute("name", "text", ("en-US", None, "Lamp"), ("de-DE", None, "Leuchte"))
    lamp = await shop.put(Product("LAMP", "SIMPLE"), name)
    await shop.link(lamp, await shop.asset(alt={"en-US": "A lamp"}), "hero")
    return shop


async def test_every_page_is_accessible_and_fits_a_small_screen(
    page: Tab, enter: Enter, filled: Shop, base_url: str
) -> None:
    await enter("administrator")
    await note(filled, "Check the lamps")
    await page.set_viewport_size({"width": 360, "height": 740})
    too_wide: dict[str, int] = {}
    for path in PATHS:
        answer = await page.goto(f"{base_url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        schemes = ("light", "dark") if path in DARK_TOO else ("light",)
        await assert_accessible(page, schemes)
        width = await page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            too_wide[path] = width
    assert too_wide == {}


async def test_a_task_is_taken_on_and_done_by_keyboard_alone(
    page: Tab, enter: Enter, base_url: str
) -> None:
    await enter("editor")
    await page.goto(f"{base_url}/console/tasks")
    await page.get_by_text("Note something to be done").click()
    await page.get_by_label("What is to be done").fill("Check the lamps")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("status")).to_have_text("It is noted.")
    await page.locator("h1").click()  # keys lead on from where nothing is typed
    for key in ("g", "t"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")
    for key in ("j", "x"):
        await page.keyboard.press(key)
    take_on = page.get_by_role("button", name="Take on")
    await expect(take_on).to_be_visible()
    await take_on.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("1 task is yours now.")
    for key in ("j", "Enter"):
        await page.keyboard.press(key)
    await expect(page.get_by_text("Nobody has said anything yet.")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Done").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("1 task is done.")


async def test_rows_are_chosen_by_range_and_all_at_once(
    page: Tab, enter: Enter, shop: Shop, base_url: str
) -> None:
    await enter("editor")
    await note(shop, *(f"Look at {number}" for number in range(4)))
    await page.goto(f"{base_url}/console/tasks")
    boxes = page.locator('input[name="id"]')
    await boxes.nth(0).click()
    await boxes.nth(2).click(modifiers=["Shift"])
    await expect(page.locator("[data-count]")).to_have_text("3")
    await page.locator("[data-select-all]").click()
    await expect(page.locator("[data-count]")).to_have_text("4")
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Done: 4 rows will be changed")
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("status")).to_have_text("4 tasks are done.")


async def test_a_dropped_file_is_brought_and_checked(
    page: Tab, enter: Enter, shop: Shop, base_url: str, process_database_url: str
) -> None:
    await enter("administrator")
    await page.goto(f"{base_url}/console/import")
    record = b'{"type": "product", "sku": "MUG-1", "kind": "SIMPLE", "family": "lamps"}\n'
    await page.locator("#files").set_input_files({
        "name": "mugs.jsonl",
        "mimeType": "application/jsonl",
        "buffer": record,
    })
    await expect(page.locator("[data-choice=data]")).not_to_have_value("")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Import")
    await expect(page.get_by_text("mugs.jsonl")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await do(shop, process_database_url, page.url.rpartition("/")[2])
    await expect(page.get_by_text("nothing was written")).to_be_visible()  # it renews itself


async def test_a_picture_is_withdrawn_by_mouse_and_how_fast_it_was_dark_is_seen(
    page: Tab, enter: Enter, filled: Shop, base_url: str, settings: Settings
) -> None:
    row = await filled.pool.fetchrow("SELECT id, public_id, slug FROM asset")
    assert row is not None
    asset = StagedAsset(**row)
    asset = replace(asset, epoch=await filled.stage.epoch(asset))
    token = filled.stage.token(asset, channel="marketplace-a")  # which says its own territory
    given_out = f"{settings.media_base}{filled.stage.url(asset, token)}"
    assert (await page.request.get(given_out)).status == 200
    await enter("administrator")
    await page.goto(f"{base_url}/console")
    await page.get_by_role("link", name="Assets", exact=True).click()
    await page.locator(".card strong").click()
    picture = page.locator(".picture > img")
    await expect(picture).to_have_js_property("complete", value=True)
    assert await picture.evaluate("each => each.naturalWidth") > 0
    await assert_accessible(page)
    await page.get_by_role("button", name="Withdraw this picture").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 product loses this picture.")
    await expect(dialog).to_contain_text("LAMP")
    await assert_accessible(page, ["light"])
    await dialog.get_by_label("Why, for the history").fill("wrong colour")
    await dialog.get_by_role("button", name="Withdraw now").click()
    await expect(page.get_by_role("status")).to_have_text("The picture is withdrawn.")
    await expect(page.locator("#darkness .figure")).to_have_text(re.compile(r"^[\d,]+ ms$"))
    await assert_accessible(page, ["light"])
    assert (await page.request.get(given_out)).status == 410
    await page.get_by_role("button", name="Undo: reinstate").click()
    await page.get_by_role("button", name="Reinstate", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("The picture is back as it was.")


async def test_pages_of_one_asset_licence_and_preset_are_accessible_and_fit(
    page: Tab, enter: Enter, filled: Shop, base_url: str
) -> None:
    asset = await filled.stage.asset()
    licence = await filled.stage.licence(LicenceRecord(code="PHOTO", licensor="Studio"), asset)
    await enter("administrator")
    await page.set_viewport_size({"width": 360, "height": 740})
    too_wide: dict[str, int] = {}
    for path in (
        f"assets/{asset.public_id}",
        f"assets/{asset.public_id}/terms?of=grants",
        f"licences/{licence}",
        "presets/card",
    ):
        await page.goto(f"{base_url}/console/{path}")
        await assert_accessible(page, ["light"])
        width = await page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            too_wide[path] = width
    assert too_wide == {}
    # what is changed is saved as a draft, and shown at once
    await page.get_by_role("combobox", name="Crop").select_option("PAD")
    await expect(page.get_by_text("The draft is version 2.")).to_be_visible()
    draft = page.get_by_role("figure", name="Draft").get_by_role("img").first
    await draft.scroll_into_view_if_needed()
    await expect(draft).to_have_js_property("complete", value=True)
    await page.get_by_role("link", name="See what it changes, and publish").click()
    await page.get_by_role("button", name="Publish the draft").click()
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("The draft is published.")
