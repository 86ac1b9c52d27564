"""Decoders of everything that ingest takes; what they give was not decoded yet, only opened."""

from catalog.delivery.geometry import Size
from imaging.formats import MASTER_FORMATS, SourceFormat
from imaging.model import ImageTooLargeError, SourceLimits
from imaging.one_call import is_read_in_time
from imaging.pipeline.load import turned
from imaging.probing.heif import open_avif, open_heic
from imaging.probing.opened import Opened, check_size
from imaging.probing.svg import sanitised_svg
from imaging.probing.tiff import open_tiff
from imaging.vips import Image, allow_loaders, get_number

allow_loaders("Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Svg")

SVG_LONG_EDGE_PX = 2000


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
        return open_heic(body, limits)
    if found is SourceFormat.AVIF:
        return open_avif(body, limits)
    if found is SourceFormat.TIFF:
        return open_tiff(body, limits)
    return _open_raster(body, found, limits)


def _open_raster(body: bytes, found: SourceFormat, limits: SourceLimits) -> Opened:
    def read(options: str = "") -> Image:
        return Image.new_from_buffer(body, options, access="sequential", fail_on="error")

    header = read()
    frames = get_number(header, "n-pages", 1)
    frame = Size(width_px=header.width, height_px=header.height)
    check_size(frame, frames, limits)
    return Opened(
        first=read,
        animation=(lambda: _read_all(read("n=-1"))) if frames > 1 else None,
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


def _read_all(image: Image) -> None:
    image.avg()
