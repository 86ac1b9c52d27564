"""What is shown while a picture loads: a data URI of a few hundred bytes, made from its ThumbHash.

The format is that of https://evanw.github.io/thumbhash/: a few cosines of luminance, two colours
and alpha. A picture of 8 pixels is enough of it, since browsers smooth what they enlarge.
"""

import base64
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_LONG_SIDE_PX = 8


@lru_cache(maxsize=4096)
def placeholder_of(thumbhash: str | None, dominant_rgb: str | None) -> str | None:
    """Return a data URI: a blurred picture, else its main colour; None: neither is known."""
    if thumbhash is not None:
        width, height, pixels = _decode(base64.b64decode(thumbhash))
        return f"data:image/png;base64,{base64.b64encode(_png(width, height, pixels)).decode()}"
    if dominant_rgb is not None:
        pixel = (*bytes.fromhex(dominant_rgb.removeprefix("#")), 255)
        return f"data:image/png;base64,{base64.b64encode(_png(1, 1, bytes(pixel))).decode()}"
    return None


@dataclass(frozen=True, slots=True)
class _Channel:
    """A plane as its mean and cosines, by (across, down)."""

    mean: float
    cosines: Sequence[tuple[int, int, float]]

    def at(self, x: float, y: float) -> float:
        """Return its value at a point; both from 0 to 1."""
        return self.mean + 2 * sum(
            factor * math.cos(math.pi * x * across) * math.cos(math.pi * y * down)
            for across, down, factor in self.cosines
        )


def _decode(thumbhash: bytes) -> tuple[int, int, bytes]:
    """Return width, height and RGBA pixels."""
    head = int.from_bytes(thumbhash[:3], "little")
    more = int.from_bytes(thumbhash[3:5], "little")
    has_alpha, is_landscape = bool(head >> 23), bool(more >> 15)
    longest, shortest = 5 if has_alpha else 7, more & 7
    across, down = (longest, shortest) if is_landscape else (shortest, longest)
    factors = _nibbles(thumbhash[6 if has_alpha else 5 :])
    light = _channel(
        (head & 63) / 63, (head >> 18 & 31) / 31, max(3, across), max(3, down), factors
    )
    p = _channel((head >> 6 & 63) / 31.5 - 1, (more >> 3 & 63) / 63 * 1.25, 3, 3, factors)
    q = _channel((head >> 12 & 63) / 31.5 - 1, (more >> 9 & 63) / 63 * 1.25, 3, 3, factors)
    alpha = _Channel(1.0, ())
    if has_alpha:
        alpha = _channel((thumbhash[5] & 15) / 15, (thumbhash[5] >> 4) / 15, 5, 5, factors)
    ratio = across / max(1, down)
    width = _LONG_SIDE_PX if ratio >= 1 else max(1, round(_LONG_SIDE_PX * ratio))
    height = _LONG_SIDE_PX if ratio <= 1 else max(1, round(_LONG_SIDE_PX / ratio))
    pixels = bytearray()
    for row in range(height):
        for column in range(width):
            x, y = (column + 0.5) / width, (row + 0.5) / height
            lightness, blue_yellow, red_green = light.at(x, y), p.at(x, y), q.at(x, y)
            blue = lightness - 2 / 3 * blue_yellow
            red = (3 * lightness - blue + red_green) / 2
            green = red - red_green
            pixels.extend(_byte(value) for value in (red, green, blue, alpha.at(x, y)))
    return width, height, bytes(pixels)


def _channel(
    mean: float, scale: float, across: int, down: int, factors: Iterator[float]
) -> _Channel:
    cosines = [
        (x, y, next(factors) * scale)
        for y in range(down)
        for x in range(0 if y else 1, across)
        if x * down < across * (down - y)
    ]
    return _Channel(mean, cosines)


def _nibbles(packed: bytes) -> Iterator[float]:
    for byte in packed:
        yield (byte & 15) / 7.5 - 1
        yield (byte >> 4) / 7.5 - 1


def _byte(value: float) -> int:
    return max(0, min(255, round(value * 255)))


def _png(width: int, height: int, pixels: bytes) -> bytes:
    """Write RGBA pixels as PNG (https://www.w3.org/TR/png/)."""
    stride = width * 4
    rows = b"".join(b"\0" + pixels[y * stride : (y + 1) * stride] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
