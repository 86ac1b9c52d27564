"""ICC profiles (ICC.1:2022) made from published primaries and curves."""

import struct
from collections.abc import Sequence
from typing import TypeAlias

Matrix: TypeAlias = tuple[tuple[float, ...], ...]

ADOBE_GAMMA = 563 / 256  # Adobe RGB (1998), 4.3.1.2
_ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
_D65 = (0.3127, 0.3290)
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


def adobe_rgb() -> bytes:
    """Adobe RGB (1998): its primaries, a gamma of 563/256."""
    return _rgb(_ADOBE, _gamma(ADOBE_GAMMA))


def display_p3() -> bytes:
    """The primaries of DCI-P3, the white and the curve of sRGB."""
    return _rgb(_P3, _srgb_curve())


def grey(gamma: float) -> bytes:
    """A grey axis with a gamma."""
    return _profile(b"GRAY", {b"wtpt": _xyz(_D50), b"kTRC": _gamma(gamma)})


def _rgb(primaries: Sequence[tuple[float, float]], curve: bytes) -> bytes:
    white = _from_xy(*_D65)
    columns = [_from_xy(*each) for each in primaries]
    # Each primary is as bright as it takes for all of them to be white.
    unscaled = _transposed(columns)
    scales = _times(_inverse(unscaled), white)
    adapt = _adaptation(white)
    names = (b"r", b"g", b"b")
    tags = {b"wtpt": _xyz(_D50)}
    for name, column, scale in zip(names, columns, scales, strict=True):
        tags[name + b"XYZ"] = _xyz(_times(adapt, [part * scale for part in column]))
        tags[name + b"TRC"] = curve
    return _profile(b"RGB ", tags)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": _text("A profile of a test"), b"cprt": _text("None")} | tags
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", start + len(data), bytes(4), 0x04200000, b"mntr", space, b"XYZ "
    )
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += b"".join(map(_fixed, _D50))
    return header + bytes(128 - len(header)) + table + data


def _text(value: str) -> bytes:
    encoded = value.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _xyz(value: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, value))


def _gamma(value: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", 0, 0) + _fixed(value)


def _srgb_curve() -> bytes:
    parts = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(map(_fixed, parts))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65_536))


def _from_xy(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _adaptation(white: Sequence[float]) -> Matrix:
    """Bradford, from a white to D50 (ICC.1:2022, annex E)."""
    gains = [
        there / here
        for there, here in zip(_times(_BRADFORD, _D50), _times(_BRADFORD, white), strict=True)
    ]
    scaled = tuple(
        tuple(gain * part for part in row) for gain, row in zip(gains, _BRADFORD, strict=True)
    )
    back = _inverse(_BRADFORD)
    return _transposed([_times(back, column) for column in _transposed(scaled)])


def _times(matrix: Matrix, vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _transposed(columns: Sequence[Sequence[float]]) -> Matrix:
    return tuple(zip(*columns, strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    return tuple(tuple(part / determinant for part in row) for row in cofactors)
