"""The image file directories of a TIFF (TIFF 6.0, section 2; BigTIFF): what it says of its pages.

Reads no pixels and believes no offset: a directory that lies outside the file is not there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Final, Literal, NamedTuple, TypeAlias

Order: TypeAlias = Literal["little", "big"]

_VALUE_BYTES: Final = {1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8}  # the unsigned field types
_MOST_VALUES: Final = 64
_MOST_FIELDS: Final = 4096
_MOST_BELOW: Final = 1000


class Tag(IntEnum):
    """Fields that are looked at (TIFF 6.0, appendix A; TIFF/EP and DNG for those of cameras)."""

    NEW_SUBFILE_TYPE = 254
    SUBFILE_TYPE = 255
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    SAMPLES = 277
    PLANAR = 284
    TILE_WIDTH = 322
    SUB_DIRECTORIES = 330
    INK_SET = 332
    EXTRA_SAMPLES = 338
    SAMPLE_FORMAT = 339
    CFA_REPEAT = 33421
    CFA_PATTERN = 33422
    LEAF = 34310
    DNG_VERSION = 50706
    CR2_SLICES = 50752


class Layout(NamedTuple):
    """How offsets and counts are written: 4 bytes in a TIFF, 8 in a BigTIFF."""

    order: Order
    offset_bytes: int
    count_bytes: int  # of the number of fields in a directory
    first: int


class Field(NamedTuple):
    """One field: where its values stand, how many bytes each has, and the values."""

    at: int
    each_bytes: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory. `next_at` is where the offset of the following one stands."""

    fields: dict[Tag, Field]
    next_at: int
    next: int

    def values(self, tag: Tag, *, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the values of a field; at most 64 are read."""
        field = self.fields.get(tag)
        return field.values if field and field.values else otherwise

    def value(self, tag: Tag, otherwise: int) -> int:
        """Return the first value of a field."""
        return self.values(tag, otherwise=(otherwise,))[0]

    @property
    def pixels(self) -> int:
        """Return the product of width and height."""
        return self.value(Tag.WIDTH, 0) * self.value(Tag.HEIGHT, 0)


def layout_of(body: bytes) -> Layout | None:
    """Return how the file is written; None: it begins as no TIFF does."""
    order: Order = "little" if body.startswith(b"II") else "big"
    version = int.from_bytes(body[2:4], order)
    if version == 42:  # noqa: PLR2004 - TIFF 6.0, section 2
        return Layout(order, 4, 2, int.from_bytes(body[4:8], order))
    if version == 43 and int.from_bytes(body[4:6], order) == 8:  # noqa: PLR2004 - BigTIFF
        return Layout(order, 8, 8, int.from_bytes(body[8:16], order))
    return None


def directory_at(body: bytes, layout: Layout, offset: int) -> Directory | None:
    """Read the directory at an offset; None: there is none."""
    start = offset + layout.count_bytes
    count = int.from_bytes(body[offset:start], layout.order)
    entry_bytes = 4 + 2 * layout.offset_bytes
    next_at = start + count * entry_bytes
    end = next_at + layout.offset_bytes
    if not 0 < count <= _MOST_FIELDS or offset <= 0 or end > len(body):
        return None
    fields: dict[Tag, Field] = {}
    for at in range(start, next_at, entry_bytes):
        tag = int.from_bytes(body[at : at + 2], layout.order)
        if tag in _TAGS:
            fields.setdefault(Tag(tag), _field_at(body, layout, at))
    return Directory(fields, next_at, int.from_bytes(body[next_at:end], layout.order))


def pages_of(body: bytes, layout: Layout, most: int) -> Iterator[Directory]:
    """Yield the directories of the chain, up to one that can't be read or was there before."""
    seen: set[int] = set()
    offset = layout.first
    while offset and offset not in seen and len(seen) < most:
        seen.add(offset)
        page = directory_at(body, layout, offset)
        if page is None:
            return
        yield page
        offset = page.next


def below(body: bytes, layout: Layout, pages: Iterable[Directory]) -> Iterator[Directory]:
    """Yield the directories that pages name as their own (SubIFDs, TIFF Technical Note 1)."""
    offsets = dict.fromkeys(offset for page in pages for offset in page.values(Tag.SUB_DIRECTORIES))
    for offset in islice(offsets, _MOST_BELOW):
        if found := directory_at(body, layout, offset):
            yield found


def _field_at(body: bytes, layout: Layout, at: int) -> Field:
    kind = int.from_bytes(body[at + 2 : at + 4], layout.order)
    values_at = at + 4 + layout.offset_bytes
    count = int.from_bytes(body[at + 4 : values_at], layout.order)
    each = _VALUE_BYTES.get(kind, 0)
    if count * each > layout.offset_bytes:
        values_at = int.from_bytes(body[values_at : values_at + layout.offset_bytes], layout.order)
    kept = min(count, _MOST_VALUES) if each and values_at + count * each <= len(body) else 0
    places = range(values_at, values_at + kept * each, each or 1)
    values = tuple(int.from_bytes(body[place : place + each], layout.order) for place in places)
    return Field(values_at, each, values)


_TAGS: Final = frozenset(Tag)
