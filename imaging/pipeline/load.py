"""Opening a master, and reading it no larger than needed."""

from dataclasses import dataclass
from pathlib import Path

from catalog.delivery.geometry import Size
from imaging.formats import HEAD_BYTES, MASTER_FORMATS, sniff
from imaging.model import BrokenSourceError, SourceLimits
from imaging.vips import Image, Master, VipsError, allow_loaders, get_number, source_of

# What `formats.MASTER_FORMATS` names; whatever else libvips can read stays blocked here.
allow_loaders("Jpeg", "Png", "Webp")

_LIMITS = SourceLimits()
_FIRST_TURNED = 5  # EXIF orientations 5 to 8 swap width and height


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


def open_master(master: Master) -> OpenMaster:
    """Read the header.

    Raises:
        BrokenSourceError: it is missing, no master format, corrupt or over the limits.
    """
    try:
        if sniff(_head(master)) not in MASTER_FORMATS:
            raise BrokenSourceError("The master is of no format that renditions are made from.")
        header = Image.new_from_source(source_of(master), "", access="sequential")
    except (OSError, VipsError) as error:
        raise BrokenSourceError("The master can't be opened.") from error
    stored = Size(width_px=header.width, height_px=header.height)
    longest_px = max(stored.width_px, stored.height_px)
    if stored.pixels > _LIMITS.pixels or longest_px > _LIMITS.side_px:
        raise BrokenSourceError("The master has more pixels than are decoded.")
    orientation = get_number(header, "orientation", 1)
    return OpenMaster(master=master, stored=stored, orientation=orientation)


def load_scaled(opened: OpenMaster, upright: Size) -> Image:
    """Return the picture, as stored, in the size that is this one when it is upright.

    Decodes lazily, from top to bottom, shrinking while it decodes where the format can; converts
    CMYK and 16 bit on the way.

    Raises:
        VipsError: the source is broken.
    """
    size = turned(upright, opened.orientation)
    return Image.thumbnail_source(
        source_of(opened.master),
        size.width_px,
        height=size.height_px,
        size="force",
        no_rotate=True,
        option_string="fail_on=error",  # its own `fail_on` does not reach the loader (8.18)
    )


def turned(size: Size, orientation: int) -> Size:
    """Return the size after turning by an EXIF orientation, or before: it is its own inverse."""
    if orientation < _FIRST_TURNED:
        return size
    return Size(width_px=size.height_px, height_px=size.width_px)


def _head(master: Master) -> bytes:
    if isinstance(master, bytes):
        return master[:HEAD_BYTES]
    with Path(master).open("rb") as file:
        return file.read(HEAD_BYTES)
