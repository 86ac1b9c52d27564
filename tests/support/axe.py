"""What axe-core finds wrong with a page, by the rules of WCAG 2.2 up to AA."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
from playwright.async_api import CDPSession, Page

_FILE = Path(__file__).parent / "vendor/axe.min.js"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_OPTIONS = {
    "runOnly": {"type": "tag", "values": _RULES},
    "resultTypes": ["violations"],
    "preload": False,  # it would fetch stylesheets, which the page's own policy may forbid
}
_RUN = f"axe.run(document, {orjson.dumps(_OPTIONS).decode()}).then(found => found.violations)"


async def assert_accessible(page: Page, schemes: Sequence[str] = ("light", "dark")) -> None:
    """Hold a page as it is now against the rules, in light and in dark.

    Args:
        page: the tab.
        schemes: of colours; one is enough where others have shown that the tokens hold.

    Raises:
        AssertionError: there are violations; it names each rule with the elements that break it.
    """
    # A policy of the page forbids scripts of others, but not what the debugger evaluates.
    debugger = await page.context.new_cdp_session(page)
    await _evaluate(debugger, _source())
    found: dict[str, list[str]] = {}
    for scheme in schemes:
        # without motion: a colour on its way from one scheme to the other has neither contrast
        await page.emulate_media(color_scheme=cast("Any", scheme), reduced_motion="reduce")
        for violation in await _evaluate(debugger, _RUN):
            elements = [f"{node['html']}: {node['failureSummary']}" for node in violation["nodes"]]
            found[f"{violation['id']} ({scheme})"] = elements
    await page.emulate_media(color_scheme="null", reduced_motion="null")
    await debugger.detach()
    assert not found, f"{page.url}: {found}"


async def _evaluate(debugger: CDPSession, expression: str) -> Any:  # noqa: ANN401 - JSON
    wanted = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    send = cast(
        "Callable[..., Awaitable[dict[str, Any]]]",
        debugger.send,  # pyright: ignore[reportUnknownMemberType] - Playwright says `dict` alone
    )
    answer = await send("Runtime.evaluate", wanted)
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


@cache
def _source() -> str:
    return f"{_FILE.read_text()}\n;0"  # the value of the last expression is sent back
