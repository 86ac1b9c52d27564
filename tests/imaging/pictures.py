"""Pictures that tests make for themselves, with another library than the one under test."""

import io
import os
import random
from typing import Any

from PIL import Image, ImageCms, ImageDraw, ImageOps

from catalog.delivery.model import (
    CropMode,
    FocalPoint,
    Format,
    Recipe,
    RenditionRequest,
    RightsRecord,
)
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.vips import Stop

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 30)
SHA = "ab" * 32
_CMS: Any = ImageCms  # its `createProfile` has no full types
SRGB_PROFILE: bytes = _CMS.ImageCmsProfile(_CMS.createProfile("sRGB")).tobytes()
MAGIC = {
    Format.JPEG: (0, b"\xff\xd8\xff"),
    Format.WEBP: (8, b"WEBP"),
    Format.AVIF: (4, b"ftypavif"),
    Format.PNG: (0, b"\x89PNG\r\n\x1a\n"),
}


def quadrants(width_px: int, height_px: int, mode: str = "RGB") -> Image.Image:
    """Red, green in the upper half; blue, yellow in the lower."""
    image = Image.new("RGB", (width_px, height_px), RED)
    draw = ImageDraw.Draw(image)
    middle = width_px // 2, height_px // 2
    draw.rectangle((middle[0], 0, width_px, middle[1]), fill=GREEN)
    draw.rectangle((0, middle[1], middle[0], height_px), fill=BLUE)
    draw.rectangle((*middle, width_px, height_px), fill=YELLOW)
    return image.convert(mode)


def noise(width_px: int, height_px: int) -> Image.Image:
    """What no encoder can shorten."""
    return Image.frombytes("RGB", (width_px, height_px), os.urandom(width_px * height_px * 3))


def photograph(width_px: int, height_px: int) -> Image.Image:
    """Shapes with hard edges and clouds, enlarged and then given grain; the same at every call."""
    chance = random.Random(7)  # noqa: S311 - a picture, no secret
    size = width_px, height_px
    drawn = width_px // 4, height_px // 4
    image = Image.new("RGB", drawn, (120, 110, 100))
    draw = ImageDraw.Draw(image)
    for _ in range(150):
        left, top = chance.randrange(drawn[0]), chance.randrange(drawn[1])
        across, down = chance.randrange(8, drawn[0] // 3), chance.randrange(8, drawn[1] // 3)
        colour = chance.randrange(256), chance.randrange(256), chance.randrange(256)
        draw.ellipse((left, top, left + across, top + down), fill=colour)
    clouds = Image.frombytes("RGB", (40, 30), chance.randbytes(40 * 30 * 3))
    image = Image.blend(image, ImageOps.fit(clouds, drawn), 0.2)
    grain = Image.frombytes("RGB", size, chance.randbytes(width_px * height_px * 3))
    return Image.blend(ImageOps.fit(image, size), grain, 0.05)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    """The bytes of a picture, in one of Pillow's formats."""
    file = io.BytesIO()
    if form == "JPEG":
        options = {"quality": 95, "subsampling": 0} | options
    image.save(file, form, **options)
    return file.getvalue()


def decoded(body: bytes) -> Image.Image:
    """The picture, fully decoded."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def wanted(  # noqa: PLR0913 - a test says only what it is about
    width_px: int = 320,
    form: Format = Format.PNG,
    *,
    mode: CropMode = CropMode.FIT,
    ratio: tuple[int, int] | None = None,
    focal: FocalPoint | None = None,
    rights: RightsRecord | None = None,
    notice: str | None = None,
    background: str = "#ffffff",
) -> RenditionRequest:
    """A request without sharpening, so that colours can be compared."""
    return RenditionRequest(
        source_sha256=SHA,
        master_key=f"masters/{SHA}",
        recipe=Recipe(mode=mode, ratio=ratio, background=background, sharpen=False),
        width_px=width_px,
        format=form,
        focal=focal,
        rights=rights or RightsRecord(),
        notice=notice,
    )


def rendered(master: bytes, request: RenditionRequest) -> Image.Image:
    """The rendition's pixels; its own word on its size must be true."""
    rendition = render(open_master(master), request, Stop())
    image = decoded(rendition.body)
    assert image.size == (rendition.width_px, rendition.height_px)
    at, magic = MAGIC[request.format]
    assert rendition.body[at : at + len(magic)] == magic
    return image


def colour_at(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """The colour at fractions of width and height."""
    shown = image.convert("RGB")
    pixel = shown.getpixel((int(x * (shown.width - 1)), int(y * (shown.height - 1))))
    assert isinstance(pixel, tuple)
    return tuple(int(part) for part in pixel)


def close(found: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    """Whether two colours look the same."""
    return all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))
