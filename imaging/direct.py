"""The few operations of every render, each by one call of libvips's C function.

pyvips sets and gets the arguments of an operation one by one: some hundreds of short calls a
rendition, each of which gives up the interpreter's lock, and may have to wait for it while other
renders run. What is rare goes through pyvips.

The names of options, and the numbers that stand for words, are those of libvips's C headers.
"""

import ctypes
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

from pyvips import Source, ffi

from catalog.delivery.geometry import Size
from imaging.vips import Image, VipsError

_Option: TypeAlias = bytes | int

_PYVIPS_OWN = sys.modules["_libvips"].__file__  # it has to be the same library
_library = ctypes.CDLL(_PYVIPS_OWN)
_address = ctypes.c_void_p

_ACCESS_SEQUENTIAL = 1
_SIZE_FORCE = 3
_COMPRESSION_AV1 = 4

_new_from_source = _library.vips_image_new_from_source
_new_from_source.argtypes = [_address, ctypes.c_char_p]
_new_from_source.restype = _address
_thumbnail_source = _library.vips_thumbnail_source
_thumbnail_source.argtypes = [_address, ctypes.POINTER(_address), ctypes.c_int]
_copy = _library.vips_copy
_copy.argtypes = [_address, ctypes.POINTER(_address)]
# answers at once, so that it need not give up the lock
_at_once = ctypes.PyDLL(_PYVIPS_OWN)
_width = _at_once.vips_image_get_width
_height = _at_once.vips_image_get_height
_width.argtypes = _height.argtypes = [_address]
_free = _library.g_free
_free.argtypes = [_address]
_free.restype = None


def open_header(source: Source) -> Image:
    """Return an image of which only the header was read.

    Raises:
        VipsError: it is none that may be read.
    """
    found = _new_from_source(_pointer(source), b"", *_options(access=_ACCESS_SEQUENTIAL))
    if not found:
        raise VipsError("unable to open the source")
    return _image(found, [source])


def thumbnail(source: Source, width_px: int, height_px: int) -> Image:
    """Return the whole picture in this size, lazily, as it is stored.

    The decoder shrinks where it can; CMYK and 16 bit are converted on the way.

    Raises:
        VipsError: it is none that may be read.
    """
    made = _address()
    options = _options(
        height=height_px,
        size=_SIZE_FORCE,
        no_rotate=1,
        option_string=b"fail_on=error",  # its own `fail_on` does not reach the loader (8.18)
    )
    if _thumbnail_source(_pointer(source), ctypes.byref(made), width_px, *options):
        raise VipsError("unable to shrink the source")
    return _image(made.value, [source])


def size_of(image: Image) -> Size:
    """Return how large the image is."""
    pointer = _pointer(image)
    return Size(width_px=_width(pointer), height_px=_height(pointer))


def copy(image: Image) -> Image:
    """Return the same pixels with metadata of their own.

    Raises:
        VipsError: there is no memory left.
    """
    made = _address()
    if _copy(_pointer(image), ctypes.byref(made), *_options()):
        raise VipsError("unable to copy the image")
    return _image(made.value, image._references)  # noqa: SLF001


def save_jpeg(image: Image, quality_percent: int, *, keep: int) -> bytes:
    """Return the image as JPEG.

    Raises:
        VipsError: the source turned out to be broken, or the render was stopped.
    """
    return _saved("jpeg", image, Q=quality_percent, optimize_coding=1, keep=keep)


def save_webp(image: Image, quality_percent: int, *, effort: int, keep: int) -> bytes:
    """Return the image as WebP; raises as `save_jpeg`."""
    return _saved("webp", image, Q=quality_percent, effort=effort, keep=keep)


def save_avif(image: Image, quality_percent: int, *, effort: int, keep: int) -> bytes:
    """Return the image as AVIF; raises as `save_jpeg`."""
    options = {"Q": quality_percent, "effort": effort, "compression": _COMPRESSION_AV1}
    return _saved("heif", image, **options, keep=keep)


def save_png(image: Image, *, keep: int) -> bytes:
    """Return the image as PNG; raises as `save_jpeg`."""
    return _saved("png", image, keep=keep)


_SAVERS = {name: _library[f"vips_{name}save_buffer"] for name in ("jpeg", "webp", "heif", "png")}
for _save in _SAVERS.values():
    _save.argtypes = [_address, ctypes.POINTER(_address), ctypes.POINTER(ctypes.c_size_t)]


def _saved(name: str, image: Image, **options: _Option) -> bytes:
    written, size = _address(), ctypes.c_size_t()
    failed = _SAVERS[name](
        _pointer(image), ctypes.byref(written), ctypes.byref(size), *_options(**options)
    )
    try:
        if failed:
            raise VipsError(f"unable to write the image as {name}")
        return ctypes.string_at(written, size.value)
    finally:
        _free(written)


def _options(**options: _Option) -> tuple[_Option | None, ...]:
    """Write options as libvips takes them: names and values in turn, with a null at the end."""
    named = ((name.encode(), value) for name, value in options.items())
    return (*(part for pair in named for part in pair), None)


def _pointer(held: Image | Source) -> int:
    return int(ffi.cast("uintptr_t", held.pointer))


def _image(address: int | None, read_from: Sequence[Any]) -> Image:
    """Take over an image that libvips made, with what holds the bytes that it is read from."""
    image: Any = Image(ffi.cast("VipsImage *", address))
    image._references = list(read_from)  # noqa: SLF001 - as pyvips does
    return image
