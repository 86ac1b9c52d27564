"""Opening a master, and reading it no larger than needed, upright and in sRGB."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.delivery.geometry import Size
from imaging.decode_bounds import is_read_in_time
from imaging.direct import open_header, size_of, thumbnail
from imaging.formats import HEAD_BYTES, MASTER_FORMATS, sniff
from imaging.model import BrokenSourceError, RenderDeadlineError, SourceLimits
from imaging.pipeline.colour import to_srgb
from imaging.vips import (
    Image,
    Master,
    Stop,
    VipsError,
    allow_loaders,
    get_number,
    settle,
    source_of,
)

# What `formats.MASTER_FORMATS` names; whatever else libvips can read stays blocked here.
allow_loaders("Jpeg", "Png", "Webp")

_LIMITS = SourceLimits()
_SMALL_BYTES = 4 * 1024**2
_FIRST_TURNED = 5  # EXIF orientations 5 to 8 swap width and height


class RenderSource(Protocol):
    """What renditions are made from: a master, or the mezzanine of one."""

    @property
    def upright(self) -> Size:
        """Return the size of the master as the picture is seen."""
        ...

    def load(self, scaled: Size, stop: Stop, /) -> Image:
        """Return the whole picture in this size: upright, 8-bit sRGB, without a profile's say.

        Raises:
            OSError: the file can't be opened any more.
            VipsError: the source is broken, or `stop` was set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMaster:
    """A master of which only the header was read."""

    master: Master
    stored: Size
    orientation: int

    @property
    def upright(self) -> Size:
        """Return the size as the picture is seen."""
        return turned(self.stored, self.orientation)

    def load(self, scaled: Size, stop: Stop) -> Image:
        """Decode lazily, from top to bottom, shrinking while decoding where the format can.

        Raises:
            OSError: the file can't be opened any more.
            VipsError: the source is broken, or `stop` was set.
        """
        size = turned(scaled, self.orientation)
        image = thumbnail(source_of(self.master), size.width_px, size.height_px)
        if get_number(image, "orientation", 1) != 1:
            image = settle(image, stop).autorot()
        return to_srgb(image)


def open_master(master: Master) -> OpenMaster:
    """Read the header.

    Raises:
        BrokenSourceError: it is missing, no master format, corrupt or over the limits; caused by
            an OSError where the file could not be read.
    """
    try:
        master = _at_hand(master)
        found = sniff(_head(master))
        if found is None or found not in MASTER_FORMATS:
            raise BrokenSourceError("The master is of no format that renditions are made from.")
        header = open_header(source_of(master))
        in_time = is_read_in_time(header, found, master)
    except (OSError, VipsError) as error:
        raise BrokenSourceError("The master can't be opened.") from error
    stored = size_of(header)
    longest_px = max(stored.width_px, stored.height_px)
    if stored.pixels > _LIMITS.pixels or longest_px > _LIMITS.side_px or not in_time:
        raise BrokenSourceError("The master has more pixels or scans than are decoded.")
    orientation = get_number(header, "orientation", 1)
    return OpenMaster(master=master, stored=stored, orientation=orientation)


@contextmanager
def decoding(stop: Stop) -> Generator[None]:
    """Say of what libvips could not do in the block whether the master or the time was at fault.

    Raises:
        BrokenSourceError: the master can't be decoded to its last pixel; as of `open_master`.
        RenderDeadlineError: `stop` was set; also before the block.
    """
    if stop():
        raise RenderDeadlineError("The render had no time left.")
    try:
        yield
    except (OSError, VipsError) as error:
        if stop():
            raise RenderDeadlineError("The render was stopped at its deadline.") from error
        raise BrokenSourceError("The master can't be decoded.") from error


def turned(size: Size, orientation: int) -> Size:
    """Return the size after turning by an EXIF orientation, or before: it is its own inverse."""
    if orientation < _FIRST_TURNED:
        return size
    return Size(width_px=size.height_px, height_px=size.width_px)


def _at_hand(master: Master) -> Master:
    """Return the bytes of a small file: it would be opened five times, and is read once."""
    if isinstance(master, bytes):
        return master
    with master.open("rb", buffering=0) as file:  # a buffer would ask for four things more
        size_bytes = os.fstat(file.fileno()).st_size
        return file.read(size_bytes) if size_bytes <= _SMALL_BYTES else master


def _head(master: Master) -> bytes:
    if isinstance(master, bytes):
        return master[:HEAD_BYTES]
    with Path(master).open("rb") as file:
        return file.read(HEAD_BYTES)
