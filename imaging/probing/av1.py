"""The size that AV1 data has by itself (AV1 Bitstream & Decoding Process, 5.5).

libavif enlarges a picture to whatever size its container says; others refuse it.
"""

from typing import Final

_SEQUENCE_HEADER: Final = 1
_HEAD_BYTES: Final = 128  # far more than a sequence header has
_MOST_OBUS: Final = 16
_TIERED_LEVEL: Final = 7


def coded_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in the first sequence header; None: the data begins with none."""
    at = 0
    for _ in range(_MOST_OBUS):
        if at >= len(data):
            return None
        head = data[at]
        kind, has_extension, has_size = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        at += 1 + has_extension
        size, at = _leb128(data, at) if has_size else (len(data) - at, at)
        if kind == _SEQUENCE_HEADER:
            return _size_in(_Bits(data[at : at + min(size, _HEAD_BYTES)]))
        at += size
    return None


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data[at : at + 8]):
        value |= (byte & 127) << 7 * index
        if byte < 128:  # noqa: PLR2004 - the highest bit says that more follow
            return value, at + index + 1
    return len(data), at


class _Bits:
    """Reads bits; beyond the end they are 0."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data)
        self._left = len(data) * 8

    def read(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            return 0
        return self._number >> self._left & ((1 << count) - 1)


def _size_in(bits: _Bits) -> tuple[int, int]:
    bits.read(4)  # profile, still picture
    if bits.read(1):  # reduced header
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.read(1):  # timing
        bits.read(64)
        if bits.read(1):
            _skip_uvlc(bits)
        if bits.read(1):  # decoder model
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > _TIERED_LEVEL:
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)


def _skip_uvlc(bits: _Bits) -> None:
    zeros = 0
    while zeros < 32 and not bits.read(1):  # noqa: PLR2004 - the longest that there is (4.10.3)
        zeros += 1
    bits.read(zeros if zeros < 32 else 0)  # noqa: PLR2004 - as above
