"""The copyright notice that a file carries, from XMP before IPTC before EXIF.

A file may come from anybody. Its blocks are read by Pillow, in the child that decodes: whatever one
is tripped over by is as good as not there, and leaves the others as they are.
"""

import io
import re
import warnings
from collections.abc import Callable
from typing import Final, TypeVar
from xml.etree import ElementTree as ET

import pi_heif.HeifImagePlugin  # noqa: F401  # pyright: ignore[reportUnusedImport] - lets Pillow open HEIC
from PIL import Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")
MOST_XMP_BYTES: Final = 1024**2
MOST_CHARACTERS: Final = 2000
_RIGHTS: Final = "{http://purl.org/dc/elements/1.1/}rights"
_ITEM: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_IPTC_COPYRIGHT: Final = 2, 116  # IPTC-IIM 4.2
_EXIF_COPYRIGHT: Final = 0x8298  # Exif 3.0, 4.6.4
_From = TypeVar("_From")
_Read = TypeVar("_Read")


def notice_in(body: bytes) -> str:
    """Return the notice in one line of at most 2,000 characters; empty: none that can be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a block is odd is told to nobody
        picture = _attempt(_opened, body)
        found = (picture and _attempt(read, picture) for read in (_in_xmp, _in_iptc, _in_exif))
        return next((line for text in found if text and (line := _one_line(text))), "")


def _attempt(read: Callable[[_From], _Read], of: _From) -> _Read | None:
    try:
        return read(of)
    except Exception:  # noqa: BLE001 - readers of what anybody wrote raise whatever there is
        return None


def _opened(body: bytes) -> ImageFile:
    return Image.open(io.BytesIO(body), formats=_FORMATS)


def _in_xmp(picture: ImageFile) -> str:
    """`dc:rights`, in the first of its languages (ISO 16684-1, 8.3)."""
    packet = picture.info.get("xmp") or b""
    if len(packet) > MOST_XMP_BYTES:
        return ""
    parser = ET.XMLParser(target=_Plain())  # noqa: S314 - without entities it is harmless
    rights = ET.fromstring(packet.strip(b"\0"), parser).find(f".//{_RIGHTS}")  # noqa: S314 - as above
    if rights is None:
        return ""
    return "".join(next(rights.iter(_ITEM), rights).itertext())


class _Plain(ET.TreeBuilder):
    """Builds what declares nothing: no packet of XMP has entities."""

    def doctype(self, *_declaration: object) -> None:
        raise ValueError("a packet of XMP has no document type")


def _in_iptc(picture: ImageFile) -> str:
    found = (IptcImagePlugin.getiptcinfo(picture) or {}).get(_IPTC_COPYRIGHT, b"")
    return _decoded(found[0] if isinstance(found, list) else found)


def _in_exif(picture: ImageFile) -> str:
    """Photographer, then editor, with U+0000 between them."""
    found: object = picture.getexif().get(_EXIF_COPYRIGHT)
    if isinstance(found, str):
        found = found.encode("latin-1")  # which is what Pillow took it for
    return _decoded(found) if isinstance(found, bytes) else ""


def _decoded(text: bytes) -> str:
    joined = b", ".join(part for part in re.split(rb"\0+", text) if part.strip())
    try:
        return joined.decode()
    except UnicodeDecodeError:
        return joined.decode("latin-1")  # neither IPTC nor EXIF needs to say what it is in


def _one_line(text: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split())[:MOST_CHARACTERS]
