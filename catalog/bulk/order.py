"""The order in which the records of one type are applied: what one names comes before it. Pure."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Places of records, in the order in which they are applied.

    Attributes:
        places: all of them, each once.
        circles: groups of places whose records name each other all around.
    """

    places: Sequence[int]
    circles: Sequence[Sequence[int]] = ()


def in_order(keys: Sequence[int], named: Sequence[int]) -> Order:
    """Put records behind what they name, and leave them as they stand where that is possible.

    A record that names one which has not come yet waits for it; records of one key stay in their
    order. One pass over the records and what they wait for, with a few integers for each.

    Args:
        keys: of the records, as numbers that compare, in the order of the file.
        named: the key that each record names; 0: none.
    """
    if not any(named):
        return Order(places=range(len(keys)))
    waiting = _Waiting(keys, named)
    for place in range(len(keys)):
        waiting.come(place)
    circles: list[Sequence[int]] = []
    for place in range(len(keys)):
        if not waiting.has_come[place]:
            circle = waiting.circle_before(place)
            circles.append(circle)
            waiting.break_at(circle)
    return Order(places=waiting.order, circles=circles)


class _Waiting:
    """Who waits for whom; lists of those that wait for a place are linked through arrays."""

    def __init__(self, keys: Sequence[int], named: Sequence[int]) -> None:
        count = len(keys)
        self.order = array("q")
        self.has_come = bytearray(count)
        self._named = named
        self._sorted = array("q", sorted(range(count), key=keys.__getitem__))
        self._sorted_keys = array("q", (keys[place] for place in self._sorted))
        self._before = array("q", [NOTHING]) * count  # the record of the same key before it
        for at in range(1, count):
            if self._sorted_keys[at] == self._sorted_keys[at - 1]:
                self._before[self._sorted[at]] = self._sorted[at - 1]
        self._first_waiting = array("q", [NOTHING]) * count
        self._next_waiting = array("q", [NOTHING]) * count

    def come(self, place: int) -> None:
        """Take a record, and all that waited for nothing but it; or let it wait."""
        stack = [place]
        while stack:
            at = stack.pop()
            if self.has_come[at]:
                continue
            awaited = self._awaited(at)
            if awaited == NOTHING:
                self._take(at, stack)
            else:
                self._next_waiting[at] = self._first_waiting[awaited]
                self._first_waiting[awaited] = at

    def circle_before(self, place: int) -> list[int]:
        """Return the records that name each other all around, which a record waits for."""
        seen: dict[int, int] = {}
        while place not in seen:
            seen[place] = len(seen)
            place = self._awaited(place)
        return list(seen)[seen[place] :]

    def break_at(self, circle: Sequence[int]) -> None:
        """Take the records of a circle as they are, and go on with what waited for them."""
        for place in circle:
            self.has_come[place] = True
        stack: list[int] = []
        for place in sorted(circle):
            self._take(place, stack)
        while stack:
            self.come(stack.pop())

    def _take(self, place: int, stack: list[int]) -> None:
        self.has_come[place] = True
        self.order.append(place)
        at = self._first_waiting[place]
        while at != NOTHING:  # the last that came to wait is the first of the list
            stack.append(at)
            at = self._next_waiting[at]

    def _awaited(self, place: int) -> int:
        """Return what has to come first: the record before it of its key, then what it names."""
        before = self._before[place]
        if before != NOTHING and not self.has_come[before]:
            return before
        named = self._named[place]
        if not named:
            return NOTHING
        at = bisect_left(self._sorted_keys, named)
        if at == len(self._sorted_keys) or self._sorted_keys[at] != named:
            return NOTHING  # it is stored, or nowhere
        first = self._sorted[at]
        return NOTHING if self.has_come[first] else first
