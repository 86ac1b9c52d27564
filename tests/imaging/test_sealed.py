"""The sealed form: an image to everyone, and believed only where it is what was sealed."""

import pytest

from catalog.delivery.model import Format
from imaging.content_key import content_key
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.seal import SealedRendition, seal, unseal
from imaging.vips import Stop
from tests.imaging.pictures import decoded, encoded, quadrants, wanted

MASTER = encoded(quadrants(160, 120))


def _sealed(image_format: Format) -> tuple[str, SealedRendition]:
    request = wanted(80, image_format)
    key = content_key(request)
    return key, seal(key, render(open_master(MASTER), request, Stop()))


@pytest.mark.parametrize("image_format", [Format.AVIF, Format.WEBP, Format.JPEG, Format.PNG])
def test_what_is_sealed_is_still_an_image_and_opens_to_what_it_was(image_format: Format) -> None:
    key, sealed = _sealed(image_format)
    stored = bytes(sealed)

    picture = decoded(stored)
    assert picture.size == (80, 60)
    assert picture.tobytes() == decoded(sealed.rendition.body).tobytes()
    assert unseal(key, stored, image_format) == sealed


def test_any_damage_is_seen() -> None:
    key, sealed = _sealed(Format.WEBP)
    stored = bytes(sealed)
    for at in range(len(stored)):
        damaged = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
        assert unseal(key, damaged, Format.WEBP) is None, at
    for length in (0, 1, 55, 56, len(stored) // 2, len(stored) - 1):
        assert unseal(key, stored[:length], Format.WEBP) is None
    assert unseal(key, stored + b"\0", Format.WEBP) is None
    assert unseal(key, sealed.rendition.body, Format.WEBP) is None


def test_what_was_sealed_under_another_key_is_not_believed() -> None:
    key, sealed = _sealed(Format.JPEG)
    assert unseal(f"{key[:-1]}{'0' if key[-1] != '0' else '1'}", bytes(sealed), Format.JPEG) is None


def test_the_validator_follows_the_bytes() -> None:
    key, sealed = _sealed(Format.JPEG)
    other = seal(key, render(open_master(MASTER), wanted(81, Format.JPEG), Stop()))
    assert sealed.etag != other.etag
    assert sealed.etag[0] == sealed.etag[-1] == '"'
