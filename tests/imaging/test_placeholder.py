"""ThumbHash, against the package that does it for opaque pictures."""

import os
from typing import cast

import pytest
import thumbhash

from imaging.probing.placeholder import encode_thumbhash


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
