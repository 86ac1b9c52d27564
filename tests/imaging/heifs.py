"""AVIF files taken apart and put together again (ISO 23008-12), as no encoder would write them."""

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pillow_heif
from PIL import Image

from tests.imaging.pictures import encoded

_HEAD_BYTES = 24  # of AV1 data: its sequence header lies within
_ESSENTIAL = {b"av1C", b"hvcC", b"irot", b"imir", b"clap"}


class Coded(NamedTuple):
    """One coded picture: its AV1 data and the properties without which it can't be decoded."""

    data: bytes
    properties: tuple[bytes, ...]


class Item(NamedTuple):
    """An item of a file, with further properties behind those of its picture."""

    coded: Coded
    more: tuple[bytes, ...] = ()
    auxiliary_to: int | None = None


def box(kind: bytes, content: bytes) -> bytes:
    """A box."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


IROT_90 = box(b"irot", b"\1")
IMIR_TOP_DOWN = box(b"imir", b"\0")
ALPHA = box(b"auxC", b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def clap(width: int, height: int, across: tuple[int, int], down: tuple[int, int]) -> bytes:
    """A clean aperture; how far its centre is from the picture's, as fractions."""
    return box(b"clap", struct.pack(">8i", width, 1, height, 1, *across, *down))


def coded(image: Image.Image) -> Coded:
    """The picture as AV1, without loss of what matters."""
    body = encoded(image, "AVIF", quality=95, subsampling="4:0:0" if image.mode == "L" else "4:4:4")
    found = dict(_boxes(body))
    inside = dict(_boxes(found[b"meta"][4:]))
    known = dict(_boxes(dict(_boxes(inside[b"iprp"]))[b"ipco"]))
    kept = tuple(box(kind, known[kind]) for kind in (b"ispe", b"pixi", b"av1C"))
    return Coded(found[b"mdat"], kept)


def with_colours(data: bytes, primaries: int, transfer: int) -> bytes:
    """AV1 data of sRGB whose sequence header, wherever its bits are, names other colours."""
    head, rest = data[:_HEAD_BYTES], data[_HEAD_BYTES:]
    bits = f"{int.from_bytes(head):0{8 * len(head)}b}"
    srgb, named = (f"{a:08b}{b:08b}" for a, b in ((1, 13), (primaries, transfer)))
    assert bits.count(srgb) == 1
    return int(bits.replace(srgb, named), 2).to_bytes(len(head)) + rest


def avif(items: Sequence[Item], *, primary: int = 1) -> bytes:
    """An AVIF of these items, numbered from 1 on."""
    head = box(b"ftyp", b"avif\0\0\0\0avifmif1miaf")
    start = len(head) + len(_meta(items, primary, 0)) + 8
    data = b"".join(item.coded.data for item in items)
    return head + _meta(items, primary, start) + box(b"mdat", data)


def derived(
    kind: bytes,
    part: Coded,
    *,
    shape: bytes = b"",
    uses: int = 1,
    more: tuple[bytes, ...] = (),
    of_part: tuple[bytes, ...] = (),
) -> bytes:
    """A file whose primary item, of this kind (`iden`, `iovl`, `grid`), is made of one picture.

    Args:
        kind: of the item.
        part: what it is made of.
        shape: what the item itself has to say, such as the rows and columns of a grid.
        uses: how often the part is in it, each time as an item of its own.
        more: properties of the item, its size among them.
        of_part: properties of the part behind its own.
    """
    coding = b"hvc1" if part.properties[0][4:8] == b"hvcC" else b"av01"
    head = box(b"ftyp", b"heic\0\0\0\0heicmif1" if coding == b"hvc1" else b"avif\0\0\0\0avifmif1")
    primary = uses + 1
    reference = box(b"dimg", struct.pack(f">HH{uses}H", primary, uses, *range(1, primary)))
    items = [*[Item(part, of_part)] * uses, Item(Coded(shape, ()), more)]
    kinds = (*[coding] * uses, kind)

    def meta(start: int) -> bytes:
        return _meta(items, primary, start, kinds=kinds, more_references=reference)

    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", part.data * uses + shape)


def coded_heic(image: Image.Image) -> Coded:
    """The picture as HEVC."""
    found = dict(_boxes(heic(image)))
    inside = dict(_boxes(found[b"meta"][4:]))
    known = dict(_boxes(dict(_boxes(inside[b"iprp"]))[b"ipco"]))
    return Coded(found[b"mdat"], tuple(box(each, known[each]) for each in (b"hvcC", b"ispe")))


def heic(*images: Image.Image, mode: str = "", samples: bytes = b"") -> bytes:
    """A HEIC of pictures of Pillow, the last one primary, or 64x48 px of a pillow-heif mode."""
    file = io.BytesIO()
    library: Any = pillow_heif  # which has hardly any types
    made = library.HeifFile() if images else library.from_bytes(mode, (64, 48), samples)
    for image in images:
        made.add_from_pillow(image)
    made.save(file, quality=95, chroma=444, primary_index=len(images) - 1 if images else 0)
    return file.getvalue()


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + size]
        at += size


def _meta(
    items: Sequence[Item],
    primary: int,
    start: int,
    kinds: Sequence[bytes] = (),
    more_references: bytes = b"",
) -> bytes:
    properties: list[bytes] = []
    associations = places = entries = b""
    references = more_references
    for number, item in enumerate(items, 1):
        own = [*item.coded.properties, *item.more]
        numbers = bytes(
            (len(properties) + at) | (0x80 if each[4:8] in _ESSENTIAL else 0)
            for at, each in enumerate(own, 1)
        )
        properties += own
        associations += struct.pack(">HB", number, len(own)) + numbers
        places += struct.pack(">HHHII", number, 0, 1, start, len(item.coded.data))
        start += len(item.coded.data)
        kind = kinds[number - 1] if kinds else b"av01"
        entries += box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", number, 0, kind) + b"\0")
        if item.auxiliary_to is not None:
            references += box(b"auxl", struct.pack(">HHH", number, 1, item.auxiliary_to))
    count = struct.pack(">H", len(items))
    ipma = b"\0" * 4 + struct.pack(">I", len(items)) + associations
    return box(
        b"meta",
        b"\0" * 4
        + box(b"hdlr", b"\0" * 8 + b"pict" + b"\0" * 13)
        + box(b"pitm", b"\0" * 4 + struct.pack(">H", primary))
        + box(b"iloc", b"\0\0\0\0\x44\0" + count + places)
        + box(b"iinf", b"\0" * 4 + count + entries)
        + (box(b"iref", b"\0" * 4 + references) if references else b"")
        + box(b"iprp", box(b"ipco", b"".join(properties)) + box(b"ipma", ipma)),
    )
