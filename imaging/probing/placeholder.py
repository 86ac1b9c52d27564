"""What a page shows before the picture: a tiny picture, a ThumbHash, and the dominant colour."""

import base64
import math
from collections import Counter
from collections.abc import Sequence

from imaging.vips import KEEP_NOTHING, Image, pixels_of

SIDE_PX = 32  # a ThumbHash has at most 7 waves across, so 32 samples are plenty
_OPAQUE = 128
_PLACEHOLDER_PX = 8
_BUCKET_BITS = 3


def thumbhash_of(thumbnail: Image) -> str:
    """Return the base64 ThumbHash of an sRGB image of at most 100 px a side."""
    rgba = pixels_of(thumbnail if thumbnail.hasalpha() else thumbnail.bandjoin(255))
    return base64.b64encode(encode_thumbhash(thumbnail.width, thumbnail.height, rgba)).decode()


def placeholder_of(thumbnail: Image) -> str:
    """Return a picture of at most 8 px a side as a data URI of a few hundred bytes (RFC 2397).

    Browsers smooth what they enlarge.
    """
    small = thumbnail.thumbnail_image(_PLACEHOLDER_PX, height=_PLACEHOLDER_PX, size="down")
    png = small.pngsave_buffer(keep=KEEP_NOTHING)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def dominant_rgb_of(thumbnail: Image) -> str:
    """Return the mean of the most frequent colours of an sRGB image, as `#rrggbb`."""
    pixels = pixels_of(thumbnail)
    bands = thumbnail.bands
    visible = [
        tuple(pixels[at : at + 3])
        for at in range(0, len(pixels), bands)
        if bands == 3 or pixels[at + 3] >= _OPAQUE  # noqa: PLR2004 - red, green, blue
    ] or [(255, 255, 255)]
    buckets = Counter(tuple(part >> (8 - _BUCKET_BITS) for part in rgb) for rgb in visible)
    (fullest, _), *_ = buckets.most_common(1)
    same = [rgb for rgb in visible if tuple(part >> (8 - _BUCKET_BITS) for part in rgb) == fullest]
    return "#" + "".join(f"{round(sum(part) / len(same)):02x}" for part in zip(*same, strict=True))


def encode_thumbhash(width_px: int, height_px: int, rgba: bytes) -> bytes:
    """Encode as Evan Wallace's ThumbHash (github.com/evanw/thumbhash).

    Our own, since the `thumbhash` package fails on every image that has transparency.
    """
    count = width_px * height_px
    alpha = [value / 255 for value in rgba[3::4]]
    total_alpha = sum(alpha)
    channels: list[list[float]] = []
    for band in range(3):
        values = [value / 255 for value in rgba[band::4]]
        mean = sum(v * a for v, a in zip(values, alpha, strict=True)) / (total_alpha or 1)
        channels.append([mean * (1 - a) + v * a for v, a in zip(values, alpha, strict=True)])
    red, green, blue = channels
    light = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    ruddy = [r - g for r, g in zip(red, green, strict=True)]

    has_alpha = total_alpha < count
    limit = 5 if has_alpha else 7
    longest = max(width_px, height_px)
    across = max(1, round(limit * width_px / longest))
    down = max(1, round(limit * height_px / longest))
    waves = _Waves(width_px, height_px)
    l_dc, l_ac, l_scale = waves.encode(light, max(3, across), max(3, down))
    p_dc, p_ac, p_scale = waves.encode(yellow, 3, 3)
    q_dc, q_ac, q_scale = waves.encode(ruddy, 3, 3)

    landscape = width_px > height_px
    header = (
        round(63 * l_dc)
        | round(31.5 + 31.5 * p_dc) << 6
        | round(31.5 + 31.5 * q_dc) << 12
        | round(31 * l_scale) << 18
        | has_alpha << 23
        | (down if landscape else across) << 24
        | round(63 * p_scale) << 27
        | round(63 * q_scale) << 33
        | landscape << 39
    )
    nibbles = [round(15 * value) for value in (*l_ac, *p_ac, *q_ac)]
    if has_alpha:
        a_dc, a_ac, a_scale = waves.encode(alpha, 5, 5)
        nibbles = [round(15 * a_dc), round(15 * a_scale), *nibbles]
        nibbles += [round(15 * value) for value in a_ac]
    nibbles += [0] * (len(nibbles) % 2)
    pairs = zip(nibbles[::2], nibbles[1::2], strict=True)
    return header.to_bytes(5, "little") + bytes(low | high << 4 for low, high in pairs)


class _Waves:
    """The discrete cosine transform of one size, its cosines computed once."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._width_px = width_px
        self._across = [_cosines(wave, width_px) for wave in range(7)]
        self._down = [_cosines(wave, height_px) for wave in range(7)]

    def encode(
        self, channel: Sequence[float], across: int, down: int
    ) -> tuple[float, list[float], float]:
        """Return the constant, the waves scaled to 0..1 around a half, and their scale."""
        width = self._width_px
        rows = [channel[at : at + width] for at in range(0, len(channel), width)]
        found: list[float] = []
        # Rows are folded once for each wave across, and reused by every wave down.
        folded = [
            [sum(v * c for v, c in zip(row, self._across[x], strict=True)) for row in rows]
            for x in range(across)
        ]
        for y in range(down):
            for x in range(across):
                if x * down < across * (down - y):
                    wave = zip(folded[x], self._down[y], strict=True)
                    found.append(sum(v * c for v, c in wave) / len(channel))
        constant, *rest = found
        scale = max((abs(value) for value in rest), default=0.0)
        return constant, [0.5 + 0.5 / scale * value for value in rest] if scale else rest, scale


def _cosines(wave: int, count: int) -> list[float]:
    return [math.cos(math.pi / count * wave * (at + 0.5)) for at in range(count)]
