"""ThumbHash, against the package that does it for opaque pictures; and the picture of 8 pixels."""

import base64
import io
import os
from typing import cast

import pytest
import thumbhash
from PIL import Image as Pillow

from imaging.probing.placeholder import encode_thumbhash, placeholder_of
from imaging.vips import Image
from tests.imaging.pictures import encoded


@pytest.mark.parametrize("size", [(32, 32), (24, 32), (32, 7), (1, 1), (32, 1), (1, 32)])
def test_opaque_pictures_give_what_the_package_gives(size: tuple[int, int]) -> None:
    rgba = bytearray(os.urandom(size[0] * size[1] * 4))
    rgba[3::4] = b"\xff" * (size[0] * size[1])
    expected = bytes(thumbhash.rgba_to_thumb_hash(*size, list(rgba)))
    assert encode_thumbhash(*size, bytes(rgba)) == expected


def average(found: bytes) -> tuple[float, ...]:
    """What the package's decoder makes of it."""
    return cast("tuple[float, ...]", thumbhash.thumb_hash_to_average_rgba(list(found)))


def test_a_plain_picture_has_its_colour() -> None:
    found = average(encode_thumbhash(10, 10, bytes((200, 100, 50, 255)) * 100))
    assert found == pytest.approx((200 / 255, 100 / 255, 50 / 255, 1), abs=0.03)


def test_transparency_is_decoded_again() -> None:
    left, right = bytes((200, 40, 40, 255)), bytes((0, 0, 0, 0))
    found = encode_thumbhash(32, 32, (left * 16 + right * 16) * 32)
    red, green, blue, alpha = average(found)
    assert abs(alpha - 0.5) < 0.05
    assert red > 0.6
    assert green < 0.4
    assert blue < 0.4


def test_nothing_but_transparency_is_encoded_too() -> None:
    assert encode_thumbhash(4, 4, bytes(64))


def shown(picture: Pillow.Image) -> Pillow.Image:
    """What a page shows for it."""
    uri = placeholder_of(Image.new_from_buffer(encoded(picture, "PNG"), ""))
    kind, _, body = uri.partition(",")
    assert kind == "data:image/png;base64"
    assert len(uri) < 600
    return Pillow.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("size", [(32, 21), (21, 32), (32, 32), (32, 1), (1, 1)])
@pytest.mark.parametrize("colour", [(200, 40, 40), (20, 120, 220, 128)])
def test_a_placeholder_is_a_tiny_picture_of_the_same_shape_and_colour(
    size: tuple[int, int], colour: tuple[int, ...]
) -> None:
    mode = "RGBA" if len(colour) == 4 else "RGB"
    picture = shown(Pillow.new(mode, size, colour))
    assert max(picture.size) == min(8, max(size))
    assert (picture.width > picture.height) is (size[0] > size[1])
    seen = picture.convert(mode).getpixel((0, 0))
    assert isinstance(seen, tuple)
    assert all(abs(a - b) <= 2 for a, b in zip(seen, colour, strict=True))


def test_bright_and_dark_stay_on_their_sides() -> None:
    picture = Pillow.new("RGB", (32, 32), (10, 10, 10))
    picture.paste((240, 240, 240), (0, 0, 16, 32))
    small = shown(picture).convert("L")
    left, right = small.getpixel((0, 4)), small.getpixel((7, 4))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert left > 180
    assert right < 80
