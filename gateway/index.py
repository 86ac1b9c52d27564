"""What this gateway knows of the database: loaded on demand, dropped when the feed names it.

State is used only while it is proven: by the feed's lease, or, once that has run out, by the
instant at which it was asked for itself.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import Gauge

from catalog.db import DATABASE_FAILED
from catalog.errors import UnavailableError
from catalog.graph.delivery import Catalogue, DeliverableAsset
from catalog.memory.kept import Kept
from catalog.rights.model import Window
from catalog.subjects import Subject, publication_subject
from gateway.loaders import Loaders

Key = TypeVar("Key")
Value = TypeVar("Value")

_ENTRIES = Gauge(
    "vitrine_index_entries", "What the gateway knows by heart, up to its bound.", ("table",)
)

_LOAD_S = 2.0
_LOAD_WITHOUT_LEASE_S = 0.25
_ABSENT_FOR_S = 5.0
_REFRESH_S = 1.0
_MAX_REPEATS = 5


class StateUnprovenError(UnavailableError):
    """What is known is older than the lease, and the database does not answer."""

    code = "STATE_UNPROVEN"


@dataclass(slots=True)
class _Entry(Generic[Value]):
    value: Value
    asked_at: float
    is_absence: bool
    refreshed_at: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Whether the feed vouches for what was loaded.

    Attributes:
        lease_s: how long what was read is proven without the feed, from the question on.
        left_s: how long the feed goes on vouching for everything; negative: it does not.
        monotonic_s: the clock that ages are measured by.
    """

    lease_s: float
    left_s: Callable[[], float]
    monotonic_s: Callable[[], float] = time.monotonic


