"""What a file says about itself: title, credit and copyright, from XMP before IPTC."""

from typing import Protocol, cast

import pyexiv2

from imaging.model import Embedded

pyexiv2.set_log_level(4)  # silent: what can't be read is simply not there

_TITLE = ("Xmp.dc.title", "Xmp.photoshop.Headline", "Iptc.Application2.ObjectName")
_CREDIT = ("Xmp.photoshop.Credit", "Iptc.Application2.Credit")
_COPYRIGHT = ("Xmp.dc.rights", "Iptc.Application2.Copyright", "Exif.Image.Copyright")
_MAX_CHARACTERS = 2000


class _Metadata(Protocol):
    """What we use of pyexiv2, which ships no types."""

    def read_xmp(self) -> dict[str, object]: ...
    def read_iptc(self) -> dict[str, object]: ...
    def read_exif(self) -> dict[str, object]: ...
    def close(self) -> None: ...


def embedded_in(image: bytes) -> Embedded:
    """Return what is there; metadata that can't be read is no reason to refuse a picture."""
    try:
        opened = cast("_Metadata", pyexiv2.ImageData(image))
    except RuntimeError:  # a container that exiv2 doesn't know, such as SVG
        return Embedded()
    try:
        fields = opened.read_exif() | opened.read_iptc() | opened.read_xmp()
    except (RuntimeError, UnicodeDecodeError):
        return Embedded()
    finally:
        opened.close()
    return Embedded(
        title=_first(fields, _TITLE),
        credit=_first(fields, _CREDIT),
        copyright=_first(fields, _COPYRIGHT),
    )


def _first(fields: dict[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, dict):  # text in several languages; the default one comes first
            value = next(iter(cast("dict[str, object]", value).values()), None)
        if isinstance(value, str) and value.strip():
            return value.strip()[:_MAX_CHARACTERS]
    return None
