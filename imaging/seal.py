"""The form in which finished renditions are kept: the image, and a trailer that vouches for it.

Every viewer shows the file as it is: decoders stop at the end of the image, and to those that read
ISO 14496-12 boxes (AVIF) the trailer is a `free` box, which they skip. What a store hands back
under a key is believed only if the trailer says that it was written whole, and under that key.
"""

import hashlib
import struct
from dataclasses import dataclass

from catalog.delivery.model import Format
from imaging.model import Rendition

# Part of every content key: raised with any change of the form, so that none is read as another.
FORM = 1

_MAGIC = b"vitrine\x01"
_MEASURES = struct.Struct(">I4s8sII")  # the box: its size and type; then magic, width, height
_DIGEST_BYTES = 32
_TRAILER_BYTES = _MEASURES.size + _DIGEST_BYTES
_ETAG_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRendition:
    """A rendition with the digest of its bytes, its sizes and its key.

    Attributes:
        digest: SHA-256.
    """

    rendition: Rendition
    digest: bytes

    @property
    def etag(self) -> str:
        """Return the strong validator, quotes included."""
        return f'"{self.digest.hex()[:_ETAG_DIGITS]}"'

    def __bytes__(self) -> bytes:
        return self.rendition.body + _measures(self.rendition) + self.digest


def seal(key: str, rendition: Rendition) -> SealedRendition:
    """Return a rendition with the digest of its bytes, its sizes and its content key."""
    digest = _digest(key, rendition.body, _measures(rendition))
    return SealedRendition(rendition=rendition, digest=digest)


def unseal(key: str, stored: bytes, image_format: Format) -> SealedRendition | None:
    """Return what was sealed under the key; None: these bytes are not that, or not all of it."""
    body, trailer = stored[:-_TRAILER_BYTES], stored[-_TRAILER_BYTES:]
    if len(trailer) < _TRAILER_BYTES:
        return None
    measures, digest = trailer[: _MEASURES.size], trailer[_MEASURES.size :]
    _, _, magic, width_px, height_px = _MEASURES.unpack(measures)
    if magic != _MAGIC or digest != _digest(key, body, measures):
        return None
    rendition = Rendition(body=body, format=image_format, width_px=width_px, height_px=height_px)
    return SealedRendition(rendition=rendition, digest=digest)


def _measures(rendition: Rendition) -> bytes:
    return _MEASURES.pack(_TRAILER_BYTES, b"free", _MAGIC, rendition.width_px, rendition.height_px)


def _digest(key: str, body: bytes, measures: bytes) -> bytes:
    digest = hashlib.sha256(body)
    digest.update(measures)
    digest.update(key.encode())
    return digest.digest()
