"""Which format bytes are, by their first ones; names and declared types are never asked."""

import re
from enum import StrEnum

HEAD_BYTES = 4096

_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})

_PROLOG_BYTES = 10 * 1024**2  # in which the root of an SVG must begin
_WIDE = {
    "utf-16-le": (b"\xff\xfe", b"<\0"),
    "utf-16-be": (b"\xfe\xff", b"\0<"),
}
_BLANK = re.compile(r"[ \t\r\n]*")
_SVG_ROOT = re.compile(r"<(?:[^\s<>/:='\"]+:)?svg[\s/>]")
_DOCTYPE_SIGNS = re.compile(r"\"[^\"]*\"|'[^']*'|<!--.*?-->|[\[\]>]", re.DOTALL)


class SourceFormat(StrEnum):
    """A format that ingest takes. The value is its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    TIFF = "image/tiff"
    AVIF = "image/avif"
    HEIF = "image/heic"
    SVG = "image/svg+xml"


MASTER_FORMATS = frozenset({SourceFormat.JPEG, SourceFormat.PNG, SourceFormat.WEBP})


def sniff(head: bytes) -> SourceFormat | None:
    """Return the format of a raster, from the first `HEAD_BYTES` bytes of a file."""
    for magic, found in (
        (b"\xff\xd8\xff", SourceFormat.JPEG),
        (b"\x89PNG\r\n\x1a\n", SourceFormat.PNG),
        (b"GIF87a", SourceFormat.GIF),
        (b"GIF89a", SourceFormat.GIF),
        (b"II*\0", SourceFormat.TIFF),
        (b"MM\0*", SourceFormat.TIFF),
        (b"II+\0", SourceFormat.TIFF),
        (b"MM\0+", SourceFormat.TIFF),
    ):
        if head.startswith(magic):
            return found
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return SourceFormat.WEBP
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    return None


def is_svg(body: bytes) -> bool:
    """Return whether the root of an XML document is named `svg`, with whatever prefix.

    What comes before it may be long: comments, a document type. The encoding is found by its first
    bytes as XML 1.0, appendix F, says; whether all of it is well formed is not asked.
    """
    text = _beginning_as_text(body)
    at = 0
    while True:
        at = _end_of(_BLANK, text, at)
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!DOCTYPE", at):
            end = _end_of_doctype(text, at)
        else:
            return _SVG_ROOT.match(text, at) is not None
        if end < 0:
            return False
        at = text.index(">", end) + 1


def _beginning_as_text(body: bytes) -> str:
    for encoding, signs in _WIDE.items():
        if body.startswith(signs):
            return body[: 2 * _PROLOG_BYTES].decode(encoding, "replace").removeprefix("\ufeff")
    return body[:_PROLOG_BYTES].removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _end_of_doctype(text: str, at: int) -> int:
    """Return where its `>` is, which is neither quoted, in a comment nor in the brackets; or -1."""
    depth = 0
    for sign in _DOCTYPE_SIGNS.finditer(text, at):
        depth += {"[": 1, "]": -1}.get(sign[0], 0)
        if sign[0] == ">" and depth <= 0:
            return sign.start()
    return -1


def _sniff_brands(head: bytes) -> SourceFormat | None:
    """ISO 14496-12: a box of its length, `ftyp`, major brand, version, compatible brands."""
    box = head[8 : int.from_bytes(head[:4], "big")]
    brands = {box[at : at + 4] for at in (0, *range(8, len(box), 4))}
    if brands & _AVIF_BRANDS:
        return SourceFormat.AVIF
    return SourceFormat.HEIF if brands & _HEVC_BRANDS else None
