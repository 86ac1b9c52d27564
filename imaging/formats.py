"""Which format bytes are, by their first ones; names and declared types are never asked."""

from enum import StrEnum

HEAD_BYTES = 4096

_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


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
    """Return the format, from the first `HEAD_BYTES` bytes of a file."""
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
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and b"<svg" in head:
        return SourceFormat.SVG
    return None


def _sniff_brands(head: bytes) -> SourceFormat | None:
    """ISO 14496-12: a box of its length, `ftyp`, major brand, version, compatible brands."""
    box = head[8 : int.from_bytes(head[:4], "big")]
    brands = {box[at : at + 4] for at in (0, *range(8, len(box), 4))}
    if brands & _AVIF_BRANDS:
        return SourceFormat.AVIF
    return SourceFormat.HEIF if brands & _HEVC_BRANDS else None
