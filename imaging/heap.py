"""The C heap of this process: few arenas, and what is free goes back to the system.

glibc gives every thread an arena of its own, and each keeps what a render of a large master took.
Where the C library is another one, nothing here does anything.
"""

import ctypes
from collections.abc import Callable

_M_ARENA_MAX = -8  # malloc.h
_ARENAS = 2


def cap_arenas() -> None:
    """Bound the arenas; has no effect once threads have asked for more memory."""
    if mallopt := _find("mallopt"):
        mallopt(_M_ARENA_MAX, _ARENAS)


def trim_heap() -> None:
    """Give back what is free; takes some milliseconds, so do it while there is nothing to do."""
    if malloc_trim := _find("malloc_trim"):
        malloc_trim(0)


def _find(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None)
