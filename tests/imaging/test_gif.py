"""GIF: what of the canvas its first frame leaves free."""

import struct

import pytest
from PIL import Image

from tests.imaging.conftest import Shown
from tests.imaging.pictures import encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED = (255, 0, 0)


@pytest.mark.parametrize("comment", [b"", b"made by hand"])
async def test_what_no_frame_has_painted_is_transparent(shown: Shown, comment: bytes) -> None:
    body = encoded(Image.new("RGB", (40, 20), RED), "GIF", comment=comment)
    descriptor = b"\x2c" + struct.pack("<4H", 0, 0, 40, 20)
    assert body.count(descriptor) == 1
    moved = body.replace(descriptor, b"\x2c" + struct.pack("<4H", 10, 5, 40, 20))
    image = await shown(moved[:6] + struct.pack("<2H", 64, 48) + moved[10:])
    assert image.size == (64, 48)
    assert image.getchannel("A").getbbox() == (10, 5, 50, 25)
    assert image.getpixel((30, 15)) == (*RED, 255)


async def test_a_frame_that_covers_the_canvas_is_opaque(shown: Shown) -> None:
    image = await shown(encoded(Image.new("RGB", (40, 20), RED), "GIF"))
    assert image.getchannel("A").getextrema() == (255, 255)
