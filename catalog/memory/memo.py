"""What has been worked out of a value, kept as long as the value itself."""

from collections.abc import Callable, Hashable
from typing import ClassVar, TypeVar

V = TypeVar("V")


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
