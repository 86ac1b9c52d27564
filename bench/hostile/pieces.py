"""The pieces that a file is made of: chunks, segments, boxes, entries, tags.

Only as much of each format as it takes to damage it where its reader looks.
"""

import re
import zlib
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_SCAN = 0xDA
_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C
_HAS_TABLE = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A file cut up; joined in this order its pieces are the file again.

    Attributes:
        length_at: where, in every piece, a length (or count) stands; None where none does.
        length_bytes: how many bytes it has.
    """

    parts: Sequence[bytes]
    length_at: int | None = None
    length_bytes: int = 4
    order: Literal["big", "little"] = "big"


def pieces_of(body: bytes) -> Pieces:
    """Cut a file of any kind that ingest takes; of another, or damaged, it is one piece."""
    for at, magic, cut in _FORMATS:
        if body.startswith(magic, at):
            return cut(body)
    return Pieces(parts=tuple(re.findall(rb"[^<]+|<[^<]*", body)))


def with_true_checksums(body: bytes) -> bytes:
    """Return a PNG whose every CRC is right, so that its reader goes on; others as they are."""
    if not body.startswith(_PNG):
        return body
    first, *chunks = pieces_of(body).parts
    return first + b"".join(
        chunk[:-4] + zlib.crc32(chunk[4:-4]).to_bytes(4, "big") if len(chunk) > 12 else chunk  # noqa: PLR2004 - length, name, CRC
        for chunk in chunks
    )


def _cut(body: bytes, start: int, end_of: Callable[[bytes, int], int]) -> Sequence[bytes]:
    """Cut off a head, and then whatever ends where `end_of(body, at)` says, as long as it grows."""
    parts, at = [body[:start]], start
    while at < len(body):
        end = end_of(body, at)
        if end <= at:
            end = len(body)
        parts.append(body[at:end])
        at = end
    return parts


def _png_chunk(body: bytes, at: int) -> int:
    return at + 12 + int.from_bytes(body[at : at + 4], "big")


def _riff_chunk(body: bytes, at: int) -> int:
    length = int.from_bytes(body[at + 4 : at + 8], "little")
    return at + 8 + length + length % 2


def _box(body: bytes, at: int) -> int:
    return at + int.from_bytes(body[at : at + 4], "big")


def _boxes(body: bytes) -> Generator[bytes]:
    """Boxes, and the boxes in `meta` and its `iprp` and `ipco`; their heads are pieces as well."""
    heads = {b"meta": 12, b"iprp": 8, b"ipco": 8}
    for box in _cut(body, 0, _box):
        head = heads.get(box[4:8])
        if head is None:
            yield box
        else:
            yield box[:head]
            yield from _boxes(box[head:])


def _jpeg_segment(body: bytes, at: int) -> int:
    if body[at + 1 : at + 2] == bytes([_JPEG_SCAN]):
        return len(body)  # entropy-coded data has no lengths
    return at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")


def _gif_table(flags: bytes) -> int:
    value = flags[0] if flags else 0
    return 3 * 2 ** ((value & 7) + 1) if value & _HAS_TABLE else 0


def _gif_block(body: bytes, at: int) -> int:
    if body[at] == _GIF_EXTENSION:
        at += 2
    elif body[at] == _GIF_IMAGE:
        at += 11 + _gif_table(body[at + 9 : at + 10])
    else:
        return at + 1
    while at < len(body) and body[at]:
        at += 1 + body[at]
    return at + 1


def _tiff_entries(body: bytes) -> Pieces:
    """The first directory's entries (TIFF 6.0, section 2): tag, type, count, value."""
    order: Literal["big", "little"] = "little" if body.startswith(b"II") else "big"
    start = int.from_bytes(body[4:8], order)
    count = int.from_bytes(body[start : start + 2], order)
    ends: Iterable[int] = range(start + 2, start + 3 + 12 * count, 12)
    edges = [0, *(min(end, len(body)) for end in ends), len(body)]
    parts = [body[left:right] for left, right in pairwise(edges)]
    return Pieces(parts=parts, length_at=4, order=order)


def _gif_blocks(body: bytes) -> Pieces:
    return Pieces(parts=_cut(body, 13 + _gif_table(body[10:11]), _gif_block))


_FORMATS: Sequence[tuple[int, bytes, Callable[[bytes], Pieces]]] = (
    (0, _PNG, lambda body: Pieces(parts=_cut(body, 8, _png_chunk), length_at=0)),
    (
        0,
        b"RIFF",
        lambda body: Pieces(parts=_cut(body, 12, _riff_chunk), length_at=4, order="little"),
    ),
    (4, b"ftyp", lambda body: Pieces(parts=tuple(_boxes(body)), length_at=0)),
    (
        0,
        b"\xff\xd8",
        lambda body: Pieces(parts=_cut(body, 2, _jpeg_segment), length_at=2, length_bytes=2),
    ),
    (0, b"GIF8", _gif_blocks),
    (0, b"II*\0", _tiff_entries),
    (0, b"MM\0*", _tiff_entries),
)
