"""Mezzanines: a large master decoded once, kept uncompressed for all its smaller renditions.

Whether a rendition is made from one follows from sizes alone, never from what is kept, so its
bytes are the same on every gateway and after every restart. What is kept lives on the gateway's
own disk until it is the least recently used of a folder that is full; it is named after the bytes
of the source, so another version never meets it, and it is reached only behind a rights decision.
"""

import mmap
import os
import struct
import threading
import zlib
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from catalog.delivery.geometry import Size
from catalog.memory.kept import Kept
from imaging.file_cache import FileCache
from imaging.model import RenderDeadlineError
from imaging.pipeline.load import OpenMaster, decoding
from imaging.vips import Image, Stop, pixels_of

LONG_EDGE_PX = 2560
LARGE_PIXELS = 8_000_000

_VERSION = 2  # raised with any change of the file or of its pixels
# Magic and version; the master's upright width and height; width, height, bands. Then the CRC-32 of
# these and all that follows: the pixels row by row.
_HEADER = struct.Struct("<7sB5I")
_CHECKSUM = struct.Struct("<I")
_MAGIC = b"vt-mezz"
_ASK_AGAIN_S = 0.05
_SOUND_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mezzanine:
    """A picture in memory, or mapped there: upright, 8-bit sRGB, alpha last.

    Attributes:
        upright: the size of its master.
        size: its own.
        bands: 3, or 4 with alpha.
        pixels: row by row.
    """

    upright: Size
    size: Size
    bands: int
    pixels: bytes | memoryview

    def load(self, scaled: Size, _stop: Stop) -> Image:
        """Return the picture in this size, lazily."""
        size = self.size.width_px, self.size.height_px
        image = Image.new_from_memory(self.pixels, *size, self.bands, "uchar")
        whole = image.copy(interpretation="srgb")
        return whole.thumbnail_image(scaled.width_px, height=scaled.height_px, size="force")


def mezzanine_folder(folder: Path, *, max_mib: int) -> FileCache | None:
    """Return the folder that keeps mezzanines; None for a maximum of 0."""
    return FileCache(folder, max_bytes=max_mib * 1024**2) if max_mib else None


def mezzanine_size(upright: Size) -> Size | None:
    """Return how large the mezzanine of a master is; None: it is small enough without one."""
    longest_px = max(upright.width_px, upright.height_px)
    if upright.pixels <= LARGE_PIXELS or longest_px <= LONG_EDGE_PX:
        return None
    scale = LONG_EDGE_PX / longest_px
    return Size(
        width_px=max(1, round(upright.width_px * scale)),
        height_px=max(1, round(upright.height_px * scale)),
    )


def mezzanine_serving(upright: Size, scaled: Size) -> Size | None:
    """Return the size of the mezzanine that a render begins at; None: at the master itself.

    It begins there where the mezzanine is at least as large as the whole picture is scaled to, so
    that no crop of it is ever enlarged.

    Args:
        upright: the master's size.
        scaled: what the render scales all of it to, before it crops.
    """
    size = mezzanine_size(upright)
    if size is None or scaled.width_px > size.width_px or scaled.height_px > size.height_px:
        return None
    return size


def make_mezzanine(opened: OpenMaster, size: Size, stop: Stop) -> Mezzanine:
    """Decode a master to its mezzanine, on this thread.

    Raises:
        BrokenSourceError: the master can't be decoded to its last pixel.
        RenderDeadlineError: `stop` was set.
    """
    with decoding(stop):
        image = opened.load(size, stop)
        with stop.watching(image):
            pixels = pixels_of(image)
    return Mezzanine(upright=opened.upright, size=size, bands=image.bands, pixels=pixels)


