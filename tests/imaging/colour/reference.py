"""What colours ought to become, by the published matrices and curves; no library is asked.

Adobe RGB (1998), 4.3.5.3; SMPTE EG 432-1 and CSS Color 4 for Display P3; IEC 61966-2-1 for sRGB.
"""

from collections.abc import Sequence

from tests.imaging.colour.delta_e import Triple
from tests.imaging.colour.profiles import ADOBE_GAMMA

_ADOBE_TO_XYZ = (
    (0.57667, 0.18556, 0.18823),
    (0.29734, 0.62736, 0.07529),
    (0.02703, 0.07069, 0.99134),
)
_P3_TO_XYZ = (
    (0.48657095, 0.26566769, 0.19821729),
    (0.22897456, 0.69173852, 0.07928691),
    (0.00000000, 0.04511338, 1.04394437),
)
_XYZ_TO_SRGB = (
    (3.2406255, -1.5372080, -0.4986286),
    (-0.9689307, 1.8757561, 0.0415175),
    (0.0557101, -0.2040211, 1.0569959),
)


def from_adobe_rgb(colour: Sequence[float]) -> Triple:
    """Return the clipped sRGB of Adobe RGB (1998) from 0 to 1."""
    return _to_srgb(_ADOBE_TO_XYZ, [part**ADOBE_GAMMA for part in colour])


def from_display_p3(colour: Sequence[float]) -> Triple:
    """Return the clipped sRGB of Display P3 from 0 to 1."""
    return _to_srgb(_P3_TO_XYZ, [_linear(part) for part in colour])


def from_grey(gamma: float, colour: Sequence[float]) -> Triple:
    """Return the sRGB of one grey value with a gamma."""
    (value,) = colour
    encoded = _encoded(value**gamma)
    return encoded, encoded, encoded


def unchanged(colour: Sequence[float]) -> Triple:
    """What is taken for sRGB; one grey value stands for three."""
    red, green, blue = colour if len(colour) > 1 else tuple(colour) * 3
    return red, green, blue


def _to_srgb(to_xyz: Sequence[Sequence[float]], linear: Sequence[float]) -> Triple:
    xyz = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in to_xyz]
    red, green, blue = (
        _encoded(sum(a * b for a, b in zip(row, xyz, strict=True))) for row in _XYZ_TO_SRGB
    )
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
