"""The C heap of this process: few arenas, which keep what a render took for the next one.

By default glibc gives every thread an arena of its own, and gives memory back to the system as
soon as the end of an arena is free. A render would then get its few megabytes anew, page by page,
which cost it a tenth of its time and more. What is free goes back once nothing is rendered.
Where the C library is another one, nothing here does anything.
"""

import ctypes
from collections.abc import Callable

_MIB = 1024 * 1024
#: Parameters of malloc.h. What is larger than a block of 8 MiB, as the pixels of a mezzanine are,
#: goes back at once.
_M_TRIM_THRESHOLD, _KEPT_BYTES = -1, 64 * _MIB
_M_TOP_PAD, _TAKEN_AT_ONCE_BYTES = -2, 4 * _MIB
_M_MMAP_THRESHOLD, _BLOCK_BYTES = -3, 8 * _MIB
_M_ARENA_MAX, _ARENAS = -8, 2


def shape_heap() -> None:
    """Bound the arenas and what each keeps; call it before threads have asked for more memory."""
    if mallopt := _find("mallopt"):
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_TOP_PAD, _TAKEN_AT_ONCE_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _BLOCK_BYTES)


def trim_heap() -> None:
    """Give back what is free; takes some milliseconds, so do it while there is nothing to do."""
    if malloc_trim := _find("malloc_trim"):
        malloc_trim(0)


def _find(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None)
