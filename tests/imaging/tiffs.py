"""TIFF files written by hand (TIFF 6.0), where no library would write what a test needs."""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_FORMS = {1: "B", 3: "H", 4: "I", 16: "Q"}


class TiffShape(NamedTuple):
    """How a file is written: its byte order, and whether it is a BigTIFF."""

    order: str = "<"
    big: bool = False

    @property
    def offset(self) -> str:
        """Return the `struct` letter of an offset."""
        return "Q" if self.big else "I"


SIDE_PX = 8
PLAIN = TiffShape()
Fields = Mapping[int, tuple[int, Sequence[int]]]


def directory(fields: Fields, at: int, following: int = 0, shape: TiffShape = PLAIN) -> bytes:
    """One directory that begins at this offset, what does not fit into a field behind it."""
    inline = 8 if shape.big else 4
    count = "Q" if shape.big else "H"
    head = struct.calcsize(f"={count}")
    behind = at + head + len(fields) * (4 + 2 * inline) + inline
    entries, values = b"", b""
    for tag, (kind, numbers) in sorted(fields.items()):
        packed = struct.pack(f"{shape.order}{len(numbers)}{_FORMS[kind]}", *numbers)
        if len(packed) > inline:
            place = struct.pack(f"{shape.order}{shape.offset}", behind + len(values))
            values += packed + b"\0" * (len(packed) % 2)
            packed = place
        entries += struct.pack(f"{shape.order}HH{shape.offset}", tag, kind, len(numbers))
        entries += packed.ljust(inline, b"\0")
    counted = struct.pack(f"{shape.order}{count}", len(fields))
    return counted + entries + struct.pack(f"{shape.order}{shape.offset}", following) + values


def tiff(
    samples: bytes,
    *,
    photometric: int,
    bits: Sequence[int],
    fields: Fields | None = None,
    following: int = 0,
    shape: TiffShape = PLAIN,
) -> bytes:
    """A TIFF of 8x8 px, its samples uncompressed: one strip, or one of each plane."""
    planes = len(bits) if (fields or {}).get(284) == (3, [2]) else 1
    plane_bytes = len(samples) // planes
    said: Fields = {
        256: (3, [SIDE_PX]), 257: (3, [SIDE_PX]), 258: (3, bits), 259: (3, [1]),
        262: (3, [photometric]), 273: (4, [0] * planes), 277: (3, [len(bits)]),
        278: (3, [SIDE_PX]), 279: (4, [plane_bytes] * planes), **(fields or {}),
    }  # fmt: skip
    first = 16 if shape.big else 8
    data = first + len(directory(said, first, following, shape))
    places = [data + plane_bytes * plane for plane in range(planes)]
    page = directory({**said, 273: (4, places)}, first, following, shape)
    version = struct.pack(f"{shape.order}HHHQ", 43, 8, 0, first)
    head = version if shape.big else struct.pack(f"{shape.order}HI", 42, first)
    return (b"II" if shape.order == "<" else b"MM") + head + page + samples
