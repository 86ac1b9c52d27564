"""Stored renditions: remembered, else found, else rendered once, however many ask.

Memory first, then the folder, then the object store, then the render pool. Knows nothing of
rights: ask only after a decision, and decide again before the bytes leave.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeAlias

import prometheus_client
from opentelemetry import trace

from catalog.delivery.model import RenditionRequest
from catalog.memory.flights import Flights
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.storage.model import ObjectNotFoundError, ObjectStore, StoreUnavailableError
from imaging.claims import RenderClaims
from imaging.content_key import content_key
from imaging.deferred_renders import DeferredRenders
from imaging.model import BrokenSourceError, Rendition, RenditionTooLargeError
from imaging.pool import Made, RenderPool
from imaging.seal import SealedRendition
from imaging.storage import NotStored, Storage
from imaging.telemetry import tracing_render
from imaging.tiers import FolderLimits, TierName, tiers_of
from imaging.vips import Master

How: TypeAlias = Literal["memory", TierName, "rendered", "coalesced"]

BROKEN_FOR_S = 60.0
_tracer = trace.get_tracer("vitrine")
_FAILURES_KEPT = 10_000

_REMEMBERED = prometheus_client.Gauge(
    "vitrine_renditions_memory_bytes", "Finished renditions that this process holds in memory."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLimits:
    """What a process keeps of finished renditions besides the object store.

    Attributes:
        memory_bytes: of their bodies.
        folder: None: no folder. Not used before a store that is a folder itself.
    """

    memory_bytes: int = 128 * 1024**2
    folder: FolderLimits | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRendition:
    """A rendition with its content key, its strong validator, and where it came from.

    Attributes:
        etag: quotes included.
    """

    key: str
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
        limits: StoredLimits,
        claims: RenderClaims | None,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._store = store
        self._pool = pool
        self._claims = claims
        self._storage = Storage(tiers_of(store, limits.folder), not_stored=not_stored)
        self._memory: Kept[str, StoredRendition] = Kept(limits.memory_bytes)
        # what would fail again: by the key of the master, or of a rendition that is too large
        self._failures: Kept[str, BrokenSourceError | RenditionTooLargeError] = Kept(
            _FAILURES_KEPT, lease=Lease(lease_s=BROKEN_FOR_S, monotonic_s=monotonic_s)
        )
        self._flights: Flights[str, StoredRendition] = Flights()
        self._looks: Flights[str, StoredRendition | None] = Flights()
        self._deferred = DeferredRenders(pool.calm, self.find_or_render)

    async def find_or_render(self, request: RenditionRequest) -> StoredRendition:
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
        if remembered := self.remembered(key):
            return remembered
        stored, joined = await self._flights.share(key, lambda: self._find_or_render(key, request))
        return replace(stored, how="coalesced") if joined else stored

    async def find_or_render_in_time(self, request: RenditionRequest) -> StoredRendition | None:
        """Return the rendition; None: it is not stored, and under this load would be late.

        Raises:
            BrokenSourceError, StoreUnavailableError, OverloadedError, RenderDeadlineError: as
                `find_or_render` does.
        """
        key = content_key(request)
        if key in self._flights or self._pool.is_in_time(request.format):
            return await self.find_or_render(request)
        if remembered := self.remembered(key):
            return remembered
        return (await self._looks.share(key, lambda: self._find(key, request))).result

    def render_afterwards(self, request: RenditionRequest) -> None:
        """Have the rendition rendered and stored once the load is less."""
        self._deferred.put(content_key(request), request)

    async def store(self, request: RenditionRequest) -> bool:
        """Have the rendition in the object store; return whether it had to be rendered.

        Raises:
            BrokenSourceError, OverloadedError, RenderDeadlineError: as `find_or_render` does.
            StoreUnavailableError: the store can't be asked, or did not take it.
        """
        key = content_key(request)
        if await self._storage.holds(key):
            return False
        await self.find_or_render(request)
        await self._storage.settled(key)
        if not await self._storage.holds(key):
            raise StoreUnavailableError("The object store did not take the rendition.")
        return True

    def remembered(self, key: str) -> StoredRendition | None:
        """Return the rendition of a content key if it is in memory; no tier is asked."""
        remembered = self._memory.get(key)
        if remembered is not None:
            self._pool.note_stored_request()
        return remembered

    async def explain(self, request: RenditionRequest) -> StoredRendition:
        """Return the rendition and how it is made; what nobody remembers is made once more.

        Raises:
            VitrineError: as `find_or_render`.
        """
        stored = await self.find_or_render(request)
        if stored.rendition.making is not None:
            return stored
        making = (await self._render(stored.key, request)).making
        explained = replace(stored, rendition=replace(stored.rendition, making=making))
        self._keep(explained)
        return explained

    async def close(self) -> None:
        """End what is being rendered, and wait for what is being stored."""
        await self._deferred.close()
        await self._looks.close()
        await self._flights.close()
        await self._storage.close()

    async def _find_or_render(self, key: str, request: RenditionRequest) -> StoredRendition:
        if found := await self._find(key, request):
            return found
        for failed in (request.master_key, key):
            self._refuse(failed)
        claims = self._claims
        if claims is not None and not await claims.take(key):
            await claims.settled(key)  # another node is at it: what it makes is stored
            if found := await self._find(key, request):
                return found
        return await self._render_and_store(key, request)

    async def _find(self, key: str, request: RenditionRequest) -> StoredRendition | None:
        with _tracer.start_as_current_span("look_up"):
            found = await self._storage.find(key, request)
        if found is None:
            return None
        self._pool.note_stored_request()
        return self._remember(key, found.sealed, found.tier)

    async def _render_and_store(self, key: str, request: RenditionRequest) -> StoredRendition:
        new = self._storage.expect(key)
        try:
            await self._render(key, request, new.made)
        except BaseException:
            if self._claims is not None:
                await self._claims.give_back(key)
            raise
        then = None if self._claims is None else self._claims.give_back
        self._storage.keep(new, request, then=then)
        return self._remember(key, new.sealed, "rendered")

    async def _render(
        self, key: str, request: RenditionRequest, made: Made | None = None
    ) -> Rendition:
        try:
            with tracing_render(request.format.value) as show:
                fetch = partial(self._master, request.master_key)
                return show(await self._pool.run(fetch, request, made=made))
        except BrokenSourceError as error:
            await self._refuse_absence(request.master_key, error)
            self._failures.put(request.master_key, error)
            raise
        except RenditionTooLargeError as error:
            self._failures.put(key, error)
            raise

    async def _master(self, master_key: str) -> Master:
        """Fetch the master; of a file only its name, since whoever opens it sees if it is there.

        Raises:
            BrokenSourceError: the store holds no such master.
            StoreUnavailableError: it can't be asked.
        """
        with _tracer.start_as_current_span("fetch_master"):
            if path := self._store.local_path(master_key):
                return path
            try:
                return await self._store.read(master_key)
            except ObjectNotFoundError as error:
                raise BrokenSourceError("The store holds no such master.") from error

    async def _refuse_absence(self, master_key: str, error: BrokenSourceError) -> None:
        """Refuse to call a master broken that is read in place and was away for a moment.

        Raises:
            StoreUnavailableError: the store is gone, or was while the file was to be read.
        """
        if not self._store.local_path(master_key):
            return
        # of a store that is gone this is the first question, and it says so
        is_there = await self._store.exists(master_key)
        if is_there and isinstance(error.__cause__, OSError):
            raise StoreUnavailableError("The object store could not be read; try again.") from error

    def _remember(self, key: str, sealed: SealedRendition, how: How) -> StoredRendition:
        stored = StoredRendition(key=key, rendition=sealed.rendition, etag=sealed.etag, how=how)
        self._keep(stored)
        return stored

    def _keep(self, stored: StoredRendition) -> None:
        weight = len(stored.rendition.body)
        self._memory.put(stored.key, replace(stored, how="memory"), weight=weight)
        _REMEMBERED.set(self._memory.weight)

    def _refuse(self, key: str) -> None:
        """Fail at once where the same failed a moment ago.

        Raises:
            BrokenSourceError, RenditionTooLargeError: as then.
        """
        if failure := self._failures.get(key):
            raise type(failure)(failure.message)


@asynccontextmanager
async def open_stored_renditions(
    store: ObjectStore,
    pool: RenderPool,
    *,
    not_stored: NotStored,
    limits: StoredLimits | None = None,
    claims: RenderClaims | None = None,
    monotonic_s: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[StoredRenditions]:
    """Keep stored renditions open; `not_stored` is called for each that could not be written."""
    renditions = StoredRenditions(
        store,
        pool,
        not_stored=not_stored,
        limits=limits or StoredLimits(),
        claims=claims,
        monotonic_s=monotonic_s,
    )
    try:
        yield renditions
    finally:
        await renditions.close()
