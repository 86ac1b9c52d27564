"""What AV1 data says by itself: size and colours (AV1 Bitstream & Decoding Process, 5.5).

libavif enlarges a picture to whatever size its container says; others refuse it. Where a container
says nothing of colours, those of the data hold (ISO 23000-22, 7.3.6.4).
"""

from typing import Final, NamedTuple

_SEQUENCE_HEADER: Final = 1
_HEAD_BYTES: Final = 128  # far more than a sequence header has
_MOST_OBUS: Final = 16
_TIERED_LEVEL: Final = 7
_HIGH: Final = 1  # profiles
_PROFESSIONAL: Final = 2


class SequenceHeader(NamedTuple):
    """What a sequence header says.

    Attributes:
        size: width and height.
        colours: primaries and transfer characteristics; None: it says none.
    """

    size: tuple[int, int]
    colours: tuple[int, int] | None


def sequence_header(data: bytes) -> SequenceHeader | None:
    """Return what the first sequence header says; None: the data begins with none."""
    at = 0
    for _ in range(_MOST_OBUS):
        if at >= len(data):
            return None
        head = data[at]
        kind, has_extension, has_size = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        at += 1 + has_extension
        size, at = _leb128(data, at) if has_size else (len(data) - at, at)
        if kind == _SEQUENCE_HEADER:
            return _read(_Bits(data[at : at + min(size, _HEAD_BYTES)]))
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


def _read(bits: _Bits) -> SequenceHeader:
    profile = bits.read(3)
    bits.read(1)  # still picture
    is_reduced = bits.read(1)
    if is_reduced:
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    size = bits.read(width_bits) + 1, bits.read(height_bits) + 1
    _skip_tools(bits, is_reduced=bool(is_reduced))
    return SequenceHeader(size, _colours_in(bits, profile))


def _skip_tools(bits: _Bits, *, is_reduced: bool) -> None:
    if not is_reduced and bits.read(1):  # ids of frames
        bits.read(7)
    bits.read(3)
    if not is_reduced:
        bits.read(4)
        has_order_hint = bits.read(1)
        if has_order_hint:
            bits.read(2)
        has_screen_tools = bits.read(1) or bits.read(1)  # as each frame chooses, or as is said
        if has_screen_tools and not bits.read(1):
            bits.read(1)
        if has_order_hint:
            bits.read(3)
    bits.read(3)


def _colours_in(bits: _Bits, profile: int) -> tuple[int, int] | None:
    is_deep = bits.read(1)
    if profile == _PROFESSIONAL and is_deep:
        bits.read(1)
    if profile != _HIGH:
        bits.read(1)  # grey
    return (bits.read(8), bits.read(8)) if bits.read(1) else None


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
