"""A profile that cannot be used counts as none, in whatever file it is."""

from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image, ImageCms

from tests.imaging.conftest import Shown
from tests.imaging.pictures import close, encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")

CMS: Any = ImageCms  # it has no types of its own
RGB: bytes = CMS.ImageCmsProfile(CMS.createProfile("sRGB")).tobytes()
COLOUR = (200, 40, 20)


def edited(at: int, content: bytes) -> bytes:
    """The profile with these bytes in its header (ICC.1, 7.2)."""
    return RGB[:at] + content + RGB[at + len(content) :]


UNUSABLE: Mapping[str, bytes] = {
    "device link": edited(12, b"link"),
    "abstract": edited(12, b"abst"),
    "named colours": edited(12, b"nmcl"),
    "no such connection space": edited(20, b"RGB "),
    "of CMYK": edited(16, b"CMYK"),
    "of grey": edited(16, b"GRAY"),
    "no signature": edited(36, b"xxxx"),
    "without tags": RGB[:128] + bytes(4),
    "cut off": RGB[:200],
    "garbage": RGB[:132] + b"\xff" * (len(RGB) - 132),
}


@pytest.mark.parametrize("name", UNUSABLE)
async def test_a_profile_that_cannot_be_used_counts_as_none(shown: Shown, name: str) -> None:
    picture = Image.new("RGB", (40, 40), COLOUR)
    for form in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        image = await shown(encoded(picture, form, icc_profile=UNUSABLE[name]))
        found = image.getpixel((20, 20))
        assert isinstance(found, tuple)
        assert close(tuple(map(int, found)), (*COLOUR, 255), 5), form


@pytest.mark.parametrize("profile", [edited(16, b"CMYK"), edited(16, b"CMYK")[:200], RGB])
@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
async def test_so_it_does_on_cmyk(shown: Shown, form: str, profile: bytes) -> None:
    picture = Image.new("RGB", (40, 40), COLOUR).convert("CMYK")
    plain = await shown(encoded(picture, form))
    assert (await shown(encoded(picture, form, icc_profile=profile))).tobytes() == plain.tobytes()
