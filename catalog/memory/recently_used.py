"""Bounded memories: of the most recently used values by weight, and of what comes of one value."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import ClassVar, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
    """Forgets the least recently used values once all together are heavier than the bound.

    Args:
        max_weight: the bound.
        on_forget: is told of each value that is forgotten.
        weigh: returns what a value weighs with all that has been worked out of it, and is asked
            again when it is used; None: it weighs what is said when it is put there.
    """

    def __init__(
        self,
        max_weight: int,
        *,
        on_forget: Callable[[K, V], None] = lambda _, __: None,
        weigh: Callable[[V], int] | None = None,
    ) -> None:
        self._max_weight = max_weight
        self._on_forget = on_forget
        self._weigh = weigh
        self._weight = 0
        #: With its weight, and how often anything had been worked out when it was weighed.
        self._entries: OrderedDict[K, tuple[V, int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """Return what all values together weigh."""
        return self._weight

    def get(self, key: K) -> V | None:
        """Return the value, which thereby counts as just used."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        if self._weigh is not None and entry[2] != Memo.growths:
            self._set(key, entry[0], self._weigh(entry[0]), instead_of=entry[1])
        return entry[0]

    def put(self, key: K, value: V, *, weight: int = 1) -> None:
        """Remember the value, unless it alone is over the bound."""
        self.forget(key)
        self._set(key, value, weight if self._weigh is None else self._weigh(value))

    def _set(self, key: K, value: V, weight: int, *, instead_of: int = 0) -> None:
        if weight > self._max_weight:
            self.forget(key)
            return
        self._entries[key] = value, weight, Memo.growths
        self._weight += weight - instead_of
        while self._weight > self._max_weight:
            self.forget(next(iter(self._entries)))

    def forget(self, key: K) -> None:
        """Drop the value, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            value, weight, _ = entry
            self._weight -= weight
            self._on_forget(key, value)

    def clear(self) -> None:
        """Drop everything."""
        while self._entries:
            self.forget(next(iter(self._entries)))


class Memo(dict[Hashable, V]):
    """What has been worked out of a value, which it lives as long as, by what else decides it.

    Whoever keeps the value weighs it together with this.

    Args:
        most: keys may come from clients, so beyond it the oldest is forgotten.
        weigh: returns the bytes that one takes with its key, about.

    Attributes:
        weight: of all.
    """

    __slots__ = ("_most", "_weigh", "weight")
    #: How often anything was worked out: while it stays the same nothing weighs anything else.
    growths: ClassVar = 0

    def __init__(self, most: int, weigh: Callable[[V], int]) -> None:
        super().__init__()
        self._most = most
        self._weigh = weigh
        self.weight = 0

    def __setitem__(self, key: Hashable, value: V, /) -> None:
        Memo.growths += 1
        self._forget(key)
        super().__setitem__(key, value)
        self.weight += self._weigh(value)
        if len(self) > self._most:
            self._forget(next(iter(self)))

    def _forget(self, key: Hashable) -> None:
        if key in self:
            self.weight -= self._weigh(self.pop(key))