class Mezzanines:
    """The mezzanines of one process, and those that a folder keeps.

    Args:
        folder: shared by the gateways of one machine; None keeps them only while they are used.
    """

    def __init__(self, folder: FileCache | None = None) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._flights: dict[str, Future[Mezzanine]] = {}
        self._sound: Kept[str, tuple[int, int]] = Kept(_SOUND_KEPT)

    def keeps(self, source_sha256: str) -> bool:
        """Return whether the folder has a file of this name; costs one question to the disk."""
        return self._folder is not None and self._folder.has(_key_of(source_sha256))

    @contextmanager
    def find(self, source_sha256: str) -> Generator[Mezzanine | None]:
        """Yield what the folder keeps for a source, for the block; None: nothing that is sound."""
        if self._folder is None:
            yield None
            return
        key = _key_of(source_sha256)
        with self._folder.hold(key) as path:
            yield None if path is None else self._read(key, path)

    @contextmanager
    def find_or_make(
        self, source_sha256: str, make: Callable[[], Mezzanine], stop: Stop
    ) -> Generator[Mezzanine]:
        """Yield the mezzanine of a source; who asks while one is made waits for that one.

        Args:
            source_sha256: of the source, lower-case hex.
            make: called on this thread, at most once at a time for a source.
            stop: ends the waiting.

        Raises:
            BrokenSourceError: the master can't be decoded to its last pixel.
            RenderDeadlineError: `stop` was set.
        """
        with self.find(source_sha256) as found:
            yield found or self._share(source_sha256, make, stop)

    def _share(self, sha256: str, make: Callable[[], Mezzanine], stop: Stop) -> Mezzanine:
        while not stop():
            ours = Future[Mezzanine]()
            with self._guard:
                flight = self._flights.setdefault(sha256, ours)
            if flight is ours:
                return self._fly(sha256, ours, make)
            wait([flight], timeout=_ASK_AGAIN_S)
            # One that was stopped ran out of its own time, not of ours: then it is our turn.
            if flight.done() and not isinstance(flight.exception(), RenderDeadlineError):
                return flight.result()
        raise RenderDeadlineError("The render had no time left for the mezzanine.")

    def _fly(
        self, sha256: str, flight: Future[Mezzanine], make: Callable[[], Mezzanine]
    ) -> Mezzanine:
        try:
            with self.find(sha256) as found:  # looked up again: it may have been finished meanwhile
                made = found or make()
            flight.set_result(made)  # whoever waits need not wait for the disk
            if found is None and self._folder is not None:
                self._folder.write(_key_of(sha256), lambda path: _write(path, made))
        except BaseException as error:
            if not flight.done():
                flight.set_exception(error)
            raise
        finally:
            with self._guard:
                del self._flights[sha256]
        return made

    def _read(self, key: str, path: Path) -> Mezzanine | None:
        """Map a file; its checksum is asked for whenever it was touched since it last held."""
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):  # an empty file can't be mapped
            return None
        stamp = found.st_ino, found.st_mtime_ns
        with self._guard:
            is_known = self._sound.get(key) == stamp
        read = _parse(memoryview(mapped), is_known=is_known)
        if read is not None and not is_known:
            with self._guard:
                self._sound.put(key, stamp)
        return read


def _key_of(source_sha256: str) -> str:
    return f"{source_sha256[:2]}/{source_sha256}.{_VERSION}"


def _write(path: Path, made: Mezzanine) -> None:
    sizes = astuple(made.upright) + astuple(made.size)
    header = _HEADER.pack(_MAGIC, _VERSION, *sizes, made.bands)
    checksum = zlib.crc32(made.pixels, zlib.crc32(header))
    with path.open("wb") as file:
        for part in (header, _CHECKSUM.pack(checksum), made.pixels):
            file.write(part)


def _parse(body: memoryview, *, is_known: bool) -> Mezzanine | None:
    """Return what a file holds; None where it was cut or damaged."""
    header, pixels = body[: _HEADER.size], body[_HEADER.size + _CHECKSUM.size :]
    if len(body) < _HEADER.size + _CHECKSUM.size:
        return None
    magic, version, *sizes, bands = _HEADER.unpack(header)
    (checksum,) = _CHECKSUM.unpack_from(body, _HEADER.size)
    upright = Size(width_px=sizes[0], height_px=sizes[1])
    size = Size(width_px=sizes[2], height_px=sizes[3])
    if (magic, version) != (_MAGIC, _VERSION) or size != mezzanine_size(upright):
        return None
    if len(pixels) != size.pixels * bands:
        return None
    if not is_known and zlib.crc32(pixels, zlib.crc32(header)) != checksum:
        return None
    return Mezzanine(upright=upright, size=size, bands=bands, pixels=pixels)
