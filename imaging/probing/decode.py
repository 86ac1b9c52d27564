"""Decoders of everything that ingest takes; what they give was not decoded yet, only opened."""

import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import pillow_heif

from catalog.delivery.geometry import Size
from imaging.formats import MASTER_FORMATS, SourceFormat
from imaging.model import CorruptImageError, ImageTooLargeError, SourceLimits
from imaging.one_call import is_read_in_time
from imaging.pipeline.load import turned
from imaging.probing.svg import sanitised_svg
from imaging.vips import ICC_FIELD, Image, allow_loaders, get_number, set_blob

allow_loaders("Jpeg", "Png", "Webp", "Heif", "Nsgif", "Tiff", "Svg")

SVG_LONG_EDGE_PX = 2000

_HEIF_MODES = {"RGB": 3, "RGBA": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A picture of which the header was read, within the limits.

    Attributes:
        first: reads the first frame, from top to bottom.
        animation: reads every frame, stacked; None for a still.
        seen: the size of one frame, upright.
        is_master: renditions may be made from the file as it is.
        is_photo: lossy already, so its master may be.
    """

    first: Callable[[], Image]
    seen: Size
    is_photo: bool
    is_master: bool = False
    frames: int = 1
    animation: Callable[[], Image] | None = None


def open_source(body: bytes, found: SourceFormat, limits: SourceLimits) -> Opened:
    """Open bytes of a known format.

    Raises:
        ImageTooLargeError: too many pixels or frames.
        CorruptImageError: not what its first bytes promise.
        UnsafeSvgError: an SVG with entities, or no XML.
        VipsError: libvips can't open it.
    """
    if found is SourceFormat.SVG:
        return _open_svg(body, limits)
    if found is SourceFormat.HEIF:
        return _open_heif(body, limits)
    return _open_raster(body, found, limits)


def _open_raster(body: bytes, found: SourceFormat, limits: SourceLimits) -> Opened:
    # Pages of a TIFF have sizes of their own; only the first is ever looked at.
    paged = found in {SourceFormat.GIF, SourceFormat.WEBP, SourceFormat.AVIF}

    def read(options: str = "") -> Image:
        return Image.new_from_buffer(body, options, access="sequential", fail_on="error")

    header = read()
    frames = get_number(header, "n-pages", 1)
    frame = Size(width_px=header.width, height_px=header.height)
    _check(frame, frames if paged else 1, limits)
    return Opened(
        first=read,
        animation=(lambda: read("n=-1")) if paged and frames > 1 else None,
        seen=turned(frame, get_number(header, "orientation", 1)),
        frames=frames,
        is_master=found in MASTER_FORMATS
        and frames == 1
        and header.interpretation != "cmyk"
        and is_read_in_time(header, found, body),
        is_photo=found is not SourceFormat.GIF,
    )


def _open_svg(body: bytes, limits: SourceLimits) -> Opened:
    if len(body) > limits.svg_bytes:
        raise ImageTooLargeError(f"An SVG may have at most {limits.svg_bytes:,} bytes.")
    safe = sanitised_svg(body)
    drawn = Image.svgload_buffer(safe)
    scale = SVG_LONG_EDGE_PX / max(drawn.width, drawn.height)

    def read() -> Image:
        return Image.svgload_buffer(safe, scale=scale)

    seen = Size(width_px=read().width, height_px=read().height)
    return Opened(first=read, seen=seen, is_photo=False)


def _open_heif(body: bytes, limits: SourceLimits) -> Opened:
    """HEVC, which libvips's own wheel opens and then can't decode; upright by itself."""
    with _heif_errors():
        opened = pillow_heif.HeifFile(io.BytesIO(body), convert_hdr_to_8bit=True)
        width_px, height_px = opened.size
    seen = Size(width_px=width_px, height_px=height_px)
    _check(seen, 1, limits)

    def read() -> Image:
        with _heif_errors():
            picture = opened.to_pillow()
        if picture.mode not in _HEIF_MODES:
            picture = picture.convert("RGB")
        bands = _HEIF_MODES[picture.mode]
        image = Image.new_from_memory(picture.tobytes(), *picture.size, bands, "uchar")
        image = image.copy(interpretation="srgb")
        profile: object = picture.info.get("icc_profile")
        if isinstance(profile, bytes) and profile:
            set_blob(image, ICC_FIELD, profile)
        return image

    return Opened(first=read, seen=seen, is_photo=True)


@contextmanager
def _heif_errors() -> Generator[None]:
    try:
        yield
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, IndexError) as error:
        # What pillow-heif documents; IndexError where the file holds no picture.
        raise CorruptImageError("The HEIC file can't be decoded.") from error


def _check(frame: Size, frames: int, limits: SourceLimits) -> None:
    if frames > limits.frames:
        raise ImageTooLargeError(f"The image has {frames:,} frames; {limits.frames:,} are taken.")
    if max(frame.width_px, frame.height_px) > limits.side_px:
        raise ImageTooLargeError(f"The image is longer than {limits.side_px:,} px.")
    if frame.pixels * frames > limits.pixels:
        raise ImageTooLargeError(
            f"The image has {frame.pixels * frames:,} pixels; {limits.pixels:,} are taken."
        )
