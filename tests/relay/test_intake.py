"""Files are taken in once, whatever they are called."""

import asyncio
import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image

from catalog.changes import Changes
from catalog.channels.commands import put_locales
from catalog.channels.model import LocaleRecord
from catalog.db import Pool
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord, BrokenFileError
from catalog.storage.folder import FolderStore
from catalog.storage.model import ObjectNotFoundError
from imaging.ingest import Ingestor, open_ingestor
from imaging.model import ProbedImage, UnsupportedFormatError
from relay.ingest.intake import FileIntake
from tests.support.people import TEST

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<rect width="9" height="9"/></svg>'
)


class Counted(Ingestor):
    """An ingestor that counts what it looks at."""

    looked_at = 0

    def __init__(self, real: Ingestor) -> None:
        self._real = real

    async def probe(self, path: Path) -> ProbedImage:
        self.looked_at += 1
        return await self._real.probe(path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(picture())
    return path


def picture() -> bytes:
    body = io.BytesIO()
    exif = Image.Exif()
    exif[0x8298] = "(c) Ann"
    Image.new("RGB", (64, 48), (200, 30, 30)).save(body, "JPEG", exif=exif)
    return body.getvalue()


async def test_a_pipe_a_device_and_a_name_too_long_are_refused_without_waiting(
    pool: Pool, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    store = FolderStore(tmp_path / "store")
    async with open_ingestor(workers=1) as ingestor:
        intake = FileIntake(pool=pool, store=store, ingestor=ingestor)
        for path in (tmp_path / "pipe.jpg", Path("/dev/zero"), tmp_path / ("x" * 5000)):
            with pytest.raises(BrokenFileError):
                await intake(path)


async def test_a_photograph_is_its_own_master(pool: Pool, tmp_path: Path, photo: Path) -> None:
    store = FolderStore(tmp_path / "store")
    async with open_ingestor(workers=1) as ingestor:
        found = await FileIntake(pool=pool, store=store, ingestor=ingestor)(photo)

    assert found.sha256 == hashlib.sha256(picture()).hexdigest()
    assert (found.width_px, found.height_px, found.mime) == (64, 48, "image/jpeg")
    assert found.storage_key == found.master_key == f"originals/{found.sha256}"
    assert await store.read(found.storage_key) == picture()
    assert found.thumbhash
    assert found.dominant_rgb
    assert (found.placeholder or "").startswith("data:image/png;base64,")
    assert found.notice == "(c) Ann"


async def test_a_drawing_gets_a_raster_as_its_master(pool: Pool, tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text(SVG, "utf-8")
    store = FolderStore(tmp_path / "store")
    async with open_ingestor(workers=1) as ingestor:
        found = await FileIntake(pool=pool, store=store, ingestor=ingestor)(drawing)

    assert found.master_key == f"masters/{found.sha256}.png"
    assert (await store.read(found.master_key)).startswith(b"\x89PNG")
    assert await store.read(found.storage_key) == SVG.encode()


async def test_the_same_bytes_are_looked_at_once(pool: Pool, tmp_path: Path, photo: Path) -> None:
    twin = tmp_path / "twin.jpg"
    twin.write_bytes(picture())
    store = FolderStore(tmp_path / "store")
    async with open_ingestor(workers=1) as real:
        ingestor = Counted(real)
        intake = FileIntake(pool=pool, store=store, ingestor=ingestor)
        first, second = await asyncio.gather(intake(photo), intake(twin))
        assert first == second
        assert ingestor.looked_at == 1

        async with Changes(pool=pool).begin(TEST) as change:
            await put_locales(change, [LocaleRecord(code="en", name="English")])
            await put_assets(change, [AssetRecord(code="a", file="photo.jpg")], {"a": first})
        assert await intake(twin) == first
        assert ingestor.looked_at == 1

        await store.delete(first.storage_key)  # lost: it is made good
        assert await intake(twin) == first
        assert ingestor.looked_at == 2
        assert await store.exists(first.storage_key)


async def test_what_is_no_picture_is_refused_and_not_stored(pool: Pool, tmp_path: Path) -> None:
    text = tmp_path / "a.jpg"
    text.write_text("no picture", "utf-8")
    store = FolderStore(tmp_path / "store")
    async with open_ingestor(workers=1) as ingestor:
        intake = FileIntake(pool=pool, store=store, ingestor=ingestor)
        with pytest.raises(UnsupportedFormatError):
            await intake(text)
        with pytest.raises(BrokenFileError):
            await intake(tmp_path / "nowhere.jpg")
    digest = hashlib.sha256(b"no picture").hexdigest()
    with pytest.raises(ObjectNotFoundError):
        await store.read(f"originals/{digest}")
