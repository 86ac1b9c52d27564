"""`vitrine renditions`: made ahead, counted, removed, for people and for programs."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.db import Pool
from tests.relay.test_warm_up import OF_ONE_ASSET, associate
from tests.support.commands import vitrine
from tests.support.s3_server import S3Server
from tests.support.stage import Stage, StagedAsset, store_in


@pytest.fixture
async def stage(pool: Pool, tmp_path: Path) -> Stage:
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    return stage


@pytest.fixture
async def asset(stage: Stage) -> StagedAsset:
    return await stage.asset()


class RenditionsCommand:
    """The command on this test's database and store."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home = home
        self.settings = {"database_url": database_url}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return vitrine("renditions", *arguments, home=self.home, **self.settings)

    def json(self, *arguments: str, status: int = 0) -> Mapping[str, Any]:
        said = self(*arguments, "--json")
        assert said.returncode == status, said.stderr
        return json.loads(said.stdout)


@pytest.fixture
def renditions(tmp_path: Path, database_url: str) -> RenditionsCommand:
    return RenditionsCommand(tmp_path, database_url)


def test_a_second_warm_up_finds_everything_stored(
    renditions: RenditionsCommand, asset: StagedAsset
) -> None:
    first = renditions.json("warm", asset.public_id)
    assert (first["assets"], first["rendered"], first["stored"]) == (1, OF_ONE_ASSET, 0)
    again = renditions.json("warm", asset.public_id, asset.public_id)
    assert (again["assets"], again["rendered"], again["stored"]) == (1, 0, OF_ONE_ASSET)


def test_presets_widths_and_formats_are_chosen(
    renditions: RenditionsCommand, asset: StagedAsset
) -> None:
    chosen = ("--preset", "card", "--width", "64", "--format", "webp", "--format", "jpg")
    assert renditions.json("warm", asset.public_id, *chosen)["rendered"] == 2
    for wrong, known in (
        (("--preset", "cards"), "card, staff-thumb, thumb"),
        (("--width", "65"), "320, 48, 64"),
        (("--preset", "thumb", "--format", "png"), "avif, jpg, webp"),
    ):
        said = renditions("warm", asset.public_id, *wrong)
        assert (said.returncode, "(INVALID_INPUT)" in said.stderr) == (2, True)
        assert known in said.stderr


async def test_widths_that_a_picture_cannot_fill_are_made_only_when_named(
    renditions: RenditionsCommand, stage: Stage
) -> None:
    small = await stage.asset()
    await stage.pool.execute(
        "UPDATE asset_version SET width_px = 40, height_px = 50 WHERE asset = $1", small.id
    )
    card = ("--preset", "card", "--format", "webp")  # 64 and 320 give the same 40 px
    assert renditions.json("warm", small.public_id, *card)["rendered"] == 1
    named = renditions.json("warm", small.public_id, *card, "--width", "64", "--width", "320")
    assert (named["rendered"], named["stored"]) == (1, 1)


async def test_products_and_published_heroes_are_warmed(
    renditions: RenditionsCommand, stage: Stage
) -> None:
    hero, gallery, unpublished = [await stage.asset() for _ in range(3)]
    product, draft = await stage.product(), await stage.product()
    await associate(stage, product, hero, "hero")
    await associate(stage, product, gallery, "gallery")
    await associate(stage, draft, unpublished, "hero")
    await stage.publish(product)
    thumb = ("--preset", "thumb", "--format", "webp")

    assert renditions.json("warm", "--heroes", *thumb)["rendered"] == 1
    both = renditions.json("warm", "--product", product, *thumb)
    assert (both["assets"], both["rendered"], both["stored"]) == (2, 1, 1)


async def test_what_cannot_be_made_is_said_and_the_rest_is_made(
    renditions: RenditionsCommand, stage: Stage, asset: StagedAsset
) -> None:
    broken = await stage.asset(body=b"no picture")
    thumb = ("--preset", "thumb", "--format", "webp")
    said = renditions.json("warm", broken.public_id, asset.public_id, *thumb, status=1)
    assert said["rendered"] == 1
    (failure,) = said["failures"]
    assert (failure["asset"], failure["code"]) == (broken.public_id, "BROKEN_SOURCE")
    told = renditions("warm", broken.public_id, *thumb)
    assert (told.returncode, "(BROKEN_SOURCE)" in told.stdout) == (1, True)


