"""Which value is shown and where it is stored: held against a search that knows no shortcut."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.schema.attributes import ValueLevel, attributes_of, source_of
from catalog.channels.model import Channel, Locale, Market
from catalog.graph.context import ContextArguments, ReadContext, resolve_context
from catalog.graph.published_documents import PublishedDocument
from catalog.graph.reference import Reference
from catalog.products.model import Attribute, Family, FamilyVariant, Product, ValueKey
from catalog.publication.model import ChannelSources
from catalog.publication.rules import build_document

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FALLBACKS = {"en": None, "de": "en", "de-CH": "de", "ja": None}
PARENTS = {"CH": "DACH", "DACH": "EU", "EU": None, "JP": None}
CHANNEL = Channel(
    code="d2c",
    name="Shop",
    kind="storefront",
    public=True,
    country_rule="viewer",
    usages=("web",),
    default_usage="web",
    locales=("en", "de-CH", "ja"),
)
REFERENCE = Reference(
    locales={code: Locale(code=code, name=code, fallback=to) for code, to in FALLBACKS.items()},
    markets={
        code: Market(
            code=code,
            name=code,
            countries=("CH",),
            default_locale="en",
            currency="EUR",
            parent=parent,
        )
        for code, parent in PARENTS.items()
    },
    channels={"d2c": CHANNEL},
)
SOURCES = ChannelSources(
    channel=CHANNEL,
    now=NOW,
    locales={code: REFERENCE.locale_chain(code) for code in CHANNEL.locales},
    markets={code: REFERENCE.market_chain(code) for code in PARENTS},
    families={
        "f": Family(
            code="f", attributes=("a",), variants=(FamilyVariant(code="v", axes=(("x",), ("y",))),)
        )
    },
    attributes={"a": Attribute(code="a", attribute_type="text")},
)
LEVELS = (ValueLevel.OWN, ValueLevel.SUB_MODEL, ValueLevel.MODEL)

#: Of any combination of scopes; the number says which of them it is.
VALUES = st.dictionaries(
    st.builds(
        ValueKey,
        st.just("a"),
        st.sampled_from([None, *FALLBACKS]),
        st.sampled_from([None, *PARENTS]),
        st.sampled_from([None, "d2c", "print"]),
    ),
    st.integers().map(str),
    max_size=5,
)


def line_of(stored: Sequence[Mapping[ValueKey, Any]]) -> list[Product]:
    ids = [uuid.uuid4() for _ in stored]
    return [
        Product(
            id=ids[place],
            public_id=f"id{place}",
            sku=f"SKU-{place}",
            gtin=None,
            kind="MODEL" if place else "VARIANT",
            family="f",
            family_variant="v",
            parent=ids[place + 1] if place + 1 < len(ids) else None,
            revision=1,
            updated_at=NOW,
            values=values,
        )
        for place, values in enumerate(stored)
    ]


def shown(stored: Sequence[Mapping[ValueKey, Any]], context: ReadContext) -> tuple[Any, ...] | None:
    """Return what a reader is shown, and from where."""
    line = line_of(stored)
    document = PublishedDocument(build_document(line[0], line[1:], SOURCES, {}), 0)
    for attribute in attributes_of(document, context):
        assert attribute.line is not None
        source = source_of(attribute.stored, attribute.line)
        return (
            attribute.value,
            (source.level, source.owner, source.locale, source.market, source.channel),
        )
    return None


def searched(
    stored: Sequence[Mapping[ValueKey, Any]], locales: Sequence[str], markets: Sequence[str]
) -> tuple[Any, ...] | None:
    for market in (*markets, None):
        for locale in (*locales, None):
            for place, values in enumerate(stored):
                for channel in ("d2c", None):
                    key = ValueKey("a", locale, market, channel)
                    if key in values:
                        level = ValueLevel.MODEL if place == len(stored) - 1 else LEVELS[place]
                        level = level if place else ValueLevel.OWN
                        return values[key], (level, f"SKU-{place}", locale, market, channel)
    return None


def context_of(locale: str | None, market: str | None) -> ReadContext:
    asked = ContextArguments(locale=locale, market=market)
    return resolve_context(REFERENCE, asked, now=NOW, may_read_all=False)


@given(
    st.lists(VALUES, min_size=1, max_size=3),
    st.sampled_from([*FALLBACKS]),
    st.sampled_from([None, *PARENTS]),
)
def test_what_is_shown_is_what_a_naive_search_finds_and_from_there(
    stored: list[Mapping[ValueKey, Any]], locale: str, market: str | None
) -> None:
    context = context_of(locale, market)
    locales = {"en": ("en",), "de": ("de", "en"), "de-CH": ("de-CH", "de", "en"), "ja": ("ja",)}
    markets = {"CH": ("CH", "DACH", "EU"), "DACH": ("DACH", "EU"), "EU": ("EU",), "JP": ("JP",)}
    # `de` is no locale of the channel: it is read by the nearest that is, which is English
    chain = locales["en"] if locale == "de" else locales[locale]
    assert shown(stored, context) == searched(stored, chain, markets.get(market or "", ()))


def test_an_override_that_is_cleared_shows_what_is_above_it_step_by_step() -> None:
    general = ValueKey("a", "en", None, None)
    for_dach = ValueKey("a", "de", "DACH", None)
    for_ch = ValueKey("a", "de-CH", "CH", "d2c")
    own: dict[ValueKey, Any] = {for_ch: "ch", general: "own"}
    sub: dict[ValueKey, Any] = {for_dach: "dach"}
    stored = [own, sub, {general: "model"}]
    context = context_of("de-CH", "CH")
    steps = [shown(stored, context)]
    for cleared, key in ((own, for_ch), (sub, for_dach), (own, general)):
        del cleared[key]
        steps.append(shown(stored, context))
    assert steps == [
        ("ch", (ValueLevel.OWN, "SKU-0", "de-CH", "CH", "d2c")),
        ("dach", (ValueLevel.SUB_MODEL, "SKU-1", "de", "DACH", None)),
        ("own", (ValueLevel.OWN, "SKU-0", "en", None, None)),
        ("model", (ValueLevel.MODEL, "SKU-2", "en", None, None)),
    ]
