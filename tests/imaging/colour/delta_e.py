"""CIEDE2000: how different two colours look; about 1 is the least that a trained eye sees.

Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula, Color Research & Application 30 (2005).
"""

import math
from typing import TypeAlias

Triple: TypeAlias = tuple[float, float, float]

_D65 = (0.95047, 1.0, 1.08883)
_SRGB_TO_XYZ = (
    (0.4124, 0.3576, 0.1805),
    (0.2126, 0.7152, 0.0722),
    (0.0193, 0.1192, 0.9505),
)
_POW7 = 25.0**7


def delta_e(one: Triple, other: Triple) -> float:
    """The difference of two colours in CIELAB; the equations have the numbers of the paper."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c_mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2  # (2), (3)
    g = 0.5 * (1 - _saturated(c_mean))  # (4)
    a1, a2 = (1 + g) * a1, (1 + g) * a2  # (5)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)  # (6)
    h1, h2 = _hue(a1, b1), _hue(a2, b2)  # (7)

    d_hue = 0.0  # (10)
    if c1 * c2:
        d_hue = (h2 - h1 + 180) % 360 - 180
        if d_hue == -180 and h2 > h1:
            d_hue = 180.0
    d_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(d_hue / 2))  # (11)

    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2  # (12), (13)
    h_mean = _mean_hue(h1, h2) if c1 * c2 else h1 + h2  # (14)
    t = (  # (15)
        1
        - 0.17 * _cosine(h_mean - 30)
        + 0.24 * _cosine(2 * h_mean)
        + 0.32 * _cosine(3 * h_mean + 6)
        - 0.20 * _cosine(4 * h_mean - 63)
    )
    turn = 30 * math.exp(-(((h_mean - 275) / 25) ** 2))  # (16)
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / math.sqrt(20 + (l_mean - 50) ** 2)  # (18)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t  # (19), (20)
    r_t = -math.sin(math.radians(2 * turn)) * 2 * _saturated(c_mean)  # (17), (21)
    lightness, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, d_h / s_h
    return math.sqrt(lightness**2 + chroma**2 + hue**2 + r_t * chroma * hue)  # (22)


def lab_of(srgb: Triple) -> Triple:
    """CIELAB under D65 of sRGB from 0 to 1 (IEC 61966-2-1, CIE 15)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in srgb]
    x, y, z = (
        _cube_root(sum(weight * part for weight, part in zip(row, linear, strict=True)) / white)
        for row, white in zip(_SRGB_TO_XYZ, _D65, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _saturated(chroma: float) -> float:
    return math.sqrt(chroma**7 / (chroma**7 + _POW7))


def _hue(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def _mean_hue(h1: float, h2: float) -> float:
    mean = (h1 + h2) / 2
    if abs(h1 - h2) <= 180:
        return mean
    return mean + 180 if h1 + h2 < 360 else mean - 180


def _cosine(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _cube_root(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