@pytest.mark.parametrize("arguments", [("warm",), ("purge",), ("warm", "x", "--at-once", "-1")])
def test_what_names_nothing_is_refused(
    renditions: RenditionsCommand, arguments: tuple[str, ...]
) -> None:
    assert renditions(*arguments).returncode == 2


def test_an_asset_that_does_not_exist_is_said(
    renditions: RenditionsCommand, asset: StagedAsset
) -> None:
    said = renditions("warm", asset.public_id, "nosuchasset")
    assert said.returncode == 1
    assert "nosuchasset" in said.stderr


async def test_stats_count_by_tier_and_by_source(
    renditions: RenditionsCommand, stage: Stage, asset: StagedAsset
) -> None:
    other = await stage.asset()
    one = ("--preset", "thumb", "--format", "webp")
    renditions.json("warm", asset.public_id, other.public_id, *one)
    sizes = [each.size_bytes async for each in stage.store.objects("renditions/")]

    said = renditions.json("stats", "--by-source")
    assert said["tiers"] == {"store": {"count": 2, "size_bytes": sum(sizes)}}
    assert sorted(each["assets"] for each in said["sources"]) == sorted([
        [asset.public_id],
        [other.public_id],
    ])
    assert renditions.json("stats", asset.public_id)["tiers"]["store"]["count"] == 1
    assert asset.public_id in renditions("stats", "--by-source").stdout


async def test_a_purge_removes_nothing_until_it_is_told_to(
    renditions: RenditionsCommand, stage: Stage, asset: StagedAsset
) -> None:
    other = await stage.asset()
    one = ("--preset", "thumb", "--format", "webp")
    renditions.json("warm", asset.public_id, other.public_id, *one)

    assert renditions.json("purge", asset.public_id)["count"] == 1
    told = renditions("purge", asset.public_id)
    assert "Would remove 1 renditions" in told.stdout
    assert len([each async for each in stage.store.objects("renditions/")]) == 2

    assert renditions.json("purge", asset.public_id, "--delete")["count"] == 1
    assert len([each async for each in stage.store.objects("renditions/")]) == 1
    assert renditions.json("purge", asset.public_id, "--delete")["count"] == 0


async def test_orphans_are_renditions_of_bytes_that_no_version_has(
    renditions: RenditionsCommand, stage: Stage, asset: StagedAsset
) -> None:
    renditions.json("warm", asset.public_id, "--preset", "thumb", "--format", "webp")
    gone = "ab" * 32
    await stage.store.write(f"renditions/{gone}/{'cd' * 32}", b"of a file that was replaced")

    assert renditions.json("purge", "--orphans")["sources"] == [gone]
    assert renditions.json("purge", "--orphans", "--delete")["count"] == 1
    assert renditions.json("purge", "--orphans")["sources"] == []
    assert renditions.json("stats")["tiers"]["store"]["count"] == 1


async def test_the_folder_of_the_machine_is_counted_and_purged_with_the_store_in_s3(
    renditions: RenditionsCommand, stage: Stage, asset: StagedAsset, s3: S3Server
) -> None:
    renditions.json("warm", asset.public_id, "--preset", "thumb", "--format", "webp")
    (key,) = [each.key async for each in stage.store.objects("renditions/")]
    near = renditions.home / "renditions" / key
    near.parent.mkdir(parents=True)
    near.write_bytes(await stage.store.read(key))
    renditions.settings |= {
        "store_url": f"s3://{s3.make_bucket('shop')}/media",
        "s3_endpoint_url": s3.endpoint_url,
        "s3_region": s3.region,
        "s3_access_key": s3.access_key,
        "s3_secret_key": s3.secret_key,
    }
    tiers = renditions.json("stats")["tiers"]
    assert (tiers["folder"]["count"], tiers["store"]["count"]) == (1, 0)
    assert renditions.json("purge", asset.public_id, "--delete")["count"] == 1
    assert not near.exists()
