"""Fallbacks of values and contexts, and which media a product shows: pure."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.channels.model import Channel, Locale, Market
from catalog.errors import UnauthenticatedError
from catalog.graph.context import (
    ContextArguments,
    ReadContext,
    UnknownContextError,
    resolve_context,
    search_locale,
)
from catalog.graph.products import VariantsWanted
from catalog.graph.reference import Reference
from catalog.graph.values import effective, label_of, text_of
from catalog.rights.territory import UNKNOWN, bits_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)

SHOP = Channel(
    code="d2c",
    name="Shop",
    kind="storefront",
    public=True,
    country_rule="viewer",
    usages=("web", "social"),
    default_usage="web",
    locales=("en-US", "de-DE"),
)
CRAWLED = Channel(
    code="crawled",
    name="Marketplace",
    kind="marketplace",
    country_rule="declared",
    territory=("DE", "FR"),
    usages=("web",),
    default_usage="web",
    locales=("en-US",),
)
REFERENCE = Reference(
    locales={
        "de-AT": Locale(code="de-AT", name="", fallback="de-DE"),
        "de-DE": Locale(code="de-DE", name="", fallback="en-US"),
        "en-US": Locale(code="en-US", name=""),
        "ja-JP": Locale(code="ja-JP", name=""),
    },
    markets={
        "EUROPE": Market(
            code="EUROPE", name="", countries=("DE", "FR"), default_locale="en-US", currency="EUR"
        ),
        "DE": Market(
            code="DE",
            name="",
            countries=("DE",),
            default_locale="de-DE",
            currency="EUR",
            parent="EUROPE",
        ),
    },
    channels={"crawled": CRAWLED, "d2c": SHOP},
)


def context(*, may_read_all: bool = False, **asked: Any) -> ReadContext:  # noqa: ANN401 - of ContextArguments
    return resolve_context(REFERENCE, ContextArguments(**asked), now=NOW, may_read_all=may_read_all)


def value(data: object, locale: str | None = None, market: str | None = None) -> dict[str, Any]:
    return {"data": data, "locale": locale, "market": market}


def test_what_is_not_said_falls_back() -> None:
    seen = context()
    assert (seen.channel.code, seen.market, seen.locale, seen.usage) == (
        "d2c",
        None,
        "en-US",
        "web",
    )
    assert (seen.countries, seen.territory, seen.now) == ((), UNKNOWN, NOW)
    assert context(market="DE").locales == ("de-DE", "en-US")
    assert context(market="DE", locale="de-AT").locales == ("de-AT", "de-DE", "en-US")
    assert context(market="DE").markets == ("DE", "EUROPE")


def test_rights_are_asked_for_the_market_or_the_country_and_what_is_declared() -> None:
    assert context(market="EUROPE").territory == bits_of(["DE", "FR"])
    assert context(market="EUROPE", country="DE").territory == bits_of(["DE"])
    crawled = context(channel="crawled", country="US", may_read_all=True)
    assert crawled.countries == ("DE", "FR", "US")


def test_lists_are_read_in_the_nearest_locale_that_the_channel_has() -> None:
    assert search_locale(context(locale="de-AT")) == "de-DE"
    assert search_locale(context(locale="ja-JP")) == "en-US"


def test_a_channel_that_is_not_public_is_as_unknown_as_none() -> None:
    for code in ("crawled", "nothing"):
        with pytest.raises(UnauthenticatedError):
            context(channel=code)
    with pytest.raises(UnknownContextError):
        context(channel="nothing", may_read_all=True)


def test_without_a_public_channel_one_has_to_be_named_with_a_key() -> None:
    closed = Reference(locales=REFERENCE.locales, markets={}, channels={"crawled": CRAWLED})
    with pytest.raises(UnauthenticatedError):
        resolve_context(closed, ContextArguments(), now=NOW, may_read_all=False)
    seen = resolve_context(closed, ContextArguments(), now=NOW, may_read_all=True)
    assert seen.channel is CRAWLED


def test_the_nearest_market_wins_over_the_nearest_language() -> None:
    stored = [
        value("world"),
        value("welt", "de-DE"),
        value("europe", None, "EUROPE"),
        value("japan", "ja-JP", "DE"),
    ]
    assert effective(stored, context()) is not None
    for seen, data, locale in (
        (context(), "world", None),
        (context(locale="de-AT"), "welt", "de-DE"),
        (context(market="DE"), "europe", None),
        (context(market="DE", locale="ja-JP"), "japan", "ja-JP"),
    ):
        found = effective(stored, seen)
        assert found is not None
        assert (found.data, found.locale) == (data, locale)


def test_a_value_of_elsewhere_is_none() -> None:
    assert effective([value("x", "ja-JP"), value("y", None, "DE")], context()) is None
    assert effective([], context()) is None


def test_texts_and_labels_fall_back_along_the_chain() -> None:
    austrian = context(locale="de-AT")
    assert label_of({"en-US": "Red", "de-DE": "Rot"}, austrian) == "Rot"
    assert label_of({"en-US": "Red", "de-DE": ""}, austrian) == "Red"
    assert label_of({"ja-JP": "赤"}, austrian) is None
    assert text_of([(None, "any"), ("en-US", "English")], austrian) == "English"
    assert text_of([(None, "any"), ("ja-JP", "日本語")], austrian) == "any"
    assert text_of([("en-US", 3)], austrian) is None


def test_the_options_of_a_whole_page_are_bounded() -> None:
    swatches = VariantsWanted(outlines=True)
    assert (swatches.limit(1), swatches.limit(24), swatches.limit(100)) == (1000, 416, 100)
    assert VariantsWanted(documents=20).limit(100) == 20
    assert VariantsWanted(documents=20).limit(0) == 20
