"""How long to wait from one look to the next, where no notification can be waited for."""

from collections.abc import Iterator

_SHORTEST_S, _LONGEST_S = 0.005, 0.2
_GROWTH = 1.5


def growing_pauses() -> Iterator[float]:
    """Yield seconds that grow with what has been waited: looks are late by a part of it, and few.

    A wait of 50 ms is five looks, one of 3 s is twenty-two.
    """
    pause_s = _SHORTEST_S
    while True:
        yield pause_s
        pause_s = min(_GROWTH * pause_s, _LONGEST_S)
