"""Finished renditions in their tiers: found in the nearest that has them whole, written to all.

What a tier hands back and no seal vouches for counts as absent there, and is replaced.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeAlias

import prometheus_client
import structlog

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.memory.kept import Kept
from catalog.storage.model import StoreFullError, StoreUnavailableError
from imaging.model import OverloadedError, Rendition
from imaging.seal import SealedRendition, seal, unseal
from imaging.tiers import Tier, TierName

log = structlog.get_logger(__name__)

NotStored: TypeAlias = Callable[[RenditionRequest, VitrineError], None]
Then: TypeAlias = Callable[[str], Awaitable[None]]

_WRITES_PENDING = 64
_REPORTED_KEPT = 10_000

_DAMAGED = prometheus_client.Counter(
    "vitrine_renditions_damaged",
    "Stored renditions that were not what had been stored, and were made again.",
    ("tier",),
)


class _Write(NamedTuple):
    key: str
    request: RenditionRequest
    sealed: SealedRendition
    tiers: Sequence[Tier]
    then: Then | None = None


class NewRendition:
    """One that is being made: whoever makes it seals it, and writes it where the store is at hand.

    Args:
        key: its content key.
        tiers: where it is to be kept.

    Attributes:
        unwritten: the tiers that `Storage.keep` has to write to.
        error: why the store did not take it; None: it did, or has not been asked.
    """

    def __init__(self, key: str, tiers: Sequence[Tier]) -> None:
        self.key = key
        self.unwritten = tiers
        self.error: StoreFullError | StoreUnavailableError | None = None
        self._sealed: SealedRendition | None = None

    @property
    def sealed(self) -> SealedRendition:
        """Return it.

        Raises:
            RuntimeError: `made` has not been called.
        """
        if self._sealed is None:
            raise RuntimeError("nothing has been made yet")
        return self._sealed

    def made(self, rendition: Rendition) -> None:
        """Take what was made, on the thread that made it."""
        self._sealed = seal(self.key, rendition)
        try:
            while self.unwritten and self.unwritten[0].put_at_hand(self.key, bytes(self._sealed)):
                self.unwritten = self.unwritten[1:]
        except (StoreFullError, StoreUnavailableError) as error:
            self.error, self.unwritten = error, ()


class FoundRendition(NamedTuple):
    """A rendition, and the tier that had it."""

    sealed: SealedRendition
    tier: TierName


class Storage:
    """The tiers of one process, the nearest first.

    Args:
        tiers: the last is the one that counts: what it refuses is reported.
        not_stored: called for every rendition that the last tier did not take.
    """

    def __init__(self, tiers: Sequence[Tier], *, not_stored: NotStored) -> None:
        self._tiers = tiers
        self._not_stored = not_stored
        self._writes: dict[str, asyncio.Task[None]] = {}
        self._reported: Kept[tuple[str, str], bool] = Kept(_REPORTED_KEPT)

    async def find(self, key: str, request: RenditionRequest) -> FoundRendition | None:
        """Return what is stored under the key; nearer tiers get a copy.

        Raises:
            StoreUnavailableError: a tier cannot be asked.
        """
        for depth, tier in enumerate(self._tiers):
            stored = await tier.read(key)
            if stored is None:
                continue
            sealed = unseal(key, stored, request.format)
            if sealed is not None:
                if depth:
                    self._write_behind(_Write(key, request, sealed, self._tiers[:depth]))
                return FoundRendition(sealed, tier.name)
            self._report_damage(tier, key)
        return None

    def expect(self, key: str) -> NewRendition:
        """Return what takes a rendition from whoever makes it."""
        return NewRendition(key, self._tiers)

    def keep(self, new: NewRendition, request: RenditionRequest, *, then: Then | None) -> None:
        """Write to the tiers that do not have it while whoever waited has it already.

        Args:
            new: which was made.
            request: for it.
            then: called at the end; None: nothing is left to do then.
        """
        if new.error is not None:
            self._not_stored(request, new.error)
        if new.unwritten or then is not None:
            self._write_behind(_Write(new.key, request, new.sealed, new.unwritten, then))

    async def settled(self, key: str) -> None:
        """Wait for what is being written under the key."""
        if write := self._writes.get(key):
            await asyncio.shield(write)

    async def holds(self, key: str) -> bool:
        """Return whether the last tier has something under the key.

        Raises:
            StoreUnavailableError: it cannot be asked.
        """
        return await self._tiers[-1].holds(key)

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writes.values(), return_exceptions=True)

    def _write_behind(self, what: "_Write") -> None:
        if len(self._writes) >= _WRITES_PENDING:
            if what.tiers is self._tiers:
                error = OverloadedError("The object store takes too long.")
                self._not_stored(what.request, error)
            what = what._replace(tiers=())
        write = asyncio.create_task(self._write(what))
        self._writes[what.key] = write
        write.add_done_callback(lambda _: self._forget(what.key, write))

    def _forget(self, key: str, write: asyncio.Task[None]) -> None:
        if self._writes.get(key) is write:
            del self._writes[key]

    async def _write(self, what: "_Write") -> None:
        try:
            for tier in what.tiers:
                await tier.write(what.key, bytes(what.sealed))
        except (StoreFullError, StoreUnavailableError) as error:
            self._not_stored(what.request, error)
        finally:
            if what.then is not None:
                await what.then(what.key)

    def _report_damage(self, tier: Tier, key: str) -> None:
        """Count it, and say it once: a store that can't be mended would fill the log."""
        _DAMAGED.labels(tier.name).inc()
        if not self._reported.get((tier.name, key)):
            self._reported.put((tier.name, key), value=True)
            log.error("rendition_damaged", tier=tier.name, key=key)
