"""Sizes: pure arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.delivery.geometry import MAX_SIDE_PX, Size, crop_corner, plan
from catalog.delivery.model import CropMode, FocalPoint, Recipe

SIDES = st.integers(1, 16_384)
RATIOS = st.none() | st.tuples(st.integers(1, 32), st.integers(1, 32))


def size(width_px: int, height_px: int) -> Size:
    return Size(width_px=width_px, height_px=height_px)


def canvas(source: Size, width_px: int, mode: CropMode, ratio: tuple[int, int] | None) -> Size:
    return plan(source, Recipe(mode=mode, ratio=ratio), width_px).canvas


def test_fit_without_a_ratio_has_the_width_asked_for() -> None:
    assert canvas(size(1000, 332), 640, CropMode.FIT, None) == size(640, 212)


def test_fit_with_a_ratio_stays_inside_the_box() -> None:
    assert canvas(size(1000, 2000), 400, CropMode.FIT, (1, 1)) == size(200, 400)


def test_fill_has_the_ratio() -> None:
    assert canvas(size(1000, 2000), 400, CropMode.FILL, (4, 5)) == size(400, 500)


def test_pad_has_the_whole_canvas_whatever_the_source() -> None:
    geometry = plan(size(50, 100), Recipe(mode=CropMode.PAD, ratio=(1, 1)), 400)
    assert geometry.canvas == size(400, 400)
    assert geometry.kept == size(50, 100)


def test_a_small_source_is_not_enlarged_and_keeps_the_ratio_of_the_crop() -> None:
    assert canvas(size(300, 200), 640, CropMode.FIT, None) == size(300, 200)
    assert canvas(size(300, 200), 640, CropMode.FILL, (1, 1)) == size(200, 200)


def test_a_crop_keeps_its_focal_point_at_the_edge_too() -> None:
    geometry = plan(size(1000, 500), Recipe(mode=CropMode.FILL, ratio=(1, 1)), 250)
    assert geometry.scaled == size(500, 250)
    assert crop_corner(geometry, FocalPoint(x=0.0, y=0.0)) == (0, 0)
    assert crop_corner(geometry, FocalPoint(x=0.5, y=0.9)) == (125, 0)
    assert crop_corner(geometry, FocalPoint(x=1.0, y=1.0)) == (250, 0)


@given(SIDES, SIDES, st.integers(1, 10_000), st.sampled_from(CropMode), RATIOS)
def test_every_plan_can_be_carried_out(
    source_width_px: int,
    source_height_px: int,
    width_px: int,
    mode: CropMode,
    ratio: tuple[int, int] | None,
) -> None:
    source = size(source_width_px, source_height_px)
    geometry = plan(source, Recipe(mode=mode, ratio=ratio), width_px)
    for inner, outer in (
        (geometry.kept, geometry.scaled),
        (geometry.kept, geometry.canvas),
        (geometry.scaled, source),
        (geometry.canvas, size(min(width_px, MAX_SIDE_PX), MAX_SIDE_PX)),
    ):
        assert 1 <= inner.width_px <= outer.width_px
        assert 1 <= inner.height_px <= outer.height_px


@given(SIDES, SIDES, st.integers(1, 4096))
def test_a_width_that_the_source_has_is_met_exactly(
    source_width_px: int, source_height_px: int, width_px: int
) -> None:
    if source_height_px > 2 * source_width_px:  # so tall that the height binds
        return
    found = canvas(size(source_width_px, source_height_px), width_px, CropMode.FIT, None)
    assert found.width_px == min(width_px, source_width_px) or found.height_px == MAX_SIDE_PX
