"""Draws an SVG, all of it, at 2,000 px.

librsvg (2.61) draws of embedded pictures only PNG and JPEG, and makes of a drawing that says no
size of its own a picture of the size of its ink, into which it then does not draw it.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from catalog.delivery.geometry import Size
from catalog.errors import VitrineError
from imaging.formats import HEAD_BYTES, SourceFormat, is_svg, sniff
from imaging.model import CorruptImageError, ImageTooLargeError, SourceLimits
from imaging.pipeline.colour import to_srgb
from imaging.probing.opened_picture import OpenedPicture
from imaging.probing.svg import Drawing, sanitised_svg
from imaging.vips import ICC_FIELD, KEEP_NOTHING, Image, VipsError, get_blob, get_number

LONG_EDGE_PX: Final = 2000
#: How deep drawings may be embedded in one another; deeper ones are left out.
MOST_EMBEDDED: Final = 3

#: Opens an embedded raster; raises what `open_source` does.
OpenRaster = Callable[[bytes, SourceFormat], OpenedPicture]

_DRAWN: Final = frozenset({SourceFormat.JPEG, SourceFormat.PNG})
_EMBEDDED: Final = _DRAWN | {SourceFormat.GIF, SourceFormat.WEBP, SourceFormat.AVIF}
_VIEW_BOX: Final = re.compile(r"(?:[\s,]*[-+]?[\d.]+(?:e[-+]?\d+)?){4}\s*", re.IGNORECASE)
_BLANK: Final = re.compile(rb"[\t\n\f\r ]+")
_DOTS_PER_INCH: Final = 96  # CSS Values 4, 6.2: an inch is 96 px; libvips's own is 72
_FAR: Final = 100_000
_FINELY: Final = 64
_TENTHS_ABOVE_PX: Final = 10
# Nothing of the drawing's own style sheets may move or hide the mark.
_MARK_STYLE: Final = ";".join(
    f"{name}:{value}!important"
    for name, value in (
        ("display", "inline"), ("visibility", "visible"), ("fill", "none"), ("stroke", "none"),
        ("transform", "none"), ("filter", "none"), ("clip-path", "none"), ("mask", "none"),
    )
)  # fmt: skip


def open_svg(body: bytes, limits: SourceLimits, open_raster: OpenRaster) -> OpenedPicture:
    """Open an SVG.

    Raises:
        ImageTooLargeError: too many bytes.
        UnsafeSvgError: it has entities, nests too deeply, or is no XML.
        CorruptImageError: it has neither a size nor anything to be seen.
        VipsError: librsvg can't open it.
    """
    if len(body) > limits.svg_bytes:
        raise ImageTooLargeError(f"An SVG may have at most {limits.svg_bytes:,} bytes.")
    drawing = sanitised_svg(body, _Embedding(open_raster, MOST_EMBEDDED).embed)
    safe = _with_size(drawing).written()
    # twice: libvips gives whole pixels, and those of a small drawing are no measure
    finely = _FAR / _long_edge(safe)
    scale = finely * LONG_EDGE_PX / _long_edge(safe, finely)

    def read() -> Image:
        return _load(safe, scale)

    header = read()
    seen = Size(width_px=header.width, height_px=header.height)
    return OpenedPicture(first=read, seen=seen, is_photo=False)


def _load(document: bytes, scale: float = 1.0) -> Image:
    return Image.svgload_buffer(document, scale=scale, dpi=_DOTS_PER_INCH)


def _long_edge(document: bytes, scale: float = 1.0) -> int:
    drawn = _load(document, scale)
    return max(drawn.width, drawn.height)


class _Embedding(NamedTuple):
    """Makes of the pictures within a drawing what librsvg draws."""

    open_raster: OpenRaster
    levels: int

    def embed(self, reference: str) -> str | None:
        """Return a `data:` URI that is drawn; None: it is outside, or nobody would draw it.

        Raises:
            UnsafeSvgError: a drawing within that is not safe.
        """
        data = _data_of(reference)
        if data is None:
            return None
        found = sniff(data[:HEAD_BYTES])
        if found and found in _EMBEDDED:
            return self._raster(data, found)
        if self.levels and is_svg(data):
            inner = self._replace(levels=self.levels - 1)
            drawing = _with_size(sanitised_svg(data, inner.embed))
            return _uri(SourceFormat.SVG, drawing.written())
        return None

    def _raster(self, data: bytes, found: SourceFormat) -> str | None:
        try:
            opened = self.open_raster(data, found)
            stored = opened.first()
            if found in _DRAWN and opened.is_master and _is_plain(stored):
                return _uri(found, data)
            picture = to_srgb(stored.copy_memory().autorot())
            return _uri(SourceFormat.PNG, picture.pngsave_buffer(keep=KEEP_NOTHING))
        except (VitrineError, VipsError):
            return None  # broken, or a bomb: left out, as readers do


def _is_plain(stored: Image) -> bool:
    """Return whether there is nothing that librsvg would pass over: a turn, a profile."""
    return get_number(stored, "orientation", 1) == 1 and get_blob(stored, ICC_FIELD) is None


def _uri(form: SourceFormat, data: bytes) -> str:
    return f"data:{form.value};base64,{base64.b64encode(data).decode()}"


def _data_of(reference: str) -> bytes | None:
    """Return what is in a `data:` URI (RFC 2397; Fetch, "data: URL processor"); None: no such.

    Its media type is not looked at: pictures are told apart by content.
    """
    scheme, _, rest = reference.partition(":")
    head, comma, data = rest.partition(",")
    if scheme.strip().lower() != "data" or not comma:
        return None
    decoded = unquote_to_bytes(data.partition("#")[0])
    if head.rpartition(";")[2].strip().lower() != "base64" or ";" not in head:
        return decoded
    digits = _BLANK.sub(b"", decoded).rstrip(b"=")
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except ValueError:
        return None


def _with_size(drawing: Drawing) -> Drawing:
    """Give a drawing that has no size of its own that of all that is to be seen from its origin.

    Its size is its own where a mark that is far away does not change it: a `viewBox`, or width and
    height in units. Else (in per cent, or one of the two alone) nothing says how large it is.

    Raises:
        CorruptImageError: nothing is to be seen.
        VipsError: likewise.
    """
    if _VIEW_BOX.fullmatch(drawing.attributes.get("viewBox", "")):
        return drawing
    size = _size(drawing)
    if max(size) < _FAR and size == _size(drawing, mark=_FAR):
        return drawing
    right, bottom = (part - _FAR for part in _size(drawing, mark=-_FAR, finely=_FINELY))
    left, top = (_FAR - part for part in _size(drawing, mark=_FAR, finely=_FINELY))
    left, top = min(left, 0), min(top, 0)
    width, height = right - left, bottom - top
    if min(width, height) > _TENTHS_ABOVE_PX:  # what was measured is a hair too large
        width, height = round(width, 1), round(height, 1)
    if min(width, height) <= 0 or max(size) >= _FAR:
        raise CorruptImageError("The SVG has no size. Give it a viewBox, or a width and a height.")
    return replace(drawing, attributes=_sized(drawing.attributes, (left, top, width, height)))


def _sized(attributes: Mapping[str, str], box: tuple[float, float, float, float]) -> dict[str, str]:
    width, height = (f"{part:.10g}" for part in box[2:])
    size = f"width:{width}px!important;height:{height}px!important"
    style = attributes.get("style", "")
    return {
        **attributes,
        "viewBox": " ".join(f"{part:.10g}" for part in box),
        "width": width,
        "height": height,
        "style": f"{style};{size}" if style else size,  # a style sheet may name a size, too
    }


def _size(drawing: Drawing, mark: int = 0, finely: int = 1) -> tuple[float, float]:
    """Return the size that librsvg gives the drawing, if need be with a mark, in CSS pixels."""
    inside = drawing.inside
    if mark:
        path, inwards = f"{drawing.prefix}path", "-.01" if mark > 0 else ".01"
        place = f"M{mark} {mark}h{inwards}v{inwards}z"
        inside += f'<{path} d="{place}" style="{_MARK_STYLE}"/>'
    header = _load(replace(drawing, inside=inside).written(), finely)
    times = finely * _DOTS_PER_INCH / 72
    return header.width / times, header.height / times
