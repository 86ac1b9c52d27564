"""Presets as pages: begun, edited beside a preview, published with what differs, discarded."""

import re

import httpx2

from tests.api.identity.browser import SAME_ORIGIN, Browser
from tests.api.shop import Shop
from tests.console.conftest import LogIn

CARD = "/console/presets/card"
RECIPE = {
    "mode": "PAD",
    "widths": "64, 320",
    "formats": "JPEG",
    "quality_JPEG": "70",
    "background": "#ff0000",
    "audience": "WEB",
    "lifetime": "86400",
}


def expected(page: httpx2.Response) -> str:
    found = re.search(r'id="preview".*?name="expected" value="(\d+)"', page.text, re.DOTALL)
    assert found, page.text
    return found[1]


async def edit(ada: Browser, do: str, **fields: str) -> httpx2.Response:
    page = await ada.open(CARD)
    sent = {**RECIPE, "expected": expected(page), "do": do, **fields}
    return await ada.send(page, CARD, sent)


async def test_a_draft_is_previewed_published_and_what_differs_is_said(
    log_in: LogIn, shop: Shop
) -> None:
    picture = await shop.asset()
    ada = await log_in("media_manager")
    assert "cropped around the focal point" in (await ada.open("/console/presets")).text
    part = await edit(ada, "preview")
    assert part.status_code == 200
    assert "<html" not in part.text
    assert expected(part) == "2"
    addresses = re.findall(r'src="(/console/presets/card/\d+/\w+)"', part.text)
    assert addresses == [f"{CARD}/{version}/{picture.public_id}" for version in (1, 2)]
    led = await ada.open(addresses[1])
    assert led.status_code == 302
    assert f"/{picture.public_id}/" in led.headers["location"]
    assert "/card.2-320/" in led.headers["location"]
    assert led.headers["cache-control"] == "private, no-store"
    page = await ada.open(CARD)
    assert "the whole picture on a background" in page.text
    assert "#ff0000" in page.text
    done = await ada.send(page, CARD, {"do": "publish", "expected": "2"})
    assert done.status_code == 303
    assert "version 2" in (await ada.open(CARD)).text


async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(log_in: LogIn, shop: Shop) -> None:
    assert shop
    ada = await log_in("media_manager")
    for fields, said in (
        ({"widths": "wide"}, "recipe.widths"),
        ({"widths": "0"}, "recipe.widths"),
        ({"ratio_width": "4"}, "recipe.ratio"),
        ({"expected": "7"}, "Somebody has changed it meanwhile"),
        ({"expected": "7", "lifetime": "601"}, "Somebody saved another draft while"),
    ):
        refused = await edit(ada, "save", **fields)
        assert refused.status_code == 422
        assert said in refused.text
        assert "#ff0000" in refused.text
    assert (await edit(ada, "publish", expected="9")).status_code == 422


async def test_a_preset_is_begun_discarded_and_retired(log_in: LogIn, shop: Shop) -> None:
    assert shop
    ada = await log_in("media_manager")
    page = await ada.open("/console/presets")
    begun = await ada.send(page, "/console/presets", {"do": "create", "code": "wide"})
    assert begun.headers["location"] == "/console/presets/wide"
    wide = await ada.open("/console/presets/wide")
    assert "It is the first version." in wide.text
    gone = await ada.send(wide, "/console/presets/wide", {"do": "discard", "expected": "1"})
    assert gone.headers["location"] == "/console/presets"
    assert (await ada.open("/console/presets/wide")).status_code == 404
    wrong = await ada.send(page, "/console/presets", {"do": "create", "code": "<b>"})
    assert wrong.status_code == 422
    assert "<b>" not in wrong.text
    thumb = await ada.open("/console/presets/thumb")
    retired = await ada.http.post(
        "/console/presets/thumb",
        data={
            "do": "retire",
            "expected": "1",
            "token": re.search(r'name="token" value="([^"]+)"', thumb.text)[1],  # pyright: ignore[reportOptionalSubscript] - it is there
        },
        headers=dict(SAME_ORIGIN),
    )
    assert retired.status_code == 303


async def test_presets_are_for_those_who_manage_them(log_in: LogIn, shop: Shop) -> None:
    assert shop
    editor = await log_in("editor")
    assert (await editor.open("/console/presets")).status_code == 403
    assert (await editor.open(CARD)).status_code == 403
