"""Where finished renditions are kept outside this process: a folder of this machine, the store.

A tier hands back what it holds, whole or damaged; whoever asks looks whether it is what it should
be. The first is the nearest; the last is the one that survives a machine.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import structlog

from catalog.storage.model import ObjectNotFoundError, ObjectStore, StoredObject
from imaging.content_key import PREFIX
from imaging.file_cache import FileCache

log = structlog.get_logger(__name__)

TierName: TypeAlias = Literal["folder", "store"]

_SOURCE_AT = 1  # of a key's segments


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLimits:
    """The folder tier of this machine; processes of one machine may share it."""

    folder: Path
    max_bytes: int


class Tier(Protocol):
    """Sealed renditions by content key."""

    @property
    def name(self) -> TierName:
        """Return what metrics and `Server-Timing` call it."""
        ...

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under the key; None: nothing.

        Raises:
            StoreUnavailableError: it cannot be asked.
        """
        ...

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep it.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: it cannot be written.
        """
        ...

    def put_at_hand(self, key: str, sealed: bytes) -> bool:
        """Keep it on this thread, where that takes microseconds; False: only `write` can.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: it cannot be written.
        """
        ...

    async def holds(self, key: str) -> bool:
        """Return whether something is kept under the key.

        Raises:
            StoreUnavailableError: it cannot be asked.
        """
        ...

    def objects(self, prefix: str = f"{PREFIX}/") -> AsyncIterator[StoredObject]:
        """Yield what is kept under keys that begin with the prefix.

        Raises:
            StoreUnavailableError: it cannot be asked.
        """
        ...

    async def remove(self, key: str) -> None:
        """Forget what is kept under the key, if anything is.

        Raises:
            StoreUnavailableError: it cannot be written.
        """
        ...


class FolderTier:
    """A bounded folder; whatever goes wrong with it costs only time."""

    name: TierName = "folder"

    def __init__(self, limits: FolderLimits) -> None:
        self._cache = FileCache(limits.folder, max_bytes=limits.max_bytes)

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under the key; None: nothing, or nothing that can be read."""
        if not self._cache.has(key):  # in less time than a thread takes to say so
            return None
        return await asyncio.to_thread(self._cache.read, key)

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep it, if the disk takes it."""

        def fill(path: Path) -> None:
            path.write_bytes(sealed)

        await asyncio.to_thread(self._cache.write, key, fill)

    def put_at_hand(self, key: str, sealed: bytes) -> bool:  # noqa: ARG002 - the protocol's
        """Return False: to make room may take a while."""
        return False

    async def holds(self, key: str) -> bool:
        """Return whether something is kept under the key."""
        return await asyncio.to_thread(self._holds, key)

    async def objects(self, prefix: str = f"{PREFIX}/") -> AsyncIterator[StoredObject]:
        """Yield what is kept under keys that begin with the prefix."""
        for key, size_bytes in await asyncio.to_thread(lambda: list(self._cache.entries(prefix))):
            yield StoredObject(key=key, size_bytes=size_bytes)

    async def remove(self, key: str) -> None:
        """Forget what is kept under the key, if anything is."""
        await asyncio.to_thread(self._cache.remove, key)

    def _holds(self, key: str) -> bool:
        with self._cache.hold(key) as path:
            return path is not None


class StoreTier:
    """The object store."""

    name: TierName = "store"

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._at_hand = store.at_hand()

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under the key; None: nothing.

        Raises:
            StoreUnavailableError: the store cannot be asked.
        """
        if self._at_hand is not None and self._at_hand.lacks(key):
            return None
        try:
            return await self._store.read(key)
        except ObjectNotFoundError:
            return None

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep it.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        # the seal shows what a power cut tore, and it is made again
        await self._store.write(key, sealed, lasting=False)

    def put_at_hand(self, key: str, sealed: bytes) -> bool:
        """Keep it on this thread, if the store is at hand.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        if self._at_hand is None:
            return False
        self._at_hand.put(key, sealed)
        return True

    async def holds(self, key: str) -> bool:
        """Return whether something is kept under the key.

        Raises:
            StoreUnavailableError: the store cannot be asked.
        """
        return await self._store.exists(key)

    def objects(self, prefix: str = f"{PREFIX}/") -> AsyncIterator[StoredObject]:
        """Yield what is kept under keys that begin with the prefix."""
        return self._store.objects(prefix)

    async def remove(self, key: str) -> None:
        """Forget what is kept under the key, if anything is.

        Raises:
            StoreUnavailableError: the store cannot be asked.
        """
        await self._store.delete(key)


def tiers_of(store: ObjectStore, folder: FolderLimits | None) -> tuple[Tier, ...]:
    """Return the tiers, the nearest first.

    Before a store that keeps files on this machine a folder would only hold everything twice; one
    that cannot be made is gone without.
    """
    keeps_files = store.local_path(PREFIX) is not None
    if folder is None or folder.max_bytes == 0 or keeps_files:
        return (StoreTier(store),)
    try:
        return FolderTier(folder), StoreTier(store)
    except OSError as error:
        log.error("renditions_folder_unusable", error=error.strerror)  # noqa: TRY400 - its cause is said
        return (StoreTier(store),)


def source_of(key: str) -> str:
    """Return the SHA-256 of the source that the rendition of this key was made from."""
    return key.split("/")[_SOURCE_AT]


def source_prefix(source_sha256: str) -> str:
    """Return what the keys of all renditions of a source begin with."""
    return f"{PREFIX}/{source_sha256}/"
