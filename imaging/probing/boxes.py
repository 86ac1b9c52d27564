"""How an AVIF or HEIC turns and crops its picture: the boxes of HEIF (ISO 23008-12) around it.

Only what decoders are at odds about is read. A box that lies outside its parent is not there; what
is damaged is the decoder's to find.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

_ALPHA: Final = (  # ISO 23000-22, 7.3.5.2; ISO 23008-12, B.2.3.2.3 (HEVC)
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0",
    b"urn:mpeg:hevc:2015:auxid:1\0",
)
_SIZE_BYTES: Final = 8
_LARGE_SIZE_BYTES: Final = 16
_CLAP_FIELDS: Final = 8
_LAYERED: Final = frozenset({b"lsel", b"a1op", b"a1lx"})
_DATA_BYTES: Final = 4096


class Property(NamedTuple):
    """A property of an item, such as `irot`."""

    kind: bytes
    content: bytes


class Placement(NamedTuple):
    """How a picture is turned and cropped, in the order in which that is done.

    Attributes:
        colour: of the primary item.
        alphas: of each of its alpha items.
        size: width and height of the primary item before that; None: it says none.
        colours: primaries and transfer characteristics of the primary item; None: it says none.
        kind: of the primary item, such as `av01` or `grid`; empty: there is none.
        parts_are_placed: a picture that it is made of is turned or cropped by itself.
    """

    colour: tuple[Property, ...] = ()
    alphas: tuple[tuple[Property, ...], ...] = ()
    size: tuple[int, int] | None = None
    colours: tuple[int, int] | None = None
    kind: bytes = b""
    parts_are_placed: bool = False


class ItemSize(NamedTuple):
    """What an item says of its size, and the beginning of its data."""

    size: tuple[int, int]
    data: bytes


class _Box(NamedTuple):
    kind: bytes
    content: bytes


def placement_of(body: bytes) -> Placement:
    """Return how the primary item and its alpha are turned and cropped."""
    meta = _children(_first(_boxes(body), b"meta")[4:])
    primary = _id_in(_first(meta, b"pitm"))
    items = _properties_of_items(_first(meta, b"iprp"))
    references = _first(meta, b"iref")
    return Placement(
        _transformations(items.get(primary, ())),
        tuple(
            _transformations(items[item])
            for item in _auxiliaries(references, primary)
            if any(
                each.kind == b"auxC" and each.content[4:].startswith(_ALPHA)
                for each in items.get(item, ())
            )
        ),
        _size_of(items.get(primary, ())),
        _colours_of(items.get(primary, ())),
        next((kind for item, kind in _kinds_in(meta) if item == primary), b""),
        any(_transformations(items.get(item, ())) for item in _parts(references, primary)),
    )


def sized_items(body: bytes) -> Iterator[ItemSize]:
    """Yield the items whose size must be that of their data: all but layers of one stream."""
    meta = _children(_first(_boxes(body), b"meta")[4:])
    places = _places_of_items(_first(meta, b"iloc"))
    for item, properties in _properties_of_items(_first(meta, b"iprp")).items():
        size, place = _size_of(properties), places.get(item)
        if size and place is not None and not any(each.kind in _LAYERED for each in properties):
            yield ItemSize(size, body[place : place + _DATA_BYTES])


def kinds_of_items(body: bytes) -> frozenset[bytes]:
    """Return the kinds of all items, in whichever `meta` and however often they are named."""
    metas = (_children(box.content[4:]) for box in _boxes(body) if box.kind == b"meta")
    return frozenset(kind for meta in metas for _, kind in _kinds_in(meta))


def has_tracks(body: bytes) -> bool:
    """Return whether there are frames of a sequence, besides a still or alone."""
    return bool(_first(_boxes(body), b"moov"))


def is_sequence(body: bytes) -> bool:
    """Return whether what is shown is a track, not an item: the major brand says so."""
    return body[8:12] == b"avis" and has_tracks(body)


def tracks_are_cropped(body: bytes) -> bool:
    """Return whether a track may be cropped; asks no more than whether there is such a box."""
    return b"clap" in _first(_boxes(body), b"moov")


def colours_of_tracks(body: bytes) -> tuple[int, int] | None:
    """Return the primaries and transfer characteristics that a track names first; None: none."""
    return _colours_in(_first(_boxes(body), b"moov").partition(b"colrnclx")[2])


def clean_aperture(content: bytes, width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a `clap` (ISO 14496-12, 12.1.4).

    Raises:
        ValueError: it is no whole rectangle within the picture.
    """
    if len(content) < 4 * _CLAP_FIELDS:
        raise ValueError("the box is too short")
    numbers = [
        int.from_bytes(content[at : at + 4], signed=True) for at in range(0, 4 * _CLAP_FIELDS, 4)
    ]
    if not all(numbers[1::2]):
        raise ValueError("a denominator is 0")
    width, height, across, down = (
        Fraction(top, bottom) for top, bottom in zip(numbers[::2], numbers[1::2], strict=True)
    )
    left = Fraction(width_px - 1, 2) + across - (width - 1) / 2
    top = Fraction(height_px - 1, 2) + down - (height - 1) / 2
    if not all(part.denominator == 1 for part in (left, top, width, height)):
        raise ValueError("it cuts pixels in two")
    if min(left, top) < 0 or min(width, height) < 1:
        raise ValueError("it begins outside the picture")
    if left + width > width_px or top + height > height_px:
        raise ValueError("it ends outside the picture")
    return int(left), int(top), int(width), int(height)


