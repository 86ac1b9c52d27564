"""Slugs and the keys that asset metadata may have."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.media.model import PriceInAssetError
from catalog.media.rules import DENIED_KEYS, refuse_prices, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Red Running Shoe", "red-running-shoe"),
        ("Öl für Größe Ärger", "oel-fuer-groesse-aerger"),
        ("O\u0308l", "oel"),
        ("Crème brûlée & café", "creme-brulee-cafe"),
        ("Women's Tee", "womens-tee"),
        ("Łódź Smørrebrød", "lodz-smorrebrod"),
        ("写真", ""),
        ("--", ""),
    ],
)
def test_a_title_becomes_ascii_words(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=400))
def test_a_slug_always_fits_its_column(title: str) -> None:
    slug = slug_of(title)
    assert len(slug) <= 120
    assert not slug or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)


@pytest.mark.parametrize("key", ["price", "Price", "price_eur", "retail_price", "cost", "costs"])
def test_money_has_no_place_in_an_asset(key: str) -> None:
    with pytest.raises(PriceInAssetError) as refused:
        refuse_prices({"title": "x", key: "9"}, DENIED_KEYS)
    assert refused.value.field == f"values.{key}"
