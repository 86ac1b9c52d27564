"""The ingest function: one file becomes an original and a master in the store, once per content."""

import asyncio
import hashlib
import stat
from pathlib import Path
from typing import Final

from catalog.db import Pool
from catalog.media.model import BrokenFileError, IngestedFile
from catalog.media.store import find_ingested
from catalog.storage.model import ObjectStore
from imaging.ingest import Ingestor
from imaging.model import ImageTooLargeError, ProbedImage, SourceLimits

_LIMITS: Final = SourceLimits()
_EXTENSIONS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class FileIntake:
    """Ingests files; is the `Ingest` that imports are handed.

    Args:
        pool: is asked which contents are stored already.
        store: keeps originals and masters.
        ingestor: looks at files in child processes.
        keeps: whether they are stored; False: they are looked at alone.
    """

    def __init__(
        self, *, pool: Pool, store: ObjectStore, ingestor: Ingestor, keeps: bool = True
    ) -> None:
        self._pool = pool
        self._store = store
        self._ingestor = ingestor
        self._keeps = keeps
        self._under_way: dict[str, asyncio.Task[IngestedFile]] = {}

    async def __call__(self, path: Path) -> IngestedFile:
        """Return what was stored; a content that is stored already is not looked at again.

        Raises:
            BrokenFileError: there is no such file, or it changed while it was read.
            UnsupportedFormatError: no image, or of a format that is not taken in.
            CorruptImageError: it can't be decoded to its last pixel.
            ImageTooLargeError: too many bytes, pixels or frames.
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        try:
            body = await asyncio.to_thread(_read, path)
        except OSError as error:
            message = f"{path.name} cannot be read: {error.strerror}"
            raise BrokenFileError(message, field="file") from error
        sha256 = await asyncio.to_thread(_digest, body)
        task = self._under_way.get(sha256)
        if task is None:
            task = asyncio.create_task(self._take_in(path, body, sha256))
            self._under_way[sha256] = task
            task.add_done_callback(lambda _: self._under_way.pop(sha256))
        # whoever waits for a twin may be cancelled without ending the work of the other
        return await asyncio.shield(task)

    async def _take_in(self, path: Path, body: bytes, sha256: str) -> IngestedFile:
        async with self._pool.acquire() as conn:
            known = await find_ingested(conn, sha256)
        if known is not None and await self._holds(known):
            return known
        probed = await self._ingestor.probe(path)
        if probed.sha256 != sha256:
            raise BrokenFileError(f"{path.name} changed while it was read", field="file")
        storage_key = f"originals/{sha256}"
        await self._write(storage_key, body)
        master_key = storage_key
        if probed.master is not None:
            master_key = f"masters/{sha256}.{_EXTENSIONS[probed.master_mime]}"
            await self._write(master_key, probed.master)
        return _ingested(probed, storage_key=storage_key, master_key=master_key)

    async def _write(self, key: str, body: bytes) -> None:
        if self._keeps:
            await self._store.write(key, body)

    async def _holds(self, known: IngestedFile) -> bool:
        keys = {known.storage_key, known.master_key}
        return all([await self._store.exists(key) for key in keys])


def _read(path: Path) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device has no end
        raise BrokenFileError(f"{path.name} is no file with a picture", field="file")
    if status.st_size > _LIMITS.file_bytes:  # before it is in memory
        raise ImageTooLargeError(f"{path.name} has more than {_LIMITS.file_bytes:,} bytes")
    return path.read_bytes()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _ingested(probed: ProbedImage, *, storage_key: str, master_key: str) -> IngestedFile:
    return IngestedFile(
        sha256=probed.sha256,
        bytes=probed.size_bytes,
        width_px=probed.width_px,
        height_px=probed.height_px,
        mime=probed.mime,
        has_alpha=probed.has_alpha,
        storage_key=storage_key,
        master_key=master_key,
        thumbhash=probed.thumbhash,
        dominant_rgb=probed.dominant_rgb,
        placeholder=probed.placeholder,
        notice=probed.notice,
    )
