"""A gateway keeps the mezzanines of its large masters, and never delivers by them alone."""

from pathlib import Path

import httpx2
import pytest

from catalog.delivery.model import Format
from catalog.purges.darkness import wait_until_dark
from catalog.rights.commands import withdraw_asset
from gateway.app import create_app
from tests.support.people import TEST
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage, draw, master_key_text
from vitrine.settings import Settings, load_settings

GERMAN = {"CF-IPCountry": "DE"}


def kept_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]


def large() -> bytes:
    return draw(width_px=4000, height_px=2010)


async def test_a_large_master_leaves_one_and_a_small_one_none(
    stage: Stage, gateway: httpx2.AsyncClient, tmp_path: Path
) -> None:
    small = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(small))).status_code == 200
    assert kept_in(tmp_path / "mezzanine") == []

    asset = await stage.asset(WORLDWIDE, body=large())
    assert (await gateway.get(stage.url(asset))).status_code == 200
    (kept,) = kept_in(tmp_path / "mezzanine")
    assert kept.stat().st_mode & 0o077 == 0
    assert (tmp_path / "mezzanine").stat().st_mode & 0o077 == 0


async def test_what_is_kept_is_not_delivered_once_it_is_withdrawn(
    stage: Stage, gateway: httpx2.AsyncClient, tmp_path: Path
) -> None:
    asset = await stage.asset(WORLDWIDE, body=large())
    assert (await gateway.get(stage.url(asset))).status_code == 200
    assert len(kept_in(tmp_path / "mezzanine")) == 1

    async with stage.changes.begin(TEST) as change:
        recorded = await withdraw_asset(change, asset.public_id)
    assert recorded is not None
    await wait_until_dark(stage.pool, [recorded], lease_s=5)
    for image_format in (Format.JPEG, Format.PNG):  # rendered before, and never
        answer = await gateway.get(stage.url(asset, image_format=image_format))
        assert answer.status_code == 410


@pytest.mark.parametrize("max_mib", [0, 64])
async def test_the_folder_can_be_elsewhere_or_switched_off(
    stage: Stage, settings: Settings, tmp_path: Path, max_mib: int
) -> None:
    assert stage.keys
    elsewhere = tmp_path / "fast-disk"
    chosen = load_settings(
        home=settings.home,
        database_url=settings.database_url,
        gateway_database_url=settings.gateway_database_url,
        master_key=master_key_text(),
        mezzanines=str(elsewhere),
        mezzanines_max_mib=max_mib,
    )
    asset = await stage.asset(WORLDWIDE, body=large())
    async with (
        serve(create_app(chosen)) as base_url,
        httpx2.AsyncClient(base_url=base_url, headers=GERMAN) as client,
    ):
        assert (await client.get(stage.url(asset))).status_code == 200
    assert len(kept_in(elsewhere)) == (1 if max_mib else 0)
    assert kept_in(tmp_path / "mezzanine") == []
