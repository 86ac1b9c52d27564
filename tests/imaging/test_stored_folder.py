"""A folder of the machine between memory and the store: renditions that are near."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.storage.folder import FolderStore
from imaging.content_key import content_key
from imaging.stored_renditions import StoredLimits, StoredRenditions, open_stored_renditions
from imaging.tiers import FolderLimits, tiers_of
from tests.imaging.stored_rig import REQUEST, Bench, ignore, store_rendition


@pytest.fixture
def folder(tmp_path: Path) -> FolderLimits:
    return FolderLimits(folder=tmp_path / "near", max_bytes=1024**2)


@asynccontextmanager
async def _with(bench: Bench, folder: FolderLimits) -> AsyncGenerator[StoredRenditions]:
    """Another process of a machine with a folder."""
    async with open_stored_renditions(
        bench.store,
        bench.pool,
        not_stored=lambda _request, error: bench.not_stored.append(error),
        limits=StoredLimits(folder=folder),
    ) as renditions:
        yield renditions


async def test_a_folder_of_the_machine_is_asked_before_the_store_and_filled_from_it(
    bench: Bench, folder: FolderLimits
) -> None:
    await store_rendition(bench, REQUEST)
    async with _with(bench, folder) as first:
        assert (await first.find_or_render(REQUEST)).how == "store"
    bench.store.reads.clear()
    async with _with(bench, folder) as second:
        assert (await second.find_or_render(REQUEST)).how == "folder"
    assert bench.store.reads == []


async def test_what_is_rendered_goes_into_folder_and_store(
    bench: Bench, folder: FolderLimits
) -> None:
    async with _with(bench, folder) as renditions:
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"
    key = content_key(REQUEST)
    assert (folder.folder / key).read_bytes() == await bench.store.read(key)


async def test_a_damaged_file_of_the_folder_is_replaced_from_the_store(
    bench: Bench, folder: FolderLimits
) -> None:
    whole = await store_rendition(bench, REQUEST)
    file = folder.folder / content_key(REQUEST)
    file.parent.mkdir(parents=True)
    file.write_bytes(whole[:100])
    async with _with(bench, folder) as renditions:
        assert (await renditions.find_or_render(REQUEST)).how == "store"
    assert file.read_bytes() == whole


async def test_a_folder_that_cannot_be_used_costs_only_time(
    bench: Bench, folder: FolderLimits
) -> None:
    async with _with(bench, folder) as renditions:
        folder.folder.write_text("no folder any more")
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"
    async with _with(bench, replace(folder, folder=folder.folder / "below a file")) as other:
        assert (await other.find_or_render(REQUEST)).how == "store"
    assert bench.not_stored == []


async def test_a_store_that_is_a_folder_gets_no_second_one(
    bench: Bench, folder: FolderLimits
) -> None:
    async with open_stored_renditions(
        FolderStore(bench.store.root),
        bench.pool,
        not_stored=ignore,
        limits=StoredLimits(folder=folder),
    ) as renditions:
        assert (await renditions.find_or_render(REQUEST)).how == "rendered"
    assert not folder.folder.exists()
    assert [tier.name for tier in tiers_of(bench.store, replace(folder, max_bytes=0))] == ["store"]
