"""Looks at one file, to its last pixel, and makes the master that renditions come from.

A JPEG, PNG or WebP still is its own master, unless decoding it could not be stopped
(`decode_bounds`). Everything else gets one that the gateway decodes fast and with few decoders:
PNG, which loses nothing, keeps transparency and is read line by line (lossless WebP took nine times
as long to decode); or, for an opaque picture that was a photograph, JPEG at quality 95 without
chroma subsampling, which is a fraction of the size and shrinks while it is decoded. CMYK is
converted here once.
"""

import hashlib
from pathlib import Path

from imaging.formats import HEAD_BYTES, SourceFormat, is_svg, sniff
from imaging.model import (
    CorruptImageError,
    ImageTooLargeError,
    ProbedImage,
    SourceLimits,
    UnsupportedFormatError,
)
from imaging.pipeline.colour import to_srgb
from imaging.probing.decode import open_source
from imaging.probing.notice import notice_in
from imaging.probing.placeholder import SIDE_PX, dominant_rgb_of, placeholder_of, thumbhash_of
from imaging.vips import KEEP_NOTHING, Image, VipsError, lowest

_MASTER_QUALITY_PERCENT = 95
_OPAQUE = {"uchar": 255, "ushort": 65535}


def probe(path: Path, limits: SourceLimits) -> ProbedImage:
    """Decode a file and say what it is.

    Raises:
        UnsupportedFormatError: no image, or of a format that is not taken in.
        CorruptImageError: it can't be decoded to its last pixel.
        ImageTooLargeError: too many bytes, pixels or frames.
        UnsafeSvgError: an SVG with entities, or no XML.
    """
    body = _read(path, limits)
    found = sniff(body[:HEAD_BYTES]) or (SourceFormat.SVG if is_svg(body) else None)
    if found is None:
        raise UnsupportedFormatError("The file is no image of a format that is taken in.")
    try:
        return _probe(body, found, limits)
    except VipsError as error:
        raise CorruptImageError(f"The {found.name} file can't be decoded.") from error


def _probe(body: bytes, found: SourceFormat, limits: SourceLimits) -> ProbedImage:
    opened = open_source(body, found, limits)
    if opened.animation:
        opened.animation()
    image = opened.first() if opened.is_master else opened.first().copy_memory()
    has_alpha = _read_alpha(image)
    master, master_mime = None, found.value
    if not opened.is_master:
        lossless = has_alpha or not opened.is_photo
        upright = _upright(image, has_alpha=has_alpha)
        master, master_mime = _encode_master(upright, lossless=lossless)
    small = Image.thumbnail_buffer(master or body, SIDE_PX, height=SIDE_PX)
    thumbnail = to_srgb(small).copy_memory()
    return ProbedImage(
        sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
        width_px=opened.seen.width_px,
        height_px=opened.seen.height_px,
        mime=found.value,
        has_alpha=has_alpha,
        frames=opened.frames,
        master=master,
        master_mime=master_mime,
        thumbhash=thumbhash_of(thumbnail),
        dominant_rgb=dominant_rgb_of(thumbnail),
        placeholder=placeholder_of(thumbnail),
        notice=notice_in(body),
    )


def _read(path: Path, limits: SourceLimits) -> bytes:
    if not path.is_file():
        raise UnsupportedFormatError("There is no such file.")
    if path.stat().st_size > limits.file_bytes:
        raise ImageTooLargeError(f"The file has more than {limits.file_bytes:,} bytes.")
    return path.read_bytes()


def _read_alpha(image: Image) -> bool:
    """Read every pixel, and return whether one is transparent."""
    if not image.hasalpha():
        image.avg()
        return False
    return lowest(image.extract_band(image.bands - 1)) < _OPAQUE.get(str(image.format), 1)


def _upright(image: Image, *, has_alpha: bool) -> Image:
    upright = to_srgb(image.autorot())
    if upright.hasalpha() and not has_alpha:
        return upright.extract_band(0, n=upright.bands - 1)
    return upright


def _encode_master(image: Image, *, lossless: bool) -> tuple[bytes, str]:
    if lossless:
        return image.pngsave_buffer(keep=KEEP_NOTHING), SourceFormat.PNG.value
    body = image.jpegsave_buffer(
        Q=_MASTER_QUALITY_PERCENT, subsample_mode="off", optimize_coding=True, keep=KEEP_NOTHING
    )
    return body, SourceFormat.JPEG.value
