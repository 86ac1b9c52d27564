"""Stored renditions: look up, else render once, however many ask.

Memory first, then the object store, then the render pool. Knows nothing of rights: ask only after
a decision, and decide again before the bytes leave.
"""

import asyncio
import hashlib
import io
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from PIL import Image as PillowImage

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.storage.model import (
    ObjectNotFoundError,
    ObjectStore,
    StoreFullError,
    StoreUnavailableError,
)
from imaging.content_key import content_key
from imaging.memory import RecentlyUsed
from imaging.model import BrokenSourceError, OverloadedError, Rendition
from imaging.pool import RenderPool
from imaging.vips import Master

How: TypeAlias = Literal["memory", "store", "rendered", "coalesced"]
NotStored: TypeAlias = Callable[[RenditionRequest, VitrineError], None]

BROKEN_FOR_S = 60.0
MEMORY_BYTES = 128 * 1024**2
_BROKEN_KEPT = 10_000
_WRITES_PENDING = 64
_ETAG_DIGITS = 32
_PILLOW_FORMATS = ("AVIF", "JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A rendition with its strong validator, quotes included, and where it came from."""

    rendition: Rendition
    etag: str
    how: How


class StoredRenditions:
    """The renditions of one process; `open_stored_renditions` makes one."""

    def __init__(
        self,
        store: ObjectStore,
        pool: RenderPool,
        *,
        not_stored: NotStored,
        memory_bytes: int,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._monotonic_s = monotonic_s
        self._store = store
        self._pool = pool
        self._not_stored = not_stored
        self._memory: RecentlyUsed[str, Stored] = RecentlyUsed(memory_bytes)
        self._broken: RecentlyUsed[str, float] = RecentlyUsed(_BROKEN_KEPT)
        self._flights: dict[str, asyncio.Task[Stored]] = {}
        self._writes: set[asyncio.Task[None]] = set()

    async def find_or_render(self, request: RenditionRequest) -> Stored:
        """Return the rendition; equal requests at the same time share one render.

        A caller that is cancelled leaves the others' render alone, and every caller gets the
        error of the one render that failed.

        Raises:
            BrokenSourceError: the master is missing, corrupt or over the limits; remembered for a
                minute, so that it is not decoded on every request.
            StoreUnavailableError: the store can't be asked for the rendition or the master.
            OverloadedError: the pool has no place.
            RenderDeadlineError: the render was stopped at its deadline.
        """
        key = content_key(request)
        if remembered := self._memory.get(key):
            return remembered
        if flight := self._flights.get(key):
            return replace(await asyncio.shield(flight), how="coalesced")
        flight = asyncio.create_task(self._fly(key, request))
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def remembered(self, key: str) -> Stored | None:
        """Return the rendition of a content key if it is in memory; asks nobody."""
        return self._memory.get(key)

    async def close(self) -> None:
        """End what is being rendered, and wait for what is being stored."""
        for flight in self._flights.values():
            flight.cancel()
        await asyncio.gather(*self._flights.values(), *self._writes, return_exceptions=True)

    async def _fly(self, key: str, request: RenditionRequest) -> Stored:
        if found := await self._find_stored(key, request):
            return found
        self._refuse_broken(request.master_key)
        try:
            rendition = await self._pool.run(lambda: self._master(request.master_key), request)
        except BrokenSourceError:
            self._broken.put(request.master_key, self._monotonic_s())
            raise
        rendered = self._remember(key, rendition, "rendered")
        self._write_behind(key, request, rendition)
        return rendered

    def _land(self, key: str, flight: asyncio.Task[Stored]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # seen: every caller that still waits has it

    async def _find_stored(self, key: str, request: RenditionRequest) -> Stored | None:
        try:
            body = await self._store.read(key)
        except ObjectNotFoundError:
            return None
        try:
            with PillowImage.open(io.BytesIO(body), formats=_PILLOW_FORMATS) as header:
                width_px, height_px = header.size
        except (OSError, ValueError):
            return None  # not what we wrote: render it again, and replace it
        rendition = Rendition(
            body=body, format=request.format, width_px=width_px, height_px=height_px
        )
        return self._remember(key, rendition, "store")

    async def _master(self, master_key: str) -> Master:
        """Fetch the master, or find its file; asks the store either way whether it answers."""
        missing = BrokenSourceError("The store holds no such master.")
        if path := self._store.local_path(master_key):
            if not await self._store.exists(master_key):
                raise missing
            return path
        try:
            return await self._store.read(master_key)
        except ObjectNotFoundError as error:
            raise missing from error

    def _remember(self, key: str, rendition: Rendition, how: How) -> Stored:
        digest = hashlib.sha256(rendition.body).hexdigest()[:_ETAG_DIGITS]
        stored = Stored(rendition=rendition, etag=f'"{digest}"', how=how)
        remembered = replace(stored, how="memory")
        self._memory.put(key, remembered, weight=len(rendition.body))
        return stored

    def _write_behind(self, key: str, request: RenditionRequest, rendition: Rendition) -> None:
        """Store the rendition while its waiters already have it."""
        if len(self._writes) >= _WRITES_PENDING:
            self._not_stored(request, OverloadedError("The object store takes too long."))
            return
        write = asyncio.create_task(self._write(key, request, rendition))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _write(self, key: str, request: RenditionRequest, rendition: Rendition) -> None:
        try:
            await self._store.write(key, rendition.body)
        except (StoreFullError, StoreUnavailableError) as error:
            self._not_stored(request, error)

    def _refuse_broken(self, master_key: str) -> None:
        since = self._broken.get(master_key)
        if since is not None and self._monotonic_s() < since + BROKEN_FOR_S:
            raise BrokenSourceError("The master was found broken a moment ago.")


@asynccontextmanager
async def open_stored_renditions(
    store: ObjectStore,
    pool: RenderPool,
    *,
    not_stored: NotStored,
    memory_bytes: int = MEMORY_BYTES,
    monotonic_s: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[StoredRenditions]:
    """Keep stored renditions open; `not_stored` hears of every one that could not be written."""
    renditions = StoredRenditions(
        store, pool, not_stored=not_stored, memory_bytes=memory_bytes, monotonic_s=monotonic_s
    )
    try:
        yield renditions
    finally:
        await renditions.close()
