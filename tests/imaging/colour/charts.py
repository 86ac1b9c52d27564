"""Charts of flat patches, and what their colours look like once ingest and a render had them."""

import io
import itertools
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import pillow_heif
from PIL import Image

from tests.imaging.colour.delta_e import Triple, delta_e, lab_of
from tests.imaging.pictures import decoded, encoded
from tests.imaging.png import png, png_chunk

PATCH_PX = 16
ACROSS = 16
_LEVELS = {1: 16, 3: 5, 4: 4}  # of each channel, so that no chart has more than 256 patches
_COLOUR_TYPES = {1: 0, 3: 2}
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}


def colours(channels: int, most: int) -> list[tuple[int, ...]]:
    """Every mixture of a few levels, black and white included, in numbers up to `most`."""
    last = _LEVELS[channels] - 1
    levels = [round(most * step / last) for step in range(last + 1)]
    return list(itertools.product(levels, repeat=channels))


def size_of(count: int) -> tuple[int, int]:
    """Width and height of a chart of so many patches."""
    return ACROSS * PATCH_PX, -(-count // ACROSS) * PATCH_PX


def chart(channels: int) -> Image.Image:
    """A chart of 8 bits a channel."""
    patches = colours(channels, 255)
    image = Image.new(_MODES[channels], size_of(len(patches)))
    for number, colour in enumerate(patches):
        image.paste(colour if channels > 1 else colour[0], _box(number, PATCH_PX))
    return image


def heic_of(image: Image.Image, profile: bytes) -> bytes:
    """The picture in HEVC, with its profile."""
    file = io.BytesIO()
    made: Any = pillow_heif.from_pillow(image)  # its `save` has no types
    made.info["icc_profile"] = profile
    made.save(file, quality=95, chroma=444)
    return file.getvalue()


def chart_of_16_bits(channels: int, profile: bytes | None = None, between: bytes = b"") -> bytes:
    """A PNG chart of 16 bits a channel."""
    patches = colours(channels, 65_535)
    width, height = size_of(len(patches))
    padded = patches + [(0,) * channels] * (width * height // PATCH_PX**2 - len(patches))
    rows = b""
    for start in range(0, len(padded), ACROSS):
        line = b"".join(
            struct.pack(f">{channels}H", *colour) * PATCH_PX
            for colour in padded[start : start + ACROSS]
        )
        rows += (b"\0" + line) * PATCH_PX
    if profile:
        between += png_chunk(b"iCCP", b"a profile\0\0" + zlib.compress(profile))
    return png(width, height, bits=16, colour=_COLOUR_TYPES[channels], between=between, rows=rows)


def stored_in(body: bytes, channels: int) -> list[tuple[float, ...]]:
    """The numbers from 0 to 1 that a file holds, decoded by another library; lossy ones moved."""
    return [
        tuple(part / 255 for part in colour)
        for colour in read_patches(decoded(body).convert(_MODES[channels]), channels)
    ]


def read_patches(image: Image.Image, channels: int) -> list[tuple[int, ...]]:
    """The colour in the middle of every patch, however large the chart is now."""
    side = image.width // ACROSS
    found: list[tuple[int, ...]] = []
    for number in range(_LEVELS[channels] ** channels):
        left, top, _, _ = _box(number, side)
        value = image.getpixel((left + side // 2, top + side // 2))
        found.append(tuple(map(int, value)) if isinstance(value, tuple) else (int(value or 0),))
    return found


def worst(found: Iterable[Sequence[int]], expected: Iterable[Triple]) -> float:
    """The largest CIEDE2000 of pairs of sRGB: 8-bit numbers, and numbers from 0 to 1."""
    differences: list[float] = []
    for (red, green, blue), wanted in zip(found, expected, strict=True):
        seen = lab_of((red / 255, green / 255, blue / 255))
        differences.append(delta_e(seen, lab_of(wanted)))
    return max(differences)


def _box(number: int, side: int) -> tuple[int, int, int, int]:
    left, top = number % ACROSS * side, number // ACROSS * side
    return left, top, left + side, top + side


def encoded_chart(channels: int, form: str, profile: bytes | None = None) -> bytes:
    """A chart of 8 bits in one of Pillow's formats, as truly as it can."""
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if form == "WEBP":
        options["lossless"] = True
    if form == "AVIF":
        options |= {"quality": 95, "subsampling": "4:4:4"}
    return encoded(chart(channels), form, **options)
