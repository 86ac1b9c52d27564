"""Values that are kept while they are true: bounded by weight, and found by key.

Each of these is asked for by an argument of the constructor, and costs nothing where it is not:

- until an event: a value is forgotten once an event names a subject that it rests on. What was
  read while a subject of it changed is not kept at all: whoever reads says when that began.
- single flight: a key that is not there is read once for all who want it.
- a lease: a value is given only while something proves that it is still true.
"""

from collections import OrderedDict
from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass
from operator import eq
from typing import Generic, NamedTuple, TypeVar

from catalog.errors import UnavailableError
from catalog.memory.flights import Flights
from catalog.memory.lease import Lease
from catalog.memory.memo import Memo
from catalog.subjects import Subject, kind_of

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST_DROPPED = 10_000
_MAX_REPEATS = 5


class OvertakenError(UnavailableError):
    """Something changed during each of several reads of a value."""


class Reading(NamedTuple):
    """When the reading of what is to be kept began.

    Attributes:
        tick: how often anything had been dropped by then.
        asked_at_s: by the clock of the lease; 0 without one.
    """

    tick: int
    asked_at_s: float


@dataclass(slots=True)
class _Entry(Generic[V]):
    """A value.

    Attributes:
        growths: how often anything had been worked out of values when it was weighed.
    """

    value: V
    weight: int
    growths: int
    rests_on: tuple[Subject, ...]
    asked_at_s: float


