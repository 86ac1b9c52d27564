"""One valid file of every kind that ingest takes: what the mutations begin with."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

from imaging.vips import Image as VipsImage

_SIZE = (120, 90)

_SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  width="40" height="30" viewBox="0 0 40 30"><style>.a{{fill:url(#g);opacity:.5}}</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/><stop offset="1"/></linearGradient>
<filter id="b"><feGaussianBlur stdDeviation="2"/><feOffset dx="1" dy="1"/></filter>
<clipPath id="c"><circle cx="20" cy="15" r="12"/></clipPath></defs>
<g clip-path="url(#c)" transform="rotate(12 3 4)"><rect class="a" width="40" height="30"/>
<path d="M0 0L20 10C5 5 9 9 30 2A3 4 0 1 0 9 9Z" stroke-dasharray="3 1" stroke="blue"/></g>
<use xlink:href="#c" filter="url(#b)"/><text x="3" y="20" font-size="9">A &amp; B</text>
<image width="9" height="9" href="data:image/png;base64,{png}"/></svg>"""


def valid_files() -> Mapping[str, bytes]:
    """Return the files by name; all are small, and equal in every run."""
    return {name: make() for name, make in _KINDS.items()}


def _picture(mode: str = "RGB") -> Image.Image:
    """A gradient with edges: no encoder may take the shortcut of a flat colour."""
    part = (68, 83, 68 + _SIZE[0], 83 + _SIZE[1])
    down = Image.linear_gradient("L").crop(part)
    across = Image.linear_gradient("L").rotate(90).crop(part)
    image = Image.merge("RGB", (across, down, Image.radial_gradient("L").crop(part)))
    ImageDraw.Draw(image).ellipse((20, 10, 70, 60), fill=(220, 30, 30))
    image.putalpha(down)
    return image.convert(mode)


def _saved(form: str, mode: str = "RGB", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = io.BytesIO()
    _picture(mode).save(file, form, **options)
    return file.getvalue()


def _animated(form: str) -> bytes:
    frames = [_picture().rotate(30 * step) for step in range(4)]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=40)
    return file.getvalue()


def _with_metadata() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x8298] = "Maker", 6, "(c) Ann"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (48.0, 8.0, 14.0)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>"
    return _saved("JPEG", exif=exif, xmp=xmp, icc_profile=_profile(), comment=b"a comment")


def _profile() -> bytes:
    return bytes(VipsImage.profile_load("p3"))


def _heic(mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    made: Any = pillow_heif.from_pillow(_picture(mode))  # its `save` has no types
    made.save(file, quality=70)
    return file.getvalue()


def _vips(suffix: str, *, bits: int = 8, **options: Any) -> bytes:  # noqa: ANN401 - libvips's
    # What Pillow can't write.
    image = VipsImage.new_from_memory(_picture().tobytes(), *_SIZE, 3, "uchar")
    image = image.copy(interpretation="srgb")
    if bits > 8:  # noqa: PLR2004 - a byte
        image = image.colourspace("rgb16")
    return bytes(image.write_to_buffer(suffix, **options))


def _svg() -> bytes:
    small = VipsImage.black(4, 4).write_to_buffer(".png")
    return _SVG.format(png=base64.b64encode(bytes(small)).decode()).encode()


_KINDS: Mapping[str, Callable[[], bytes]] = {
    "baseline.jpg": lambda: _saved("JPEG", quality=80),
    "progressive.jpg": lambda: _saved("JPEG", quality=80, progressive=True),
    "cmyk.jpg": lambda: _saved("JPEG", "CMYK"),
    "grey.jpg": lambda: _saved("JPEG", "L"),
    "metadata.jpg": _with_metadata,
    "colour.png": lambda: _saved("PNG", icc_profile=_profile()),
    "alpha.png": lambda: _saved("PNG", "RGBA"),
    "palette.png": lambda: _saved("PNG", "P"),
    "interlaced.png": lambda: _vips(".png", interlace=True),
    "sixteen.png": lambda: _vips(".png", bits=16),
    "lossy.webp": lambda: _saved("WEBP", quality=75),
    "lossless.webp": lambda: _saved("WEBP", "RGBA", lossless=True, icc_profile=_profile()),
    "animated.webp": lambda: _animated("WEBP"),
    "still.gif": lambda: _saved("GIF", "P"),
    "animated.gif": lambda: _animated("GIF"),
    "plain.tif": lambda: _saved("TIFF"),
    "lzw.tif": lambda: _saved("TIFF", compression="tiff_lzw"),
    "jpeg.tif": lambda: _vips(".tif", compression="jpeg"),
    "tiled.tif": lambda: _vips(".tif", compression="deflate", tile=True, pyramid=True),
    "fax.tif": lambda: _saved("TIFF", "1", compression="group4"),
    "cmyk.tif": lambda: _saved("TIFF", "CMYK", compression="tiff_adobe_deflate"),
    "opaque.avif": lambda: _saved("AVIF", quality=60),
    "alpha.avif": lambda: _saved("AVIF", "RGBA", quality=60),
    "opaque.heic": _heic,
    "alpha.heic": lambda: _heic("RGBA"),
    "drawing.svg": _svg,
}
