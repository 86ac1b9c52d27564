"""A real browser for tests of pages: Debian's chromium, driven by Playwright.

A test asks for the fixture `page`: one tab of a fresh profile, with nothing kept of another test.

    async def test_somebody_logs_in(page: Page, base_url: str) -> None:
        await page.goto(f"{base_url}/login")
        await page.get_by_label("Name").fill("Ada")
        await expect(page.get_by_role("heading")).to_have_text("Log in")
        await assert_accessible(page)  # tests.support.axe

A test that needs more than one asks for `chromium` and opens each: `async with chromium.open()`,
with `refusals=(401,)` where answers of such statuses are what it looks for, and with options of
Playwright's `new_context`, such as `viewport`, `locale` or `ignore_https_errors`.

The browser starts once in a worker, and a test that uses it runs in the event loop of the session,
as do its fixtures (`tests/conftest.py`). Names under `.test` lead to this machine, and no other
name leads anywhere. What a page may not do fails its test when it is closed: an error in the
console, which is where policies that are broken are told too, an exception of a script, and a
request to another host. Without chromium these tests are skipped.
"""

import re
import shutil
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    async_playwright,
    expect,
)

_NAMES = "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules={_NAMES}",
)
_OF_NO_HOST = frozenset({"about", "blob", "data"})
_AT_MOST_MS = 15_000  # what does not come is an error, and no hang
expect.set_options(timeout=_AT_MOST_MS)
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (\d{3}) ")


class Chromium:
    """The running browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @asynccontextmanager
    async def open(
        self,
        *,
        refusals: Collection[int] = (),
        **options: Any,  # noqa: ANN401 - each has a type of its own
    ) -> AsyncGenerator[Page]:
        """Open a tab of a fresh profile.

        Args:
            refusals: statuses from 400 on that pages of this test are answered with.
            options: of Playwright's `new_context`.

        Raises:
            AssertionError: a page did what none may do.
        """
        context = await self._browser.new_context(**options)
        context.set_default_timeout(_AT_MOST_MS)
        watch = _Watch(context, refusals)
        try:
            yield await context.new_page()
        finally:
            await context.close()
        assert not watch.faults, watch.faults


class _Watch:
    """Takes down what pages do that none may do."""

    def __init__(self, context: BrowserContext, refusals: Collection[int]) -> None:
        self.faults: list[str] = []
        self._refusals = refusals
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        refusal = _REFUSAL.match(message.text)
        is_expected = refusal is not None and int(refusal[1]) in self._refusals
        if message.type == "error" and not is_expected:
            self.faults.append(f"{message.text} ({message.location['url']})")

    def _catch(self, error: WebError) -> None:
        self.faults.append(f"{error.error}")

    def _see(self, request: Request) -> None:
        url = urlsplit(request.url)
        host = url.hostname or ""
        is_here = host in ("127.0.0.1", "localhost") or host.endswith(".test")
        if url.scheme not in _OF_NO_HOST and not is_here:
            self.faults.append(f"a request to another host: {request.url}")


@asynccontextmanager
async def run_chromium() -> AsyncGenerator[Chromium]:
    """Run one; where there is none, skip what asks for it."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs the Debian package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield Chromium(browser)
        finally:
            await browser.close()
