"""Stored renditions over a store with faults, as tests ask for them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from catalog.delivery.model import Format, RenditionRequest
from catalog.errors import VitrineError
from catalog.storage.folder import FolderStore
from catalog.storage.model import ObjectStore, StoreFullError, StoreUnavailableError
from imaging.content_key import content_key
from imaging.pool import RenderPool
from imaging.stored_renditions import (
    StoredRenditions,
    open_stored_renditions,
)
from tests.imaging.pictures import wanted


@dataclass
class Switchboard(FolderStore):
    """The folder store, with faults that a test turns on; without local files, as S3 is."""

    root: Path
    full: bool = False
    gone: bool = False
    reads: list[str] = field(default_factory=list[str])
    gate: asyncio.Event | None = None

    def __post_init__(self) -> None:
        super().__init__(self.root)

    async def read(self, key: str) -> bytes:
        self.reads.append(key)
        if self.gate:
            await self.gate.wait()
        if self.gone:
            raise StoreUnavailableError("gone")
        return await super().read(key)

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        if self.full:
            raise StoreFullError("full")
        await super().write(key, body, lasting=lasting)

    def local_path(self, key: str) -> Path | None:  # pyright: ignore[reportIncompatibleMethodOverride] - as S3 does
        super().local_path(key)

    def at_hand(self) -> None:
        """Be waited for, as S3 is."""


@dataclass
class Bench:
    """Stored renditions with everything around them."""

    store: Switchboard
    pool: RenderPool
    renditions: StoredRenditions
    not_stored: list[VitrineError]
    now_s: list[float]


def ignore(_request: RenditionRequest, _error: VitrineError) -> None:
    """Not what the test is about."""


REQUEST = wanted(100, Format.WEBP)


async def fresh(bench: Bench, store: ObjectStore | None = None) -> AsyncIterator[StoredRenditions]:
    """Another process on the same store: nothing in memory."""
    async with open_stored_renditions(
        store or bench.store,
        bench.pool,
        not_stored=lambda _request, error: bench.not_stored.append(error),
    ) as renditions:
        yield renditions


async def store_rendition(bench: Bench, request: RenditionRequest) -> bytes:
    """Render into the store as another process does, and return what it keeps."""
    async for other in fresh(bench):
        assert await other.store(request)
    return await bench.store.read(content_key(request))
