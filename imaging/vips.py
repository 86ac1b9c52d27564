"""libvips, set up once for the process: no cache, one thread an image, only named loaders.

Everything else takes `Image` and `VipsError` from here. Never fork once this is imported.
"""

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyvips
from pyvips import Error as VipsError
from pyvips import Image, Source, ffi, glib_lib
from pyvips.voperation import concurrency_set

from imaging.heap import shape_heap

__all__ = [
    "KEEP_NOTHING",
    "Image",
    "Master",
    "Stop",
    "VipsError",
    "allow_loaders",
    "get_blob",
    "get_number",
    "lowest",
    "pixels_of",
    "set_blob",
    "set_number",
    "settle",
    "source_of",
]

Master: TypeAlias = Path | bytes


class Stop:
    """The one switch that ends a render, thrown on another thread than it runs on.

    It stops libvips itself: a callback between two steps would have the thread that renders wait
    for the interpreter's lock, some fifty times a picture.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_set = False
        self._watched: dict[int, Image] = {}

    def __call__(self) -> bool:
        """Return whether the render has to end."""
        return self._is_set

    def set(self) -> None:
        """End it; of no effect once it is done."""
        with self._guard:
            self._is_set = True
            for image in self._watched.values():
                image.set_kill(True)

    @contextmanager
    def watching(self, image: Image) -> Generator[None]:
        """Make what the block writes from this image end, within milliseconds, once this is set.

        Works between the small steps of a pipeline and of the JPEG, PNG and WebP encoders; a
        decoder or an AVIF encoder that is one long call runs to its end.
        """
        with self._guard:
            self._watched[id(image)] = image
            if self._is_set:
                image.set_kill(True)
        try:
            yield
        finally:
            with self._guard:
                del self._watched[id(image)]


KEEP_NOTHING = 0  # of metadata, in what is written: VipsForeignKeep
XMP_FIELD = "xmp-data"
ICC_FIELD = "icc-profile-data"

# It warns for every damaged line, and then raises; what raises is logged where it stops.
logging.getLogger("pyvips").setLevel(logging.ERROR)


def _hear_warnings_only() -> None:
    """Leave what libvips says of each step to GLib, which drops it.

    pyvips has all of it brought to Python, fourteen lines a rendition, and each waits for the
    interpreter's lock, to find that nobody logs it.
    """
    level = pyvips.GLogLevelFlags
    heard = level.LEVEL_WARNING | level.LEVEL_CRITICAL | level.LEVEL_ERROR
    heard |= level.FLAG_FATAL | level.FLAG_RECURSION
    # pyvips has no other way, and takes this one away at the end as it would its own
    private: Any = pyvips
    handler = private._log_handler_cb  # noqa: SLF001
    private._remove_log_handler()  # noqa: SLF001
    handler_id = glib_lib.g_log_set_handler(b"VIPS", heard, handler, ffi.NULL)
    private._log_handler_id = handler_id  # noqa: SLF001


_hear_warnings_only()

shape_heap()  # before any thread asks for memory
pyvips.cache_set_max(0)
concurrency_set(1)
# libvips marks some loaders as untrusted; we trust none that is not named.
pyvips.operation_block_set("VipsForeignLoad", state=True)


def allow_loaders(*names: str) -> None:
    """Let this process decode with these loaders (`Jpeg`, `Png`, ...), besides those before."""
    for name in names:
        pyvips.operation_block_set(f"VipsForeignLoad{name}", state=False)


def source_of(master: Master) -> Source:
    """Return where to read from; unlike libvips's file names it takes any path literally.

    Raises:
        OSError: the file can't be opened, which says nothing of what it holds.
    """
    if isinstance(master, bytes):
        return Source.new_from_memory(master)
    try:
        return Source.new_from_file(str(master))
    except VipsError as error:
        raise OSError("libvips can't open the file") from error


def settle(image: Image, stop: Stop) -> Image:
    """Return the image in memory: what follows may read it twice and in any order.

    Raises:
        VipsError: the source is broken, or `stop` was set.
    """
    with stop.watching(image):
        return image.copy_memory()


def set_blob(image: Image, field: str, value: bytes) -> None:
    """Attach a binary metadata field to an image that nobody else holds."""
    image.set_type(pyvips.GValue.blob_type, field, value)  # pyright: ignore[reportArgumentType] - the stubs forgot bytes


def get_blob(image: Image, field: str) -> bytes | None:
    """Return a binary metadata field."""
    if not image.get_typeof(field):
        return None
    value: object = image.get(field)
    return value if isinstance(value, bytes) else None


def get_number(image: Image, field: str, default: int) -> int:
    """Return an integer metadata field, or the default where there is none."""
    if not image.get_typeof(field):
        return default
    value = image.get(field)
    return value if isinstance(value, int) else default


def set_number(image: Image, field: str, value: int) -> None:
    """Attach an integer metadata field to an image that nobody else holds."""
    image.set_type(pyvips.GValue.gint_type, field, value)


def lowest(image: Image) -> float:
    """Return the smallest value of all pixels."""
    found = image.min()
    return found[0] if isinstance(found, tuple) else found


def pixels_of(image: Image) -> bytes:
    """Return all values, row by row, the bands of a pixel together."""
    return bytes(image.write_to_memory())  # libvips gives a view of its own memory
