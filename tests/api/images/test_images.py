"""Sizes of images are told as they will be; placeholders are pictures."""

import base64
import io
from uuid import uuid4

import pytest
from PIL import Image

from api.images.placeholder import placeholder_of
from api.images.urls import size_of, srcset_widths
from catalog.delivery.model import Recipe, RightsRecord
from catalog.graph.media import AssetTerms, LiveAsset
from catalog.rights.model import Rights, Status
from imaging.probing.placeholder import encode_thumbhash


def asset(width_px: int | None, height_px: int | None) -> LiveAsset:
    return LiveAsset(
        rests_on=(),
        id=uuid4(),
        public_id="abcd",
        code="A",
        kind="image",
        slug="a",
        focal=None,
        revision=1,
        epoch=1,
        version=1,
        bytes=1,
        width_px=width_px,
        height_px=height_px,
        mime="image/png",
        storage_key="a",
        thumbhash=None,
        dominant_rgb=None,
        terms=AssetTerms(
            record=RightsRecord(),
            rights=Rights(status=Status.APPROVED),
            grants=(),
            restrictions=(),
        ),
        texts={},
    )


def test_a_srcset_names_each_picture_once_with_the_width_that_it_has() -> None:
    recipe = Recipe(widths_px=(640, 960, 1280, 1600))

    assert srcset_widths(asset(1000, 800), recipe) == ((640, 640), (960, 960), (1280, 1000))
    assert srcset_widths(asset(2000, 800), recipe) == tuple((w, w) for w in recipe.widths_px)
    assert srcset_widths(asset(None, None), recipe) == tuple((w, w) for w in recipe.widths_px)


def test_a_size_that_is_not_known_is_not_told() -> None:
    assert size_of(asset(None, None), Recipe(), 320) is None


def decode(uri: str | None) -> Image.Image:
    assert uri is not None
    kind, _, body = uri.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize(("width_px", "height_px"), [(90, 60), (60, 90), (64, 64)])
@pytest.mark.parametrize("colour", [(200, 40, 40, 255), (20, 120, 220, 255), (30, 200, 60, 128)])
def test_a_thumbhash_becomes_a_small_picture_of_its_colours(
    width_px: int, height_px: int, colour: tuple[int, int, int, int]
) -> None:
    thumbhash = encode_thumbhash(width_px, height_px, bytes(colour) * (width_px * height_px))
    picture = decode(placeholder_of(base64.b64encode(thumbhash).decode(), None))
    assert max(picture.size) == 8
    assert (picture.width > picture.height) is (width_px > height_px)
    seen = picture.convert("RGBA").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(seen, tuple)
    assert all(abs(a - b) <= 24 for a, b in zip(seen, colour, strict=True))


def test_bright_and_dark_stay_on_their_sides() -> None:
    row = bytes((240, 240, 240, 255)) * 32 + bytes((10, 10, 10, 255)) * 32
    thumbhash = encode_thumbhash(64, 64, row * 64)
    picture = decode(placeholder_of(base64.b64encode(thumbhash).decode(), None)).convert("L")
    left, right = picture.getpixel((0, 4)), picture.getpixel((7, 4))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert left > 180
    assert right < 80


def test_without_a_thumbhash_there_is_the_main_colour_or_nothing() -> None:
    assert decode(placeholder_of(None, "#c04040")).convert("RGB").getpixel((0, 0)) == (192, 64, 64)
    assert placeholder_of(None, None) is None
