"""What a channel is read by that has not the locale that is asked for."""

from datetime import UTC, datetime

import pytest

from catalog.channels.model import Channel, Locale
from catalog.graph.context import ContextArguments, resolve_context, search_locale
from catalog.graph.reference import Reference

FALLBACKS = {
    "en": None,
    "en-US": "en",
    "de-DE": "en-US",
    "de-AT": "de-DE",
    "de-CH": None,
    "ja-JP": None,
}


@pytest.mark.parametrize(
    ("asked", "locales"),
    [
        (None, ("de-DE", "en-US", "en")),
        ("en-US", ("en-US", "en")),
        ("de-AT", ("de-AT", "de-DE", "en-US", "en")),  # by the nearest fallback
        ("en", ("en-US", "en")),  # by the same language, and not before what is listed
        ("de-CH", ("de-CH", "de-DE", "en-US", "en")),
        ("ja-JP", ("ja-JP", "de-DE", "en-US", "en")),  # by its first
    ],
)
def test_values_are_read_by_the_locale_that_lists_are_made_for(
    asked: str | None, locales: tuple[str, ...]
) -> None:
    channel = Channel(
        code="d2c",
        name="Shop",
        kind="storefront",
        public=True,
        country_rule="viewer",
        usages=("web",),
        default_usage="web",
        locales=("de-DE", "en-US"),
    )
    reference = Reference(
        locales={code: Locale(code=code, name=code, fallback=to) for code, to in FALLBACKS.items()},
        markets={},
        channels={"d2c": channel},
    )
    now = datetime(2026, 5, 1, tzinfo=UTC)
    context = resolve_context(
        reference, ContextArguments(locale=asked), now=now, may_read_all=False
    )
    assert context.locales == locales
    # of the locales before it no document of the channel holds anything
    assert search_locale(context) == next(each for each in locales if each in channel.locales)
