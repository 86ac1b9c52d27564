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
from typing import Literal, NamedTuple, TypeAlias

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
from imaging.model import (
    BrokenSourceError,
    OverloadedError,
    Rendition,
    RenditionTooLargeError,
)
from imaging.pool import RenderPool
from imaging.vips import Master

How: TypeAlias = Literal["memory", "store", "rendered", "coalesced"]
NotStored: TypeAlias = Callable[[RenditionRequest, VitrineError], None]

BROKEN_FOR_S = 60.0
MEMORY_BYTES = 128 * 1024**2
_FAILURES_KEPT = 10_000
_WRITES_PENDING = 64
_ETAG_DIGITS = 32
_PILLOW_FORMATS = ("AVIF", "JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A rendition with its strong validator, quotes included, and where it came from."""

    rendition: Rendition
    etag: str
    how: How


class _Failure(NamedTuple):
    """What would fail again, and since when."""

    error: BrokenSourceError | RenditionTooLargeError
    since_s: float


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
        # by the key of the master, or of a rendition that is too large
        self._failures: RecentlyUsed[str, _Failure] = RecentlyUsed(_FAILURES_KEPT)
        self._flights: dict[str, asyncio.Task[Stored]] = {}
        self._writes: set[asyncio.Task[None]] = set()

    async def find_or_render(self, request: RenditionRequest) -> Stored:
        """Return the rendition; equal requests at the same time share one render.

        A caller that is cancelled leaves the others' render alone, and every caller gets the
        error of the one render that failed.

        Raises:
            BrokenSourceError: the master is missing, corrupt or over the limits; remembered for a
                minute, so that it is not decoded on every request.
            RenditionTooLargeError: at no quality is it within the recipe's maximum of bytes;
                likewise remembered.
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

    async def explain(self, request: RenditionRequest) -> Stored:
        """Return the rendition and how it is made; what nobody remembers is made once more.

        Raises:
            VitrineError: as `find_or_render`.
        """
        stored = await self.find_or_render(request)
        if stored.rendition.making is not None:
            return stored
        key = content_key(request)
        making = (await self._render(key, request)).making
        explained = replace(stored, rendition=replace(stored.rendition, making=making))
        self._keep(key, explained)
        return explained

    async def close(self) -> None:
        """End what is being rendered, and wait for what is being stored."""
        for flight in self._flights.values():
            flight.cancel()
        await asyncio.gather(*self._flights.values(), *self._writes, return_exceptions=True)

    async def _fly(self, key: str, request: RenditionRequest) -> Stored:
        if found := await self._find_stored(key, request):
            return found
        rendition = await self._render(key, request)
        rendered = self._remember(key, rendition, "rendered")
        self._write_behind(key, request, rendition)
        return rendered

    async def _render(self, key: str, request: RenditionRequest) -> Rendition:
        for failed in (request.master_key, key):
            self._refuse(failed)
        try:
            return await self._pool.run(lambda: self._master(request.master_key), request)
        except BrokenSourceError as error:
            self._failures.put(request.master_key, _Failure(error, self._monotonic_s()))
            raise
        except RenditionTooLargeError as error:
            self._failures.put(key, _Failure(error, self._monotonic_s()))
            raise

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
        self._keep(key, stored)
        return stored

    def _keep(self, key: str, stored: Stored) -> None:
        weight = len(stored.rendition.body)
        self._memory.put(key, replace(stored, how="memory"), weight=weight)

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

    def _refuse(self, key: str) -> None:
        """Fail at once where the same failed a moment ago.

        Raises:
            BrokenSourceError, RenditionTooLargeError: as then.
        """
        failure = self._failures.get(key)
        if failure is not None and self._monotonic_s() < failure.since_s + BROKEN_FOR_S:
            raise type(failure.error)(failure.error.message)


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
