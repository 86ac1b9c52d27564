"""Decoders of everything that ingest takes; what they give was not decoded yet, only opened."""

from catalog.delivery.geometry import Size
from imaging.decode_bounds import is_read_in_time
from imaging.formats import MASTER_FORMATS, SourceFormat
from imaging.model import SourceLimits
from imaging.pipeline.load import turned
from imaging.probing.gif import first_frame, with_clear_rest
from imaging.probing.heif import open_avif, open_heic
from imaging.probing.opened_picture import OpenedPicture, check_size
from imaging.probing.svg_picture import open_svg
from imaging.probing.tiff import open_tiff
from imaging.vips import Image, allow_loaders, get_number

allow_loaders("Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Svg")


def open_source(body: bytes, found: SourceFormat, limits: SourceLimits) -> OpenedPicture:
    """Open bytes of a known format.

    Raises:
        ImageTooLargeError: too many pixels or frames.
        CorruptImageError: not what its first bytes promise.
        UnsafeSvgError: an SVG with entities, or no XML.
        VipsError: libvips can't open it.
    """
    if found is SourceFormat.SVG:
        return open_svg(body, limits, lambda data, form: open_source(data, form, limits))
    if found is SourceFormat.HEIF:
        return open_heic(body, limits)
    if found is SourceFormat.AVIF:
        return open_avif(body, limits)
    if found is SourceFormat.TIFF:
        return open_tiff(body, limits)
    return _open_raster(body, found, limits)


def _open_raster(body: bytes, found: SourceFormat, limits: SourceLimits) -> OpenedPicture:
    def read(options: str = "") -> Image:
        return Image.new_from_buffer(body, options, access="sequential", fail_on="error")

    def first() -> Image:
        is_gif = found is SourceFormat.GIF
        return with_clear_rest(read(), first_frame(body)) if is_gif else read()

    header = read()
    frames = get_number(header, "n-pages", 1)
    frame = Size(width_px=header.width, height_px=header.height)
    check_size(frame, frames, limits)
    return OpenedPicture(
        first=first,
        animation=(lambda: _read_all(read("n=-1"))) if frames > 1 else None,
        seen=turned(frame, get_number(header, "orientation", 1)),
        frames=frames,
        is_master=found in MASTER_FORMATS
        and frames == 1
        and header.interpretation != "cmyk"
        and is_read_in_time(header, found, body),
        is_photo=found is not SourceFormat.GIF,
    )


def _read_all(image: Image) -> None:
    image.avg()
