"""Files that were taken in before ingest read notices are looked at again, once."""

import io
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image

import relay.ingest.rereading
from catalog.changes import Changes
from catalog.db import Pool
from catalog.graph.delivery import load_asset
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord
from catalog.storage.folder import FolderStore
from imaging.ingest import open_ingestor
from relay.ingest.intake import FileIntake
from relay.ingest.rereading import Rereading
from tests.support.people import TEST

STATE_SQL = "SELECT placeholder, notice FROM asset_version"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
async def rereading(pool: Pool, store: FolderStore, tmp_path: Path) -> AsyncGenerator[Rereading]:
    """The task, and two assets that show one file, as they were before there were notices."""
    photo = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x8298] = "(c) Ann"
    body = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(body, "JPEG", exif=exif)
    photo.write_bytes(body.getvalue())
    changes = Changes(pool=pool)
    async with open_ingestor(workers=1) as ingestor:
        file = await FileIntake(pool=pool, store=store, ingestor=ingestor)(photo)
        async with changes.begin(TEST) as change:
            records = [AssetRecord(code=code, file=photo.name) for code in ("a", "b")]
            await put_assets(change, records, {"a": file, "b": file})
        await pool.execute("UPDATE asset_version SET notice = NULL, placeholder = 'data:old'")
        await pool.execute("DELETE FROM event")
        yield Rereading(changes, store, ingestor)


async def events(pool: Pool) -> list[str]:
    """Their types, with the kinds of what they touch."""
    rows = await pool.fetch("SELECT type, subjects FROM event ORDER BY seq")
    return [f"{row['type']} {row['subjects'][0].partition(':')[0]}" for row in rows]


async def test_what_shows_the_file_has_its_notice_and_is_told_of_once(
    rereading: Rereading, pool: Pool
) -> None:
    await rereading.reread(0)
    first, second = await pool.fetch(STATE_SQL)
    assert first == second
    assert first["notice"] == "(c) Ann"
    assert first["placeholder"].startswith("data:image/png;base64,")
    assert await events(pool) == ["asset.updated asset"] * 2
    public_id = await pool.fetchval("SELECT public_id FROM asset WHERE code = 'a'")
    async with pool.acquire() as conn:
        asset = await load_asset(conn, public_id)
    assert asset is not None
    assert asset.notice == "(c) Ann"

    await rereading.reread(0)
    assert await events(pool) == ["asset.updated asset"] * 2


async def test_a_file_that_the_store_has_lost_waits_for_it(
    rereading: Rereading, store: FolderStore, pool: Pool
) -> None:
    key = await pool.fetchval("SELECT storage_key FROM asset_version LIMIT 1")
    body = await store.read(key)
    await store.delete(key)
    await rereading.reread(0)
    assert await pool.fetchval("SELECT count(notice) FROM asset_version") == 0
    await store.write(key, body)
    await rereading.reread(0)
    assert await pool.fetchval("SELECT count(notice) FROM asset_version") == 2


async def test_a_run_ends_in_time_and_the_next_one_goes_on(
    rereading: Rereading, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay.ingest.rereading, "LONGEST_S", 0.0)
    await pool.execute(
        "UPDATE asset_version SET sha256 = repeat('f', 64)"
        " WHERE asset = (SELECT id FROM asset WHERE code = 'b')"
    )
    for read in (1, 2):
        await rereading.reread(0)
        assert await pool.fetchval("SELECT count(notice) FROM asset_version") == read


@pytest.mark.parametrize("damaged", [b"no picture", None])
async def test_a_file_that_is_another_by_now_stays_as_it_is(
    rereading: Rereading, store: FolderStore, pool: Pool, damaged: bytes | None
) -> None:
    other = io.BytesIO()
    Image.new("RGB", (1, 1)).save(other, "PNG")
    key = await pool.fetchval("SELECT storage_key FROM asset_version LIMIT 1")
    await store.write(key, damaged or other.getvalue())
    await rereading.reread(0)
    assert [tuple(row) for row in await pool.fetch(STATE_SQL)] == [("data:old", "")] * 2
    assert await events(pool) == ["asset.updated texts"] * 2
