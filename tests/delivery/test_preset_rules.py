"""What a preset may say: every fault at its field, and nothing else refused."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.delivery.model import CropMode, Format, PresetRecord, Recipe
from catalog.delivery.rules import (
    MAX_BYTES,
    MAX_LIFETIME_S,
    MAX_RATIO,
    MAX_WIDTH_PX,
    MAX_WIDTHS,
    MIN_BYTES,
    InvalidPresetError,
    check_preset,
)
from catalog.delivery.store import recipe_json, recipe_of

GOOD = PresetRecord(code="card", recipe=Recipe(widths_px=(320, 640)))
LOSSY = (Format.AVIF, Format.WEBP, Format.JPEG)

recipes = st.builds(
    Recipe,
    mode=st.sampled_from(CropMode),
    ratio=st.none() | st.tuples(st.integers(1, MAX_RATIO), st.integers(1, MAX_RATIO)),
    widths_px=st.sets(st.integers(1, MAX_WIDTH_PX), min_size=1, max_size=MAX_WIDTHS).map(
        lambda widths: tuple(sorted(widths))
    ),
    formats=st.lists(
        st.sampled_from((*LOSSY, Format.PNG)), min_size=1, max_size=4, unique=True
    ).map(tuple),
    quality_percent=st.dictionaries(st.sampled_from(LOSSY), st.integers(1, 100)),
    background=st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True),
    sharpen=st.booleans(),
    max_bytes=st.none() | st.integers(MIN_BYTES, MAX_BYTES),
)


def fields_at_fault(record: PresetRecord) -> list[str | None]:
    with pytest.raises(InvalidPresetError) as refused:
        check_preset(record)
    error = refused.value
    assert (error.code, error.field) == ("INVALID_INPUT", error.faults[0].field)
    return [fault.field for fault in error.faults]


@given(recipes, st.integers(1, MAX_LIFETIME_S))
def test_what_is_within_all_bounds_passes_and_is_stored_as_it_is(
    recipe: Recipe, lifetime_s: int
) -> None:
    check_preset(PresetRecord(code="card", recipe=recipe, lifetime_s=lifetime_s))
    assert recipe_of(recipe_json(recipe)) == recipe


@pytest.mark.parametrize("code", ["", "Card", "card-", "-card", "a--b", "card.1", "a" * 41, "ä"])
def test_a_code_that_no_url_may_hold_is_refused(code: str) -> None:
    assert fields_at_fault(replace(GOOD, code=code)) == ["code"]


@pytest.mark.parametrize("lifetime_s", [0, -1, MAX_LIFETIME_S + 1])
def test_a_lifetime_is_bounded(lifetime_s: int) -> None:
    assert fields_at_fault(replace(GOOD, lifetime_s=lifetime_s)) == ["lifetime_s"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("widths_px", ()),
        ("widths_px", (0, 1)),
        ("widths_px", (640, 320)),
        ("widths_px", (320, 320)),
        ("widths_px", (320, MAX_WIDTH_PX + 1)),
        ("widths_px", tuple(range(1, MAX_WIDTHS + 2))),
        ("formats", ()),
        ("formats", (Format.JPEG, Format.JPEG)),
        ("formats", (Format.JPEG, Format.AUTO)),
        ("quality_percent", {Format.JPEG: 0}),
        ("quality_percent", {Format.JPEG: 101}),
        ("quality_percent", {Format.PNG: 80}),
        ("quality_percent", {Format.AUTO: 80}),
        ("ratio", (0, 1)),
        ("ratio", (1, -1)),
        ("ratio", (1, MAX_RATIO + 1)),
        ("background", "white"),
        ("background", "#fff"),
        ("background", "#ffffff\n"),
        ("max_bytes", MIN_BYTES - 1),
        ("max_bytes", MAX_BYTES + 1),
    ],
)
def test_a_recipe_out_of_its_bounds_is_refused_at_its_field(field: str, value: Any) -> None:  # noqa: ANN401 - of any field
    recipe = replace(GOOD.recipe, **{field: value})
    assert fields_at_fault(replace(GOOD, recipe=recipe)) == [f"recipe.{field}"]


def test_every_fault_is_told_at_once() -> None:
    recipe = Recipe(widths_px=(2, 1), background="red", max_bytes=1)
    assert fields_at_fault(PresetRecord(code="A", recipe=recipe, lifetime_s=0)) == [
        "code",
        "lifetime_s",
        "recipe.widths_px",
        "recipe.background",
        "recipe.max_bytes",
    ]


def test_a_recipe_that_was_stored_before_there_was_a_maximum_has_none() -> None:
    stored = recipe_json(GOOD.recipe)
    del stored["max_bytes"]
    assert recipe_of(stored) == GOOD.recipe
