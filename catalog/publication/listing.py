"""How a published product stands in lists, when and where: its sort key, its facets. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, cast

from catalog.products.values import ValueScope, resolve
from catalog.publication import collation
from catalog.publication.collation import sort_key
from catalog.publication.model import ChannelSources, Document, Listing, Publication, VariantListing
from catalog.publication.rules import text_of
from catalog.rights.model import Window

#: Stands in `markets` for readers who name no market.
NO_MARKET = ""
_RULES = "2"

#: What products can be filtered by.
FACET_TYPES = frozenset({"select", "multiselect", "boolean", "number", "term"})

#: What each set of markets sees; None: all of them.
_ByMarkets: TypeAlias = dict[tuple[str, ...] | None, tuple[str, ...]]


def made_by() -> str:
    """Return by which rules listings are made; `vitrine migrate` makes all others anew."""
    return f"{_RULES} {collation.version()}"


def listings_of(
    publication: Publication, sources: ChannelSources, below: Sequence[VariantListing] = ()
) -> list[Listing]:
    """Return one listing for each locale, set of markets that see the same, and span of time.

    Args:
        publication: that is live.
        sources: of its channel.
        below: how the variants below a model stand; a list shows the model, and filters by those
            of them that are visible.
    """
    document = publication.document
    values = _values_of(document)
    facet_codes = [each["code"] for each in document["attributes"] if each["type"] in FACET_TYPES]
    is_by_market = any(
        scope.market is not None and scope.attribute in {"name", *facet_codes} for scope in values
    )
    listings: list[Listing] = []
    for locale, locales in sources.locales.items():
        seen: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for market, markets in _markets(sources, is_by_market=is_by_market).items():
            name = resolve(values, "name", locales, markets)
            sort_name = sort_key(name if isinstance(name, str) else publication.sku, locale)
            facets = _facets(facet_codes, values, locales, markets)
            seen.setdefault((sort_name, facets), []).append(market)
        listings += [
            Listing(
                publication=publication,
                locale=locale,
                markets=None if len(seen) == 1 else tuple(sorted(markets)),
                sort_name=sort_name,
                facets=facets,
                window=publication.window,
            )
            for (sort_name, facets), markets in seen.items()
        ]
    return [each for own in listings for each in _with_below(own, sources, below)]


def _with_below(
    own: Listing, sources: ChannelSources, below: Sequence[VariantListing]
) -> Iterator[Listing]:
    """Yield a model's own listing with the facets of what is visible below it, span by span."""
    there = [each for each in below if each.locale == own.locale]
    spans: list[tuple[Window, _ByMarkets]] = []
    for window in _spans(own.window, there, sources):
        at = max(window.start, sources.now)
        visible = [each for each in there if each.window.contains(at)]
        seen = _seen_in_markets(own, visible, sources)
        if spans and spans[-1][1] == seen:
            window = Window(start=spans.pop()[0].start, end=window.end)  # noqa: PLW2901
        spans.append((window, seen))
    for window, seen in spans:
        for markets, facets in seen.items():
            yield replace(own, markets=markets, facets=facets, window=window)


def _spans(
    whole: Window, below: Iterable[VariantListing], sources: ChannelSources
) -> Iterator[Window]:
    """Yield the spans in which the same is visible below; of what is over only the last counts."""
    edges = {edge for each in below for edge in (each.window.start, each.window.end)}
    cuts = sorted(edge for edge in edges if max(whole.start, sources.now) < edge < whole.end)
    starts = [whole.start, *cuts]
    for start, end in zip(starts, [*cuts, whole.end], strict=True):
        yield Window(start=start, end=end)


def _seen_in_markets(
    own: Listing, visible: Sequence[VariantListing], sources: ChannelSources
) -> _ByMarkets:
    """Return the facets of a model and of what is visible below it, by who sees the same."""
    if all(each.markets is None for each in visible):
        return {own.markets: _union(own, visible)}
    seen: dict[tuple[str, ...], list[str]] = {}
    for market in own.markets or (NO_MARKET, *sources.markets):
        here = [each for each in visible if each.markets is None or market in each.markets]
        seen.setdefault(_union(own, here), []).append(market)
    if len(seen) == 1:
        return {own.markets: next(iter(seen))}
    return {tuple(sorted(markets)): facets for facets, markets in seen.items()}


def _union(own: Listing, below: Iterable[VariantListing]) -> tuple[str, ...]:
    return tuple(sorted({*own.facets, *(facet for each in below for facet in each.facets)}))


def _values_of(document: Document) -> dict[ValueScope, Any]:
    return {
        ValueScope(attribute["code"], value["locale"], value["market"]): value["data"]
        for attribute in document["attributes"]
        for value in attribute["values"]
    }


def _markets(sources: ChannelSources, *, is_by_market: bool) -> Mapping[str, tuple[str, ...]]:
    return {NO_MARKET: (), **(sources.markets if is_by_market else {})}


def _facets(
    codes: Iterable[str],
    values: Mapping[ValueScope, Any],
    locales: Sequence[str],
    markets: Sequence[str],
) -> tuple[str, ...]:
    facets: list[str] = []
    for code in codes:
        data = resolve(values, code, locales, markets)
        if isinstance(data, list):
            facets += [f"{code}={each}" for each in cast("list[str]", data)]
        elif data is not None:
            facets.append(f"{code}={text_of(data)}")
    return tuple(facets)
