"""The copyright notice that a master carries, from XMP before IPTC before EXIF.

A master may come from anybody: every reader here takes one field, believes no length, and returns
None for what it does not understand.
"""

import re
from typing import Literal
from xml.parsers import expat

from imaging.vips import XMP_FIELD, Image, get_blob

_MAX_BYTES = 1024**2
_MAX_CHARACTERS = 2000
_RIGHTS = "http://purl.org/dc/elements/1.1/ rights"
_ITEM = "http://www.w3.org/1999/02/22-rdf-syntax-ns# li"
_COPYRIGHT_RECORD = b"\x1c\x02\x74"  # IPTC-IIM 4.2, 2:116
_COPYRIGHT_TAG = 0x8298
_ENTRY_BYTES = 12
_INLINE_BYTES = 4


def notice_of(image: Image) -> str | None:
    """Return the notice in one line; None where there is none."""
    for field, read in ((XMP_FIELD, _in_xmp), ("iptc-data", _in_iptc), ("exif-data", _in_exif)):
        block = get_blob(image, field)
        if block and len(block) <= _MAX_BYTES and (notice := (read(block) or "").strip()):
            return notice[:_MAX_CHARACTERS]
    return None


def _in_xmp(packet: bytes) -> str | None:
    """`dc:rights`, in the first of its languages (ISO 16684-1, 8.3)."""
    reader = _RightsReader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(packet.strip(b"\0"), True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, LookupError, ValueError):
        return None
    return "".join(reader.found)


class _RightsReader:
    """Collects the text of the first `rdf:li` in `dc:rights`."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._in_rights = self._in_item = self._done = False

    def refuse(self, *_declaration: object) -> None:
        raise ValueError("no packet of XMP has entities")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._in_rights = self._in_rights or name == _RIGHTS
        self._in_item = self._in_rights and name == _ITEM and not self._done

    def end(self, name: str) -> None:
        self._done = self._done or self._in_item
        self._in_item = False
        if name == _RIGHTS:
            self._in_rights = False

    def text(self, text: str) -> None:
        if self._in_item:
            self.found.append(text)


def _in_iptc(block: bytes) -> str | None:
    at = block.find(_COPYRIGHT_RECORD)
    if at < 0:
        return None
    start = at + len(_COPYRIGHT_RECORD) + 2
    return _decoded(block[start : start + int.from_bytes(block[start - 2 : start], "big")])


def _in_exif(block: bytes) -> str | None:
    """Tag 0x8298 of the first directory (Exif 3.0, 4.6.4); photographer, then editor."""
    tiff = block.removeprefix(b"Exif\0\0")
    order: Literal["big", "little"] = "little" if tiff.startswith(b"II") else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    directory = number(4, 4)
    first = directory + 2
    end = min(len(tiff), first + number(directory, 2) * _ENTRY_BYTES)
    for at in range(first, end, _ENTRY_BYTES):
        if number(at, 2) == _COPYRIGHT_TAG:
            count = number(at + 4, 4)
            start = at + 8 if count <= _INLINE_BYTES else number(at + 8, 4)
            return _decoded(tiff[start : start + count])
    return None


def _decoded(text: bytes) -> str:
    joined = b", ".join(part for part in re.split(rb"\0+", text) if part.strip())
    try:
        return joined.decode()
    except UnicodeDecodeError:
        return joined.decode("latin-1")  # neither IPTC nor EXIF needs to say what it is in
