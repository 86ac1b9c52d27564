"""A maximum of bytes: the best quality that fits, few encodings, and an honest failure."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catalog.delivery.model import Format, RenditionRequest
from imaging.model import Making, RenderDeadlineError, Rendition, RenditionTooLargeError
from imaging.pipeline.byte_limit import MOST_ENCODINGS, QUALITY_FLOOR_PERCENT, encode_within
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.vips import Stop
from tests.imaging.pictures import encoded, noise, quadrants, wanted

LOSSY = (Format.JPEG, Format.WEBP, Format.AVIF)


@given(
    st.lists(st.integers(1, 1000), min_size=101, max_size=101),
    st.integers(1, 1000),
    st.integers(1, 100),
    st.integers(1, 100),
)
def test_however_sizes_go_up_and_down_what_is_kept_fits_and_the_search_is_short(
    sizes: list[int], max_bytes: int, quality: int, floor: int
) -> None:
    tried: list[int] = []

    def encode(percent: int | None) -> bytes:
        assert percent is not None
        tried.append(percent)
        return b"x" * sizes[percent]

    try:
        kept = encode_within(max_bytes, encode, quality_percent=quality, floor_percent=floor)
    except RenditionTooLargeError:
        assert min(sizes[quality], sizes[min(quality, floor)]) > max_bytes
    else:
        assert kept.quality_percent is not None
        assert len(kept.body) == sizes[kept.quality_percent] <= max_bytes
        assert kept.encodings == len(tried)
    assert len(tried) <= MOST_ENCODINGS
    assert all(min(quality, floor) <= percent <= quality for percent in tried)


@given(
    st.lists(st.integers(0, 50), min_size=101, max_size=101),
    st.integers(1, 2000),
    st.integers(41, 100),
)
def test_where_more_quality_is_never_smaller_the_best_is_found_to_a_few_percent(
    steps: list[int], max_bytes: int, quality: int
) -> None:
    sizes = [sum(steps[: percent + 1]) + 1 for percent in range(101)]
    fitting = [percent for percent in range(40, quality + 1) if sizes[percent] <= max_bytes]

    def search() -> int | None:
        def encode(percent: int | None) -> bytes:
            assert percent is not None
            return b"x" * sizes[percent]

        return encode_within(
            max_bytes, encode, quality_percent=quality, floor_percent=40
        ).quality_percent

    if not fitting:
        with pytest.raises(RenditionTooLargeError):
            search()
        return
    found = search()
    assert found is not None
    assert max(fitting) - (quality - 40) / 2 ** (MOST_ENCODINGS - 2) - 1 <= found <= max(fitting)


def test_the_bytes_that_are_kept_are_those_of_the_quality_that_was_found() -> None:
    def encode(percent: int | None) -> bytes:
        return b"x" * (percent or 0)

    kept = encode_within(55, encode, quality_percent=100, floor_percent=10)
    assert kept == (b"x" * 55, 55, 6)
    kept = encode_within(80, encode, quality_percent=100, floor_percent=10)
    assert kept == (b"x" * 77, 77, 6)


def test_without_a_maximum_it_is_encoded_once() -> None:
    kept = encode_within(None, lambda _: b"x" * 10**6, quality_percent=80, floor_percent=40)
    assert (kept.quality_percent, kept.encodings) == (80, 1)


@pytest.mark.parametrize("ends_at", range(1, MOST_ENCODINGS + 1))
def test_a_deadline_at_any_encoding_ends_the_search(ends_at: int) -> None:
    tried: list[int | None] = []

    def encode(percent: int | None) -> bytes:
        tried.append(percent)
        if len(tried) == ends_at:
            raise RenderDeadlineError("The render had no time left.")
        return b"x" * (percent or 0)

    with pytest.raises(RenderDeadlineError):
        encode_within(55, encode, quality_percent=100, floor_percent=10)
    assert len(tried) == ends_at


def made(master: bytes, request: RenditionRequest) -> tuple[Rendition, Making]:
    rendition = render(open_master(master), request, Stop())
    assert rendition.making is not None
    return rendition, rendition.making


def within(request: RenditionRequest, max_bytes: int | None) -> RenditionRequest:
    return replace(request, recipe=replace(request.recipe, max_bytes=max_bytes))


@pytest.mark.parametrize("form", LOSSY)
def test_quality_goes_down_until_it_fits(form: Format) -> None:
    master, request = encoded(noise(400, 300)), wanted(200, form)
    free, at_best = made(master, request)
    lowest = {form: QUALITY_FLOOR_PERCENT[form]}
    floor, _ = made(
        master, replace(request, recipe=replace(request.recipe, quality_percent=lowest))
    )
    between = (len(free.body) + len(floor.body)) // 2

    small, making = made(master, within(request, between))

    assert len(floor.body) <= len(small.body) <= between < len(free.body)
    assert at_best.quality_percent is not None
    assert making.quality_percent is not None
    assert QUALITY_FLOOR_PERCENT[form] <= making.quality_percent < at_best.quality_percent
    assert 1 < making.encodings <= MOST_ENCODINGS
    with Image.open(io.BytesIO(small.body)) as picture:
        assert picture.size == (small.width_px, small.height_px) == (200, 150)


@pytest.mark.parametrize("form", LOSSY)
def test_what_fits_at_once_has_the_bytes_that_it_has_without_a_maximum(form: Format) -> None:
    master, request = encoded(quadrants(400, 300)), wanted(200, form)
    free, _ = made(master, request)
    bounded, making = made(master, within(request, 1_000_000))
    assert (bounded, making.encodings) == (free, 1)


@pytest.mark.parametrize("form", [*LOSSY, Format.PNG])
def test_what_is_too_large_at_the_floor_is_told(form: Format) -> None:
    with pytest.raises(RenditionTooLargeError, match="allows 1000"):
        made(encoded(noise(800, 600)), within(wanted(800, form), 1000))


def test_png_that_fits_is_made_though_it_has_no_quality() -> None:
    _, making = made(encoded(quadrants(400, 300)), within(wanted(200, Format.PNG), 100_000))
    assert (making.quality_percent, making.encodings) == (None, 1)


def test_a_render_tells_its_steps_in_their_order() -> None:
    _, making = made(encoded(quadrants(400, 300)), within(wanted(200, Format.JPEG), 100_000))
    names = [step.name for step in making.steps]
    assert (names[0], names[-1]) == ("load", "encode")
    assert {"crop", "sharpen", "replace_metadata"} < set(names)
    assert all(step.took_ms >= 0 for step in making.steps)
    assert (making.master.width_px, making.master.height_px) == (400, 300)