class Kept(Generic[K, V]):
    """Values by key; each goes when a subject of it is dropped, or as the least recently used.

    Args:
        max_weight: of all values together; 0: nothing is kept.
        weigh: returns what a value weighs with all that has been worked out of it, and is called
            again when it is used, since that may have grown; None: it weighs what `put` says.
        rests_on: of a key and its value: subjects, or whole kinds of them as `kind_of` names them.
        load: reads one key for `of`; None or an empty value: an absence.
        lease: how long values may be used; None: until they are forgotten.
        is_same: whether a value that was read again equals the one that is there: then that one
            stays, so that whoever holds it can compare by identity, and all that was worked out of
            it stays too.

    Attributes:
        tick: how often anything was dropped.
    """

    def __init__(
        self,
        max_weight: int,
        *,
        weigh: Callable[[V], int] | None = None,
        rests_on: Callable[[K, V], Iterable[Subject]] | None = None,
        load: Callable[[K], Awaitable[V]] | None = None,
        lease: Lease | None = None,
        is_same: Callable[[V, V], bool] = eq,
    ) -> None:
        self._max_weight = max_weight
        self._weigh = weigh
        self._rests_on = rests_on
        self._load = load
        self._lease = lease
        self._is_same = is_same
        self._is_plain = weigh is None and lease is None  # the hottest paths ask one question more
        self._weight = 0
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._keys: dict[Subject, set[K]] = {}  # what rests on a subject
        self._flights: Flights[K, V] = Flights()
        # Between the statement that reads a value and its `put` an event may name it, when there
        # is nothing yet to be forgotten: the value would be kept for good, though it is untrue. So
        # what is dropped is remembered, but only during readings: it would grow with the log.
        self._readers = 0
        self._dropped: dict[Subject, int] = {}
        self._dropped_all_at = 0
        self.tick = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        """Whether there is a value, be it proven any more or not."""
        return key in self._entries

    @property
    def weight(self) -> int:
        """Return what all values together weigh."""
        return self._weight

    def get(self, key: K) -> V | None:
        """Return the value, which thereby counts as just used; None also for an absence."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        if self._is_plain:
            return entry.value
        # The usual case first, since deliveries and answers from memory wait for nothing else.
        if self._weigh is None and entry.value and self._is_vouched():
            return entry.value
        is_right = self._is_right(key, entry, is_vouched=self._is_vouched())
        return entry.value if is_right else None

    async def of(self, key: K) -> V:
        """Return the value, which is loaded, once for all who ask meanwhile, if it is not there.

        What `load` raises is raised.

        Raises:
            OvertakenError: whenever it was read something of it changed meanwhile.
        """
        entry = self._found(key, is_vouched=self._is_vouched())
        return await self.anew(key) if entry is None else entry.value

    async def anew(self, key: K) -> V:
        """Load the value whether it is there or not; else as `of`."""
        flight = await self._flights.share(key, lambda: self._read(key))
        if flight.joined and not self.holds(key, flight.result):
            # A flight that was joined may have read before this question was asked. What is not
            # kept, such as an absence, or is proven no more, no event would correct: so it is read
            # once more, by a flight that begins after the question.
            flight = await self._flights.share(key, lambda: self._read(key))
        return flight.result

    async def many(
        self,
        keys: Iterable[K],
        read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        anew: bool = False,
    ) -> dict[K, V]:
        """Return the values of keys; all that are not there are read together, by whoever asks.

        Not in single flight: the connection that `read` uses belongs to this caller.

        Args:
            keys: what is nowhere is left out of the answer.
            read: the values of those that are not there; what it raises is raised.
            anew: read all of them: something may have changed that this process has not read yet.
        """
        found: dict[K, V] = {}
        missing: list[K] = []
        is_vouched = self._is_vouched()
        for key in keys:
            entry = None if anew else self._found(key, is_vouched=is_vouched)
            if entry is None:
                missing.append(key)
            else:
                found[key] = entry.value
        if missing:
            with self.reading() as reading:
                for key, value in (await read(missing)).items():
                    found[key] = self._same(key, value)
                    self.put(key, found[key], reading)
        return found

    def holds(self, key: K, value: V) -> bool:
        """Return whether a value that was given before is still the one, and still proven."""
        entry = self._entries.get(key)
        if entry is None or entry.value is not value:
            return False
        self._entries.move_to_end(key)  # whoever goes on using a value asks nothing but this
        return self._is_proven(entry, is_vouched=self._is_vouched())

    def weigh_again(self, key: K) -> None:
        """Count what has been worked out of a value since; makes room if that is too much."""
        entry = self._entries.get(key)
        if entry is not None:
            self._is_right(key, entry, is_vouched=True)

    def proven_for_s(self, key: K) -> float:
        """Return for how many seconds a value is proven from now on; else 0 or negative."""
        entry, lease = self._entries.get(key), self._lease
        if entry is None:
            return -float("inf")
        if lease is None:
            return float("inf")
        return lease.left_of(entry.asked_at_s, is_absence=not entry.value)

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """Remember what is dropped until the end of the block; yields what `put` wants to know."""
        self._readers += 1
        try:
            yield Reading(self.tick, self._now_s())
        finally:
            self._readers -= 1
            if not self._readers:
                self._dropped.clear()

    def put(self, key: K, value: V, reading: Reading | None = None, *, weight: int = 1) -> bool:
        """Keep a value, unless it alone is over the bound.

        Args:
            key: of the value.
            value: what is kept.
            reading: when it was begun to be read; None: nothing can have changed meanwhile.
            weight: of the value, where the memory does not weigh.

        Returns:
            False: something that it rests on has changed meanwhile.
        """
        subjects = () if self._rests_on is None else tuple(self._rests_on(key, value))
        if reading is not None and self._is_overtaken(subjects, reading.tick):
            return False
        self.forget(key)
        asked_at_s = self._now_s() if reading is None else reading.asked_at_s
        weight = weight if self._weigh is None else self._weigh(value)
        if weight <= self._max_weight:
            self._entries[key] = _Entry(value, weight, Memo.growths, subjects, asked_at_s)
            for subject in subjects:
                self._keys.setdefault(subject, set()).add(key)
            self._add_weight(weight)
        return True

    def forget(self, key: K) -> None:
        """Drop one value, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._weight -= entry.weight
        for subject in entry.rests_on:
            keys = self._keys.get(subject)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[subject]

    def drop(self, subjects: Iterable[Subject]) -> None:
        """Forget what rests on one of the subjects, and keep nothing of it that is being read."""
        self.tick += 1
        if len(self._dropped) > _MOST_DROPPED:
            # Where readings overlap without end it is never cleared. Then it is cleared here, and
            # none of those that read now is kept, which costs a read and is always right.
            self._dropped.clear()
            self._dropped_all_at = self.tick
        named = set(subjects)
        for subject in named | {kind_of(each) for each in named}:
            if self._readers:
                self._dropped[subject] = self.tick
            for key in self._keys.pop(subject, ()):
                self.forget(key)

    def reset(self) -> None:
        """Forget everything, and keep nothing that is being read: changes may have been missed."""
        self.tick += 1
        self._dropped_all_at = self.tick
        self._entries.clear()
        self._keys.clear()
        self._weight = 0

    def _found(self, key: K, *, is_vouched: bool) -> _Entry[V] | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry if self._is_right(key, entry, is_vouched=is_vouched) else None

    def _is_overtaken(self, subjects: Sequence[Subject], tick: int) -> bool:
        if self._dropped_all_at > tick:
            return True
        dropped = self._dropped
        return bool(dropped) and any(dropped.get(subject, 0) > tick for subject in subjects)

    async def _read(self, key: K) -> V:
        if self._load is None:
            raise TypeError("`of` needs the argument `load`")
        for _ in range(_MAX_REPEATS):
            with self.reading() as reading:
                value = self._same(key, await self._load(key))
                if not value and not (self._lease and self._lease.absent_for_s):
                    self.forget(key)
                    return value
                # A caller that joined this flight after an event must not get what was read before
                # it. So an overtaken reading is repeated, and not merely left unkept.
                if self._is_in_time(value, reading) and self.put(key, value, reading):
                    return value
        raise OvertakenError("this changes faster than it can be read: try again")

    def _is_in_time(self, value: V, reading: Reading) -> bool:
        lease = self._lease
        if lease is None or not lease.refuses_late:
            return True
        return lease.left_of(reading.asked_at_s, is_absence=not value) > 0

    def _same(self, key: K, value: V) -> V:
        entry = self._entries.get(key)
        return value if entry is None or not self._is_same(entry.value, value) else entry.value

    def _now_s(self) -> float:
        return 0.0 if self._lease is None else self._lease.monotonic_s()

    def _is_vouched(self) -> bool:
        return self._lease is None or self._lease.left_s() >= 0

    def _is_right(self, key: K, entry: _Entry[V], *, is_vouched: bool) -> bool:
        """Weigh a value anew if it may have grown, and return whether it may be given."""
        if self._weigh is not None and entry.growths != Memo.growths:
            grown = self._weigh(entry.value)
            entry.growths = Memo.growths
            added, entry.weight = grown - entry.weight, grown
            self._add_weight(added)
            if grown > self._max_weight:
                self.forget(key)
        return self._is_proven(entry, is_vouched=is_vouched)

    def _is_proven(self, entry: _Entry[V], *, is_vouched: bool) -> bool:
        lease = self._lease
        if lease is None or (is_vouched and entry.value):
            return True  # the feed would have named it
        return lease.left_of(entry.asked_at_s, is_absence=not entry.value) > 0

    def _add_weight(self, weight: int) -> None:
        self._weight += weight
        while self._weight > self._max_weight:
            self.forget(next(iter(self._entries)))