def _size_of(properties: tuple[Property, ...]) -> tuple[int, int] | None:
    for kind, content in properties:
        if kind == b"ispe":
            return int.from_bytes(content[4:8]), int.from_bytes(content[8:12])
    return None


def _colours_of(properties: tuple[Property, ...]) -> tuple[int, int] | None:
    named = (each.content for each in properties if each.kind == b"colr")
    return _colours_in(next((each[4:] for each in named if each.startswith(b"nclx")), b""))


def _colours_in(nclx: bytes) -> tuple[int, int] | None:
    """Read primaries and transfer characteristics (ISO 14496-12, 12.1.5)."""
    return (int.from_bytes(nclx[:2]), int.from_bytes(nclx[2:4])) if len(nclx) > 3 else None  # noqa: PLR2004 - two numbers of 16 bits


def _transformations(properties: tuple[Property, ...]) -> tuple[Property, ...]:
    return tuple(each for each in properties if each.kind in {b"clap", b"irot", b"imir"})


def _boxes(data: bytes) -> Iterator[_Box]:
    at = 0
    while at + _SIZE_BYTES <= len(data):
        size, head = int.from_bytes(data[at : at + 4]), _SIZE_BYTES
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), _LARGE_SIZE_BYTES
        end = at + size if size else len(data)
        if end < at + head or end > len(data):
            return
        yield _Box(data[at + 4 : at + 8], data[at + head : end])
        at = end


def _children(data: bytes) -> list[_Box]:
    return list(_boxes(data))


def _first(boxes: "Iterator[_Box] | list[_Box]", kind: bytes) -> bytes:
    return next((box.content for box in boxes if box.kind == kind), b"")


def _id_in(box: bytes) -> int:
    """Return the id that a `pitm` names: of 16 bits, or of 32 from version 1 on."""
    return int.from_bytes(box[4:6] if box[:1] == b"\0" else box[4:8])


def _properties_of_items(box: bytes) -> dict[int, tuple[Property, ...]]:
    """Read `ipma`: each item's properties, by their number in `ipco`, which begins with 1."""
    inside = _children(box)
    known = [Property(*each) for each in _boxes(_first(inside, b"ipco"))]
    found: dict[int, tuple[Property, ...]] = {}
    for kind, content in inside:
        if kind != b"ipma":
            continue
        id_bytes = 2 if content[:1] == b"\0" else 4
        wide = 2 if content[3:4] and content[3] & 1 else 1
        at = 8
        while at + id_bytes < len(content):
            item = int.from_bytes(content[at : at + id_bytes])
            at += id_bytes + 1
            end = at + content[at - 1] * wide
            numbers = [
                int.from_bytes(content[place : place + wide]) & (0x7FFF if wide > 1 else 0x7F)
                for place in range(at, min(end, len(content)), wide)
            ]
            found[item] = tuple(known[each - 1] for each in numbers if 0 < each <= len(known))
            at = end
    return found


def _places_of_items(box: bytes) -> dict[int, int]:
    """Read `iloc`: where the first part of each item begins in the file (ISO 14496-12, 8.11.3)."""
    version = int.from_bytes(box[:1])
    offset_bytes, length_bytes = int.from_bytes(box[4:5]) >> 4, int.from_bytes(box[4:5]) & 15
    base_bytes, index_bytes = int.from_bytes(box[5:6]) >> 4, int.from_bytes(box[5:6]) & 15
    index_bytes = index_bytes if version else 0
    id_bytes = 4 if version > 1 else 2
    at = 6 + id_bytes
    found: dict[int, int] = {}
    while at + id_bytes < len(box):
        item = int.from_bytes(box[at : at + id_bytes])
        at += id_bytes
        method = int.from_bytes(box[at : at + 2]) & 15 if version else 0
        at += (2 if version else 0) + 2  # and the number of the file: 0 is this one
        base = int.from_bytes(box[at : at + base_bytes])
        extents = int.from_bytes(box[at + base_bytes : at + base_bytes + 2])
        at += base_bytes + 2
        first = at + index_bytes
        if not method and extents:
            found[item] = base + int.from_bytes(box[first : first + offset_bytes])
        at += extents * (index_bytes + offset_bytes + length_bytes)
    return found


def _kinds_in(meta: list[_Box]) -> Iterator[tuple[int, bytes]]:
    """Read `iinf`: items with kinds (ISO 14496-12, 8.11.6), from version 2 of `infe` on."""
    box = _first(meta, b"iinf")
    for kind, content in _boxes(box[6:] if box[:1] == b"\0" else box[8:]):
        at = 6 if content[:1] == b"\2" else 8
        if kind == b"infe" and content[:1] in {b"\2", b"\3"}:
            yield int.from_bytes(content[4:at]), content[at + 2 : at + 6]


def _parts(box: bytes, item: int) -> list[int]:
    """Return the items that `iref` says that this one is made of."""
    each = 2 if box[:1] == b"\0" else 4
    return [
        int.from_bytes(content[at : at + each])
        for kind, content in _boxes(box[4:])
        if kind == b"dimg" and int.from_bytes(content[:each]) == item
        for at in range(each + 2, len(content), each)
    ]


def _auxiliaries(box: bytes, primary: int) -> list[int]:
    """Return the items that `iref` names as auxiliary to the primary one."""
    each = 2 if box[:1] == b"\0" else 4
    found: list[int] = []
    for kind, content in _boxes(box[4:]):
        start = each + 2
        of = {int.from_bytes(content[at : at + each]) for at in range(start, len(content), each)}
        if kind == b"auxl" and primary in of:
            found.append(int.from_bytes(content[:each]))
    return found
