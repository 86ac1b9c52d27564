"""The highest quality at which an image has no more bytes than its recipe allows.

The search encodes the same pixels a few times, never more than `MOST_ENCODINGS`. It relies on
nothing but that less quality mostly takes fewer bytes.
"""

from collections.abc import Callable
from typing import NamedTuple

from catalog.delivery.model import Format
from imaging.model import RenditionTooLargeError

#: Below these every viewer sees the damage: then it is better to know that a preset asks too much.
QUALITY_FLOOR_PERCENT = {Format.JPEG: 40, Format.WEBP: 40, Format.AVIF: 30}
MOST_ENCODINGS = 6


class EncodingResult(NamedTuple):
    """The bytes that were kept, and what they cost."""

    body: bytes
    quality_percent: int | None
    encodings: int


def encode_within(
    max_bytes: int | None,
    encode: Callable[[int | None], bytes],
    *,
    quality_percent: int | None,
    floor_percent: int,
) -> EncodingResult:
    """Encode once, and where that is too large look for the quality that is not.

    Args:
        max_bytes: None: whatever it takes.
        encode: gives the bytes of a quality; what it raises passes.
        quality_percent: the first to be tried, and the highest; None: the format has none.
        floor_percent: the lowest.

    Raises:
        RenditionTooLargeError: it is too large at the floor too, or the format has no quality.
    """
    body = encode(quality_percent)
    if max_bytes is None or len(body) <= max_bytes:
        return EncodingResult(body, quality_percent, 1)
    if quality_percent is not None and quality_percent > floor_percent:
        body = encode(floor_percent)
    if quality_percent is None or len(body) > max_bytes:
        raise RenditionTooLargeError(
            f"At the lowest quality it has {len(body)} bytes; the preset allows {max_bytes}."
        )
    fits, too_much, encodings = floor_percent, quality_percent, 2
    while too_much - fits > 1 and encodings < MOST_ENCODINGS:
        between = (fits + too_much) // 2
        tried = encode(between)
        encodings += 1
        if len(tried) <= max_bytes:
            fits, body = between, tried
        else:
            too_much = between
    return EncodingResult(body, fits, encodings)
