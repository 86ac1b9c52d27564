"""What a file says about itself: title, credit and copyright, from XMP before IPTC."""

from collections.abc import Callable
from typing import Protocol, cast

import pyexiv2

from imaging.model import Embedded

pyexiv2.set_log_level(4)  # silent: what can't be read is simply not there

_TITLE = ("Xmp.dc.title", "Xmp.photoshop.Headline", "Iptc.Application2.ObjectName")
_CREDIT = ("Xmp.photoshop.Credit", "Iptc.Application2.Credit")
_COPYRIGHT = ("Xmp.dc.rights", "Iptc.Application2.Copyright", "Exif.Image.Copyright")
_MAX_CHARACTERS = 2000
_ENCODINGS = ("utf-8", "latin-1")  # IPTC-IIM seldom says which it is in


class _Metadata(Protocol):
    """What we use of pyexiv2, which ships no types."""

    def read_xmp(self, encoding: str) -> dict[str, object]: ...
    def read_iptc(self, encoding: str) -> dict[str, object]: ...
    def read_exif(self, encoding: str) -> dict[str, object]: ...
    def close(self) -> None: ...


def embedded_in(image: bytes) -> Embedded:
    """Return what is there; metadata that can't be read is no reason to refuse a picture."""
    try:
        opened = cast("_Metadata", pyexiv2.ImageData(image))
    except RuntimeError:  # a container that exiv2 doesn't know, such as SVG
        return Embedded()
    try:
        fields = _read(opened.read_exif) | _read(opened.read_iptc) | _read(opened.read_xmp)
    finally:
        opened.close()
    return Embedded(
        title=_first(fields, _TITLE),
        credit=_first(fields, _CREDIT),
        copyright=_first(fields, _COPYRIGHT),
    )


def _read(block: Callable[[str], dict[str, object]]) -> dict[str, object]:
    """Read EXIF, IPTC or XMP; one that is broken leaves the other two as they are."""
    for encoding in _ENCODINGS:
        try:
            return block(encoding)
        except UnicodeDecodeError:
            continue
        except (RuntimeError, ValueError, AttributeError):
            # The latter two: pyexiv2 takes the fields of Windows for lists of bytes, unseen.
            return {}
    return {}


def _first(fields: dict[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, dict):  # text in several languages; the default one comes first
            value = next(iter(cast("dict[str, object]", value).values()), None)
        if isinstance(value, str) and (text := _printable(value)):
            return text[:_MAX_CHARACTERS]
    return None


def _printable(text: str) -> str:
    """Return the text in one line; what a file says may hold anything, U+0000 included."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
