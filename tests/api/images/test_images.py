"""Sizes of images are told as they will be."""

from uuid import uuid4

from api.images.urls import size_of, srcset_widths
from catalog.delivery.model import Recipe, RightsRecord
from catalog.graph.media import AssetTerms, LiveAsset
from catalog.rights.model import Rights, Status


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
        placeholder=None,
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
