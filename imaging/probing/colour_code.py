"""The colours that AVIF and HEIC name by numbers (ITU-T H.273), as ICC profiles that name the same.

The matrix and the range are the decoder's. The curve of BT.709 and its like is taken for that of
sRGB, as browsers and the tools of both formats do.
"""

import struct
from typing import Final, NamedTuple

from imaging.model import UnsupportedFormatError

_UNSPECIFIED: Final = 2
_SRGB_PRIMARIES: Final = frozenset({1, _UNSPECIFIED})
_SRGB_CURVES: Final = frozenset({1, _UNSPECIFIED, 6, 13, 14, 15})
_GAMMAS: Final = {4: 2.2, 5: 2.8, 8: 1.0}
_BRIGHT: Final = {16: "PQ", 18: "HLG"}
#: X, Y and Z of red, green and blue under D50: the chromaticities of H.273, table 2, by Bradford.
_PRIMARIES: Final = {
    1: ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    5: ((0.45525, 0.23228, 0.01453), (0.36760, 0.70782, 0.10487), (0.14136, 0.05990, 0.70549)),
    6: ((0.41629, 0.22168, 0.01365), (0.39320, 0.70328, 0.09133), (0.15471, 0.07504, 0.71993)),
    9: ((0.67348, 0.27904, -0.00193), (0.16567, 0.67534, 0.02998), (0.12505, 0.04561, 0.79685)),
    12: ((0.51512, 0.24119, -0.00105), (0.29198, 0.69224, 0.04188), (0.15710, 0.06657, 0.78407)),
}  # fmt: skip
_SAME: Final = {7: 6, _UNSPECIFIED: 1}
_D50: Final = (0.9642, 1.0, 0.8249)


class ColourCode(NamedTuple):
    """Primaries and transfer characteristics by their numbers in H.273."""

    primaries: int
    transfer: int


def profile_of(code: ColourCode) -> bytes | None:
    """Return an ICC profile (ICC.1:2010, version 4) of these colours; None: they are sRGB.

    Raises:
        UnsupportedFormatError: they are brighter than a rendition can be, or not known here.
    """
    if code.transfer in _BRIGHT:
        raise UnsupportedFormatError(
            f"The picture is in HDR ({_BRIGHT[code.transfer]}). Save it in SDR, such as sRGB."
        )
    if code.primaries in _SRGB_PRIMARIES and code.transfer in _SRGB_CURVES:
        return None
    columns = _PRIMARIES.get(_SAME.get(code.primaries, code.primaries))
    gamma = _GAMMAS.get(code.transfer)
    if columns is None or (gamma is None and code.transfer not in _SRGB_CURVES):
        raise UnsupportedFormatError(
            f"The colours of the picture ({code.primaries}/{code.transfer} of H.273) are not taken."
            " Save it with an ICC profile."
        )
    srgb = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    kind, *numbers = (0, gamma) if gamma else srgb
    curve = struct.pack(">4s4xHxx", b"para", int(kind)) + _fixed(*numbers)
    tags = [(b"wtpt", _xyz(_D50)), *((b"%cTRC" % each, curve) for each in b"rgb")]
    tags += [(b"%cXYZ" % each, _xyz(xyz)) for each, xyz in zip(b"rgb", columns, strict=True)]
    return _profile(tags)


def _fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(each * 65536)) for each in numbers)


def _xyz(numbers: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*numbers)


def _profile(tags: list[tuple[bytes, bytes]]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags:
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x", start + len(data), 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    return (head + _xyz(_D50)[8:]).ljust(128, b"\0") + table + data
