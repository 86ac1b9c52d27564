"""Presets at a running gateway: drafts for staff alone, a maximum of bytes, info of a rendition."""

import os
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from PIL import Image

from catalog.clock import utc_now
from catalog.delivery.commands import (
    discard_preset_draft,
    publish_preset,
    put_presets,
    retire_preset,
    save_preset_draft,
)
from catalog.delivery.model import Format, PresetRecord, Recipe
from catalog.purges.darkness import wait_until_dark
from tests.imaging.pictures import encoded
from tests.support.people import ADA
from tests.support.stage import WORLDWIDE, Stage, StagedAsset
from tests.support.waiting import eventually

FORMATS = (Format.AVIF, Format.WEBP, Format.JPEG, Format.PNG)
JSON = {"Accept": "application/json"}
WIDER = PresetRecord(code="card", recipe=Recipe(widths_px=(64, 96), formats=FORMATS))


async def draft(stage: Stage, record: PresetRecord = WIDER) -> int:
    """Save a draft; return its version once every gateway knows it."""
    async with stage.changes.begin(ADA) as change:
        saved = await save_preset_draft(change, record)
    await wait_until_dark(stage.pool, change.recorded, lease_s=30)
    return saved.version


async def put(stage: Stage, recipe: Recipe) -> None:
    """Make the preset `small`."""
    async with stage.changes.begin(ADA) as change:
        await put_presets(change, [PresetRecord(code="small", recipe=recipe)])


def noisy(width_px: int = 300, height_px: int = 200) -> bytes:
    """What no encoder can shorten."""
    pixels = os.urandom(width_px * height_px * 3)
    return encoded(Image.frombytes("RGB", (width_px, height_px), pixels), "PNG")


async def test_nobody_but_staff_can_tell_a_draft_from_a_preset_that_does_not_exist(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset, other = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    version = await draft(stage)
    day = timedelta(days=1)
    tokens = [
        stage.token(asset),
        stage.token(asset, lives=day, begins=-2 * day),
        stage.token(asset, lives=day, begins=day),
        stage.token(other),
        stage.staff_token(other),
        stage.staff_token(asset) + "x",
        "k9" + stage.staff_token(asset)[2:],
        "",
    ]
    queries = [*(f"?t={token}" for token in tokens), "", "?x=1", "?" + "x&" * 100]
    drafted = stage.path(asset, version=version, width_px=96)
    absent = stage.path(asset, preset="poster", width_px=96)

    for query in queries:
        for method in ("GET", "HEAD"):
            unknown = await gateway.request(method, absent + query)
            refused = await gateway.request(method, drafted + query)
            assert (refused.status_code, unknown.status_code) == (404, 404)
            assert refused.content == unknown.content
            assert _without_ids(refused) == _without_ids(unknown)


def _without_ids(answer: httpx2.Response) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}


