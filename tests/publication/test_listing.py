"""A model stands in lists by what is visible below it, in each market and at each instant."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import FAR_FUTURE
from catalog.publication.listing import NO_MARKET, listings_of
from catalog.publication.model import ChannelSources, Listing, Publication, VariantListing
from catalog.rights.model import Window

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MARKETS = (NO_MARKET, "DE", "US")
DAYS = range(-3, 4)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


SOURCES = cast(
    "ChannelSources",
    SimpleNamespace(
        now=NOW,
        locales={"en": ("en",), "de": ("de", "en")},
        markets={"DE": ("DE",), "US": ("US",)},
    ),
)


def window_from(start: int, length: int) -> Window:
    return Window(start=day(start), end=day(start + length) if length else FAR_FUTURE)


windows = st.builds(window_from, st.sampled_from(DAYS), st.integers(0, 4))
plugs = st.dictionaries(st.sampled_from([None, "DE", "US"]), st.sampled_from(["eu", "us"]))
variants = st.lists(
    st.builds(
        VariantListing,
        locale=st.sampled_from(["en", "de"]),
        markets=st.none() | st.sets(st.sampled_from(MARKETS), min_size=1).map(tuple),
        facets=st.sets(st.sampled_from(["colour=red", "colour=blue", "plug=eu"])).map(tuple),
        window=windows,
    ),
    max_size=5,
)


def model(window: Window, plug: dict[str | None, str]) -> Publication:
    values = [{"locale": None, "market": market, "data": code} for market, code in plug.items()]
    attributes: list[Any] = [{"code": "plug", "type": "select", "values": values}]
    return Publication(
        product=uuid.uuid4(),
        public_id="m",
        sku="M",
        kind="MODEL",
        version=1,
        ancestors={},
        document={"attributes": attributes},
        checksum="",
        content_digest="",
        window=window,
        first_published_at=NOW,
    )


def at(listings: Sequence[Listing], locale: str, market: str, instant: datetime) -> list[Listing]:
    return [
        each
        for each in listings
        if each.locale == locale
        and (each.markets is None or market in each.markets)
        and each.window.contains(instant)
    ]


@given(windows, plugs, variants)
def test_it_has_the_facets_of_what_is_visible_there_and_then_and_of_nothing_else(
    window: Window, plug: dict[str | None, str], below: list[VariantListing]
) -> None:
    listings = listings_of(model(window, plug), SOURCES, below)
    for locale in SOURCES.locales:
        for market in MARKETS:
            own = plug.get(market or None, plug.get(None))
            # what was before now is asked for by nobody
            for instant in (day(number) for number in (*range(4), 8)):
                found = at(listings, locale, market, instant)
                assert len(found) == window.contains(instant)
                for listing in found:
                    visible = (
                        facet
                        for each in below
                        if each.locale == locale
                        and (each.markets is None or market in each.markets)
                        and each.window.contains(instant)
                        for facet in each.facets
                    )
                    assert set(listing.facets) == {*visible, *([f"plug={own}"] if own else ())}


def test_it_is_one_row_where_all_see_the_same() -> None:
    always = Window(start=day(-2))
    below = [
        VariantListing(
            locale="en", markets=None, facets=("colour=red",), window=Window(start=day(-1))
        ),
        VariantListing(
            locale="en", markets=("DE", "", "US"), facets=("colour=red",), window=always
        ),
        VariantListing(
            locale="en", markets=None, facets=("colour=red",), window=Window(start=day(2))
        ),
    ]
    listings = listings_of(model(always, {}), SOURCES, below)
    assert [(each.locale, each.markets, each.window) for each in listings] == [
        ("en", None, always),
        ("de", None, always),
    ]
