"""Values that are true until an event names what they rest on: bounded, and found by key.

A value that was read while something of it changed is not kept: whoever reads says when it began.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

from catalog.memory.recently_used import RecentlyUsed
from catalog.subjects import Subject

K = TypeVar("K")
V = TypeVar("V")

_MOST_DROPPED = 10_000


class _Entry(NamedTuple, Generic[V]):
    value: V
    rests_on: tuple[Subject, ...]


class Kept(Generic[K, V]):
    """Forgets a value when a subject of it is dropped, or as the least recently used one.

    Args:
        max_weight: of all values together; 0: nothing is kept.
        weigh: as of `RecentlyUsed`.
    """

    def __init__(self, max_weight: int, *, weigh: Callable[[V], int] | None = None) -> None:
        self._entries: RecentlyUsed[K, _Entry[V]] = RecentlyUsed(
            max_weight,
            on_forget=self._unlink,
            weigh=None if weigh is None else lambda entry: weigh(entry.value),
        )
        self._keys: dict[Subject, set[K]] = {}
        self._readers = 0
        self._dropped: dict[Subject, int] = {}  # only while somebody reads
        self._dropped_all_at = 0
        self.tick = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """Return what all values together weigh."""
        return self._entries.weight

    def get(self, key: K) -> V | None:
        """Return the value, which thereby counts as just used."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    @contextmanager
    def reading(self) -> Generator[int]:
        """Remember what is dropped until the end of the block; yields `since` for `put`."""
        self._readers += 1
        try:
            yield self.tick
        finally:
            self._readers -= 1
            if not self._readers:
                self._dropped.clear()

    def put(
        self, key: K, value: V, rests_on: Iterable[Subject], *, since: int, weight: int = 1
    ) -> bool:
        """Keep a value; False: one of its subjects was dropped since its reading began."""
        subjects = tuple(rests_on)
        if self._dropped_all_at > since:
            return False
        dropped = self._dropped
        if dropped and any(dropped.get(subject, 0) > since for subject in subjects):
            return False
        entry = _Entry(value, subjects)
        self._entries.put(key, entry, weight=weight)
        if self._entries.get(key) is entry:
            for subject in subjects:
                self._keys.setdefault(subject, set()).add(key)
        return True

    def forget(self, key: K) -> None:
        """Drop one value, if it is there."""
        self._entries.forget(key)

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on one of the subjects, and keep nothing of it that is being read."""
        self.tick += 1
        if len(self._dropped) > _MOST_DROPPED:  # readers that overlap for ever: they keep nothing
            self._dropped.clear()
            self._dropped_all_at = self.tick
        for subject in subjects:
            if self._readers:
                self._dropped[subject] = self.tick
            for key in self._keys.pop(subject, ()):
                self._entries.forget(key)

    def reset(self) -> None:
        """Forget everything, and keep nothing that is being read."""
        self.tick += 1
        self._dropped_all_at = self.tick
        self._entries.clear()

    def _unlink(self, key: K, entry: _Entry[V]) -> None:
        for subject in entry.rests_on:
            keys = self._keys.get(subject)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[subject]
