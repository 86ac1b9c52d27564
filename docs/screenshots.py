"""Takes the pictures of the documentation, `docs/images/*.webp`, of a `vitrine up` that runs.

    make up                                     # leave it running, with its demo
    .venv/bin/python docs/screenshots.py        # in a second terminal; ARGS name some of them

With `--console FOLDER` it takes every page of the console instead, light and dark, wide and narrow,
to be looked at: the whole of each, `products.dark.narrow.png` and so on.

It needs Debian's chromium. What it changes in the demo it changes back.
"""

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, StorageState, async_playwright
from playwright.async_api import TimeoutError as NothingThere

from console.menu import PAGES

IMAGES = Path(__file__).parent / "images"
HOME = Path(os.environ.get("VITRINE_HOME", ".vitrine"))
MOST_BYTES = 200_000


async def nothing(_: Page) -> None:
    """Show the page as it opens."""


async def withdraw(page: Page) -> None:
    """Withdraw the first picture of a product in the shop."""
    await page.get_by_role("button", name="Withdraw this picture").first.click()
    await page.get_by_text("Dark in this page after").wait_for()


async def bring_back(page: Page) -> None:
    """Bring it back."""
    await page.get_by_role("button", name="Bring it back").click()
    await page.get_by_role("button", name="Withdraw this picture").first.wait_for()


async def run_example(page: Page) -> None:
    """Run the first example of GraphiQL."""
    await page.get_by_role("button", name="Execute").click()
    await page.locator("#pictures img").first.wait_for()


async def ask_to_withdraw(page: Page) -> None:
    """Open the first asset, and ask what its withdrawal makes dark."""
    await page.locator(".card strong").first.click()
    await page.get_by_role("button", name="Withdraw this picture").click()
    await page.get_by_role("dialog").wait_for()


async def open_first(page: Page) -> None:
    """Open the first row of a list."""
    await page.locator("[data-row] a").first.click()
    await page.locator("h1").wait_for()


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture.

    Attributes:
        path: of the page, below the api's address.
        size_px: of the window.
        does: what is done on the page before.
        undoes: and after.
    """

    path: str
    size_px: tuple[int, int] = (1280, 860)
    does: Callable[[Page], Awaitable[None]] = nothing
    undoes: Callable[[Page], Awaitable[None]] = nothing


SHOTS = {
    "shop": Shot(path="/demo/US/en-US/", size_px=(1280, 880)),
    "withdrawn": Shot(
        path="/demo/US/en-US/p/LMP-HALO", size_px=(1280, 760), does=withdraw, undoes=bring_back
    ),
    "graphiql": Shot(path="/graphql", does=run_example),
    "console-home": Shot(path="/console", size_px=(1280, 800)),
    "console-products": Shot(path="/console/products", size_px=(1280, 760)),
    "console-withdraw": Shot(path="/console/assets", size_px=(1280, 860), does=ask_to_withdraw),
    "console-assets": Shot(path="/console/assets", size_px=(1280, 800)),
}
#: Every page of the console that stands by itself, and the first of those that show one thing.
CONSOLE = {
    **{
        (page.path.strip("/") or "home").replace("/", "-"): Shot(path=f"/console{page.path}")
        for page in PAGES
        if "{" not in page.path and page.path != "/under-way"
    },
    **{
        f"one-{name}": Shot(path=f"/console/{name}", does=open_first)
        for name in ("products", "assets", "licences", "collections", "people", "tasks", "work")
    },
    "search-found": Shot(path="/console/search?q=lamp"),
    "lost": Shot(path="/console/nothing"),
}


async def main(arguments: list[str]) -> None:
    """Take the pictures of these names, or all; after `--console` every page, into a folder."""
    folder = Path(arguments[1]) if arguments[:1] == ["--console"] else None
    names = arguments[2:] if folder else arguments
    run = json.loads((HOME / "run.json").read_text())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium")
        session = await logged_in(browser, run["api_url"])
        for name in names or CONSOLE if folder else ():
            await look(browser, run["api_url"], name, session, folder or IMAGES)
        for name in () if folder else names or SHOTS:
            await take(browser, run["api_url"], name, session)
        await browser.close()


async def logged_in(browser: Browser, api_url: str) -> StorageState:
    """Log the administrator in, and return the session."""
    command = [sys.executable, "-m", "vitrine", "user", "login-link", "administrator"]
    environment = {**os.environ, "VITRINE_API_BASE": api_url}
    said = subprocess.run(  # noqa: ASYNC221, S603 - our own command, and nothing else runs
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout
    link = next(line for line in said.splitlines() if line.startswith("http"))
    page = await browser.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Log in as").click()
    await page.wait_for_load_state("networkidle")
    session = await page.context.storage_state()
    await page.context.close()
    return session


async def take(browser: Browser, api_url: str, name: str, session: StorageState) -> None:
    """Take one picture.

    Raises:
        ValueError: it has too many bytes.
    """
    shot = SHOTS[name]
    width, height = shot.size_px
    context = await browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1.5, storage_state=session
    )
    page = await context.new_page()
    for _ in range(2):  # fonts are there at once when a page opens again
        await page.goto(f"{api_url}{shot.path}")
        await page.wait_for_load_state("networkidle")
    await shot.does(page)
    await page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(await page.screenshot()))
    await shot.undoes(page)
    await context.close()
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=82, method=6)
    if written.tell() > MOST_BYTES:
        raise ValueError(f"{name} has {written.tell():,} bytes: choose a smaller window")
    (IMAGES / f"{name}.webp").write_bytes(written.getvalue())
    sys.stdout.write(f"{name}.webp {written.tell():,} bytes\n")


async def look(
    browser: Browser, api_url: str, name: str, session: StorageState, folder: Path
) -> None:
    """Take a page of the console in both themes and two widths."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs
    for theme in ("light", "dark"):
        for size, width in (("wide", 1280), ("narrow", 360)):
            context = await browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=theme, storage_state=session
            )
            context.set_default_timeout(10_000)
            page = await context.new_page()
            await page.goto(f"{api_url}{CONSOLE[name].path}")
            try:
                await CONSOLE[name].does(page)
            except NothingThere:
                sys.stdout.write(f"{name} has no row to open\n")
            await page.wait_for_load_state("networkidle")
            await page.screenshot(path=folder / f"{name}.{theme}.{size}.png", full_page=True)
            await context.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