async def test_staff_see_a_draft_and_no_cache_keeps_it(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    unlicensed = await stage.asset()
    version = await draft(stage)

    answer = await gateway.get(
        stage.url(unlicensed, stage.staff_token(unlicensed), version=version, width_px=96)
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not {"xkey", "cdn-cache-control", "surrogate-key"} & set(answer.headers)


async def test_a_draft_that_is_edited_or_given_up_is_gone_and_one_that_is_published_is_for_all(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)

    async def status(version: int, token: str) -> int:
        url = stage.url(asset, token, version=version, width_px=96)
        return (await gateway.get(url)).status_code

    first = await draft(stage)
    assert await status(first, stage.staff_token(asset)) == 200
    second = await draft(stage, PresetRecord(code="card", recipe=Recipe(widths_px=(96,))))
    assert await status(first, stage.staff_token(asset)) == 404
    assert await status(second, stage.staff_token(asset)) == 200
    async with stage.changes.begin(ADA) as change:
        await discard_preset_draft(change, "card")
    await wait_until_dark(stage.pool, change.recorded, lease_s=30)
    assert await status(second, stage.staff_token(asset)) == 404
    third = await draft(stage)
    assert await status(third, stage.token(asset)) == 404
    async with stage.changes.begin(ADA) as change:
        await publish_preset(change, "card")
    await wait_until_dark(stage.pool, change.recorded, lease_s=30)
    assert await status(third, stage.token(asset)) == 200


async def test_what_is_retired_is_served_until_its_end_and_no_cache_keeps_it_longer(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with stage.changes.begin(ADA) as change:
        await retire_preset(change, "card")
    soon = utc_now() + timedelta(seconds=40)
    await stage.pool.execute("UPDATE preset SET served_until = $1 WHERE state = 'retired'", soon)
    await wait_until_dark(stage.pool, change.recorded, lease_s=30)

    async def capped() -> bool:
        answer = await gateway.get(stage.url(asset))
        assert answer.status_code == 200
        lifetimes = [
            int(answer.headers[name].split("max-age=")[1].split(",")[0])
            for name in ("Cache-Control", "CDN-Cache-Control")
        ]
        return max(lifetimes) < 40

    await draft(stage)  # an event, so that the gateway reads presets again
    await eventually(capped)


@pytest.mark.parametrize("image_format", [Format.AVIF, Format.WEBP, Format.JPEG])
async def test_a_rendition_is_no_larger_than_its_preset_allows(
    stage: Stage, gateway: httpx2.AsyncClient, image_format: Format
) -> None:
    asset = await stage.asset(WORLDWIDE, body=noisy())
    await put(stage, Recipe(widths_px=(200,)))
    at_best = await gateway.get(
        stage.url(asset, preset="small", width_px=200, image_format=image_format)
    )
    most = len(at_best.content) - 500
    await put(stage, Recipe(widths_px=(200,), max_bytes=most))

    bounded = await gateway.get(
        stage.url(asset, preset="small", version=2, width_px=200, image_format=image_format)
    )

    assert (at_best.status_code, bounded.status_code) == (200, 200)
    assert len(bounded.content) <= most
    assert bounded.headers["ETag"] != at_best.headers["ETag"]


async def test_what_cannot_be_small_enough_is_not_found_and_waits_for_a_person_once(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE, body=noisy())
    await put(stage, Recipe(widths_px=(200, 300), formats=FORMATS, max_bytes=1000))

    for width_px in (200, 300):
        for image_format in FORMATS:
            answer = await gateway.get(
                stage.url(asset, preset="small", width_px=width_px, image_format=image_format)
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "RENDITION_TOO_LARGE")
            assert answer.headers["Cache-Control"] == "no-store"

    async def queued() -> bool:
        rows = await stage.pool.fetch("SELECT kind, subject, cause FROM task")
        return [tuple(row) for row in rows] == [
            ("rendition_too_large", f"asset/{asset.public_id}", "preset small.1")
        ]

    await eventually(queued)
    assert (await gateway.get(stage.url(asset))).status_code == 200  # the source is not at fault


async def test_who_tries_a_draft_is_told_that_it_is_too_small_and_nobody_else_is_bothered(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset, broken = await stage.asset(WORLDWIDE, body=noisy()), await stage.asset(body=b"broken")
    recipe = Recipe(widths_px=(200,), max_bytes=1000)
    version = await draft(stage, PresetRecord(code="card", recipe=recipe))
    tried = stage.url(asset, stage.staff_token(asset), version=version, width_px=200)

    assert (await gateway.get(tried)).json()["code"] == "RENDITION_TOO_LARGE"
    await gateway.get(stage.url(broken, stage.staff_token(broken)))

    async def queued() -> bool:
        return await stage.pool.fetchval("SELECT count(*) > 0 FROM task")

    await eventually(queued)
    assert await stage.pool.fetchval("SELECT array_agg(kind) FROM task") == ["broken_source"]


async def info(
    stage: Stage, gateway: httpx2.AsyncClient, asset: StagedAsset, **path: object
) -> tuple[dict[str, Any], httpx2.Response]:
    url = stage.url(asset, stage.staff_token(asset), **path)
    answer = await gateway.get(url, headers=JSON)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.json(), await gateway.get(url)


async def test_staff_are_told_how_a_rendition_is_made(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE, body=noisy())
    record = PresetRecord(code="card", recipe=Recipe(widths_px=(64, 100), max_bytes=9_000))
    version = await draft(stage, record)

    told, image = await info(
        stage, gateway, asset, version=version, width_px=100, image_format=Format.WEBP
    )
    again, _ = await info(
        stage, gateway, asset, version=version, width_px=100, image_format=Format.WEBP
    )

    assert (told["asset"], told["preset"], told["version"], told["state"]) == (
        asset.public_id,
        "card",
        version,
        "draft",
    )
    assert told["recipe"]["max_bytes"] == 9_000
    assert (told["asked_width_px"], told["width_px"], told["height_px"]) == (100, 100, 67)
    assert (told["format"], told["bytes"]) == ("webp", len(image.content))
    assert told["etag"] == image.headers["ETag"]
    assert (told["found"], again["found"]) == ("rendered", "memory")
    making = told["making"]
    assert making["master"] == {"width_px": 300, "height_px": 200}
    assert making["quality_percent"] == 79
    assert making["encodings"] == 1
    assert [step["name"] for step in making["steps"]][-1] == "encode"
    assert again["making"] == making


async def test_the_quality_that_was_used_is_told(stage: Stage, gateway: httpx2.AsyncClient) -> None:
    asset = await stage.asset(WORLDWIDE, body=noisy())
    await put(stage, Recipe(widths_px=(100,)))
    free, _ = await info(stage, gateway, asset, preset="small", width_px=100)
    await put(stage, Recipe(widths_px=(100,), max_bytes=free["bytes"] - 200))

    bounded, _ = await info(stage, gateway, asset, preset="small", version=2, width_px=100)

    assert bounded["making"]["quality_percent"] < free["making"]["quality_percent"] == 69
    assert bounded["making"]["encodings"] > free["making"]["encodings"] == 1


async def test_info_is_for_staff_and_for_those_who_ask_for_it(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)

    public = await gateway.get(stage.url(asset), headers=JSON)
    refused = await gateway.get(
        stage.url(asset, stage.staff_token(asset)), headers={"Accept": "application/json;q=0, */*"}
    )

    assert public.headers["Content-Type"] == refused.headers["Content-Type"] == "image/jpeg"
    assert public.headers["Cache-Control"].startswith("public")
