"""The key under which a rendition is stored: all that decides its bytes, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.delivery.model import CropMode, FocalPoint, Format, RenditionRequest, RightsRecord
from catalog.storage.folder import FolderStore
from imaging.content_key import content_key
from tests.imaging.stored_rig import REQUEST, Bench


def test_the_key_is_below_the_source_and_accepted_by_every_store(tmp_path: Path) -> None:
    key = content_key(REQUEST)
    assert key.startswith(f"renditions/{REQUEST.source_sha256}/")
    FolderStore(tmp_path).local_path(key)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, width_px=101),
        replace(REQUEST, format=Format.AVIF),
        replace(REQUEST, source_sha256="cd" * 32),
        replace(REQUEST, rights=RightsRecord(credit="A")),
        replace(REQUEST, notice="(c) Ann"),
        replace(REQUEST, recipe=replace(REQUEST.recipe, sharpen=True)),
        replace(REQUEST, recipe=replace(REQUEST.recipe, background="#000000")),
        replace(REQUEST, recipe=replace(REQUEST.recipe, quality_percent={Format.WEBP: 50})),
        replace(REQUEST, recipe=replace(REQUEST.recipe, max_bytes=100_000)),
        replace(REQUEST, recipe=replace(REQUEST.recipe, mode=CropMode.FILL, ratio=(1, 1))),
    ],
)
def test_what_changes_bytes_changes_the_key(other: RenditionRequest) -> None:
    assert content_key(other) != content_key(REQUEST)


@pytest.mark.parametrize(
    "same",
    [
        replace(REQUEST, focal=FocalPoint(x=0.1, y=0.1)),  # nothing is cropped
        replace(REQUEST, recipe=replace(REQUEST.recipe, widths_px=(1, 2))),
        replace(REQUEST, recipe=replace(REQUEST.recipe, formats=(Format.PNG,))),
        replace(REQUEST, recipe=replace(REQUEST.recipe, mode=CropMode.FILL)),
        replace(REQUEST, recipe=replace(REQUEST.recipe, quality_percent={Format.JPEG: 50})),
        replace(REQUEST, recipe=replace(REQUEST.recipe, quality_percent={Format.WEBP: 79})),
    ],
)
async def test_what_leaves_bytes_alone_leaves_the_key_alone(
    bench: Bench, same: RenditionRequest
) -> None:
    assert content_key(same) == content_key(REQUEST)
    master = await bench.store.read(REQUEST.master_key)
    assert await bench.pool.run(master, same) == await bench.pool.run(master, REQUEST)


def test_a_notice_that_the_record_replaces_leaves_the_key_alone() -> None:
    recorded = replace(REQUEST, rights=RightsRecord(credit="A"))
    assert content_key(replace(recorded, notice="(c) Ann")) == content_key(recorded)