class Changes:
    """How often something changed or was read, in all tables of an index."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class LazyTable(Generic[Key, Value]):
    """One kind of state, by key: bounded, single flight, invalidated by subject.

    Args:
        load: reads one key from the primary.
        rests_on: which subjects a loaded value depends on.
        lease: tells whether the feed is current.
        max_entries: the least recently used beyond it are forgotten.
        changes: count those of this table, too.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        rests_on: Callable[[Key, Value], Iterable[Subject]],
        lease: Lease,
        *,
        max_entries: int,
        changes: Changes,
    ) -> None:
        self._load = load
        self._rests_on = rests_on
        self._lease = lease
        self._monotonic_s = lease.monotonic_s
        self._kept: Kept[Key, _Entry[Value]] = Kept(max_entries)
        self._flights: dict[Key, asyncio.Task[Value]] = {}
        self._changes = changes

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: Key) -> Value:
        """Return the value of a key.

        Raises:
            StateUnprovenError: it has to be read, and the database does not answer in time.
        """
        entry = self._kept.get(key)
        if entry is not None and self._is_proven(entry):
            return entry.value
        return await self._load_once(key)

    def holds(self, key: Key, value: Value) -> bool:
        """Return whether a value that was got before is still the one, and still proven."""
        entry = self._kept.get(key)
        return entry is not None and entry.value is value and self._is_proven(entry)

    async def refresh(self, key: Key) -> Value:
        """Read a key again, because a request names something newer; at most once a second.

        Raises:
            StateUnprovenError: the database does not answer in time.
        """
        entry = self._kept.get(key)
        if entry is not None and self._monotonic_s() - entry.refreshed_at < _REFRESH_S:
            return await self.get(key)
        value = await self._load_once(key)
        if (entry := self._kept.get(key)) is not None:
            entry.refreshed_at = self._monotonic_s()
        return value

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget whatever rests on one of the subjects, and repeat the loads that may."""
        self._changes.count += 1
        self._kept.drop(subjects)

    def reset(self) -> None:
        """Forget everything, and repeat every load that is in flight."""
        self._changes.count += 1
        self._kept.reset()

    def proven_for_s(self, key: Key) -> float:
        """Return how long what is known of a key may still be relied upon; negative: it may not."""
        entry = self._kept.get(key)
        return -math.inf if entry is None else self._left_s(entry)

    def _left_s(self, entry: _Entry[Value]) -> float:
        """By the feed, or by the instant at which it was asked for itself."""
        age_s = self._monotonic_s() - entry.asked_at
        left_s = max(self._lease.left_s(), self._lease.lease_s - age_s)
        return min(left_s, _ABSENT_FOR_S - age_s) if entry.is_absence else left_s

    def _is_proven(self, entry: _Entry[Value]) -> bool:
        if self._lease.left_s() >= 0 and not entry.is_absence:
            return True
        return self._left_s(entry) >= 0

    async def _load_once(self, key: Key) -> Value:
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._read(key))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def _land(self, key: Key, flight: asyncio.Task[Value]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # seen: everyone who waits has it

    async def _read(self, key: Key) -> Value:
        for _ in range(_MAX_REPEATS):
            with self._kept.reading() as since:
                entry = await self._asked(key)
                rests_on = self._rests_on(key, entry.value)
                # the lease may have run out while the answer was on its way, and that be too old
                if self._is_proven(entry) and self._kept.put(key, entry, rests_on, since=since):
                    self._changes.count += 1
                    return entry.value
        raise StateUnprovenError("the rights are changing too fast: try again")

    async def _asked(self, key: Key) -> _Entry[Value]:
        """Read a key once.

        Raises:
            StateUnprovenError: the database does not answer in time.
        """
        asked_at = self._monotonic_s()
        limit_s = _LOAD_S if self._lease.left_s() >= 0 else _LOAD_WITHOUT_LEASE_S
        try:
            value = await _within(limit_s, self._load(key))
        except DATABASE_FAILED as error:
            raise StateUnprovenError("the rights cannot be proven now: try again") from error
        return _Entry(value, asked_at, is_absence=not value)


async def _within(limit_s: float, load: Awaitable[Value]) -> Value:
    """Wait for a load, and not for its end if it is cancelled: a dead network holds that up.

    Raises:
        TimeoutError: the limit came first.
    """
    task = asyncio.ensure_future(load)
    await asyncio.wait({task}, timeout=limit_s)
    if not task.done():
        task.cancel()
        task.add_done_callback(_ignore)
        raise TimeoutError
    return task.result()


def _ignore(task: asyncio.Future[Value]) -> None:
    if not task.cancelled():
        task.exception()


#: Any channel, preset or signing key: the catalogue is small and read as a whole.
_CATALOGUE_KINDS = ("channel", "preset", "key")
_CATALOGUE = Subject("catalogue")


class Index:
    """The three tables of a gateway.

    Args:
        load: what they are filled from, one key at a time.
        lease: tells whether the feed is current.
        max_assets: the most assets, and the most owners, that are known at once.
    """

    def __init__(self, load: Loaders, lease: Lease, *, max_assets: int) -> None:
        self._changes = Changes()
        self.assets: LazyTable[str, DeliverableAsset | None] = LazyTable(
            load.asset, _asset_rests_on, lease, max_entries=max_assets, changes=self._changes
        )
        self.windows: LazyTable[tuple[str, str], tuple[Window, ...]] = LazyTable(
            lambda key: load.windows(*key),
            lambda key, _: (publication_subject(*key),),
            lease,
            max_entries=max_assets,
            changes=self._changes,
        )
        self._catalogue: LazyTable[None, Catalogue] = LazyTable(
            lambda _: load.catalogue(),
            lambda _, __: (_CATALOGUE,),
            lease,
            max_entries=1,
            changes=self._changes,
        )
        self._lease = lease
        _ENTRIES.labels("assets").set_function(lambda: len(self.assets))
        _ENTRIES.labels("windows").set_function(lambda: len(self.windows))

    async def catalogue(self) -> Catalogue:
        """Return channels, presets and keys.

        Raises:
            StateUnprovenError: they have to be read, and the database does not answer.
        """
        return await self._catalogue.get(None)

    def holds_catalogue(self, catalogue: Catalogue) -> bool:
        """Return whether the catalogue that was got before is still the one, and still proven."""
        return self._catalogue.holds(None, catalogue)

    async def refresh_catalogue(self) -> Catalogue:
        """Read the catalogue again, at most once a second.

        Raises:
            StateUnprovenError: the database does not answer in time.
        """
        return await self._catalogue.refresh(None)

    def proven_for_s(self, asset: str, bound_to: tuple[str, str] | None) -> float:
        """Return how long a decision by what is known now may still be relied upon.

        Args:
            asset: public id.
            bound_to: owner and channel whose publications were looked at; None: none were.
        """
        left_s = min(self._catalogue.proven_for_s(None), self.assets.proven_for_s(asset))
        return left_s if bound_to is None else min(left_s, self.windows.proven_for_s(bound_to))

    @property
    def changes(self) -> int:
        """Return how often something changed or was read."""
        return self._changes.count

    def vouched_for_s(self, changes: int) -> float:
        """Return how long the feed goes on vouching that nothing at all has changed since.

        Until then what was proven and is no absence is proven still, and nobody here knows better.
        Negative: something changed, or was read, or the feed does not vouch.
        """
        return self._lease.left_s() if changes == self._changes.count else -math.inf

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on the subjects of new events."""
        self.assets.drop(subjects)
        self.windows.drop(subjects)
        if any(subject.partition(":")[0] in _CATALOGUE_KINDS for subject in subjects):
            self._catalogue.drop((_CATALOGUE,))

    def reset(self) -> None:
        """Forget everything."""
        self.assets.reset()
        self.windows.reset()
        self._catalogue.reset()


def _asset_rests_on(public_id: str, asset: DeliverableAsset | None) -> tuple[Subject, ...]:
    return asset.rests_on if asset else (Subject(f"asset:{public_id}"),)
