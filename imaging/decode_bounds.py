"""Which rasters a decoder reads in one long call, and how many of their pixels that may be.

libvips stops a decode between small steps. A progressive JPEG, an interlaced PNG and any WebP are
decoded whole in the first of them: up to 50 ms a megapixel, measured, and no deadline ends it. A
JPEG may also repeat its scans without end, each of them a few bytes and 20 ms at 100 megapixels.
Beyond these bounds a raster is no master: ingest, in its child process, makes one of it.
"""

import mmap
import re
from pathlib import Path

from imaging.direct import size_of
from imaging.formats import SourceFormat
from imaging.vips import Image, Master, get_number

MOST_PIXELS = 25_000_000  # 1.3 s
MOST_SCANS = 32  # libjpeg's own progressions have 10

_START_OF_SCAN = re.compile(
    b"\xff\xda"
)  # ITU-T T.81, table B.1; entropy-coded data has no such pair


def is_read_in_time(header: Image, found: SourceFormat, master: Master) -> bool:
    """Return whether a decode can be stopped, or is over soon in any case.

    Args:
        header: the raster, of which nothing but the header was read.
        found: its format.
        master: the same, for a look at its scans.

    Raises:
        OSError: the file can't be read.
    """
    if found is not SourceFormat.WEBP and not get_number(header, "interlaced", 0):
        return True
    if size_of(header).pixels > MOST_PIXELS:
        return False
    return found is not SourceFormat.JPEG or _scans(master) <= MOST_SCANS


def _scans(master: Master) -> int:
    """Count the scans, and those of thumbnails within the metadata."""
    if isinstance(master, bytes):
        return len(_START_OF_SCAN.findall(master))
    with (
        Path(master).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        return len(_START_OF_SCAN.findall(mapped))
