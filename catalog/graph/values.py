"""Which stored value counts in a context: market, its parents, global; locale, its fallbacks, none.

Pure. A value of a nearer market wins over one in a nearer language: what a market says by itself
(a promise, a warning, a price) is right there, whatever the language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.graph.context import ReadContext


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveValue:
    """The value that counts, and the locale that it was written in; None: in none.

    Attributes:
        stored: as it was given, with whatever else is said of it.
    """

    data: Any
    locale: str | None
    stored: Mapping[str, Any]


def effective(values: Iterable[Mapping[str, Any]], context: ReadContext) -> EffectiveValue | None:
    """Choose among `{locale, market, data}`; None: no value applies here."""
    best: Mapping[str, Any] | None = None
    best_rank = (len(context.markets) + 1, 0)
    for value in values:
        market = _rank(value["market"], context.markets)
        locale = _rank(value["locale"], context.locales)
        if market is not None and locale is not None and (market, locale) < best_rank:
            best, best_rank = value, (market, locale)
    if best is None:
        return None
    return EffectiveValue(data=best["data"], locale=best["locale"], stored=best)


def label_of(labels: Mapping[str, str], context: ReadContext) -> str | None:
    """Choose among `{locale: text}`; None: there is none in the locale or its fallbacks."""
    return next((labels[each] for each in context.locales if labels.get(each)), None)


def label_locale_of(labels: Mapping[str, str], context: ReadContext) -> str | None:
    """Return the locale of what `label_of` chooses."""
    return next((each for each in context.locales if labels.get(each)), None)


def text_of(texts: Iterable[tuple[str | None, Any]], context: ReadContext) -> str | None:
    """Choose among `(locale, text)`, as `effective` does."""
    return _chosen(texts, context)[0]


def text_locale_of(texts: Iterable[tuple[str | None, Any]], context: ReadContext) -> str | None:
    """Return the locale of what `text_of` chooses; None: in none, or there is nothing."""
    return _chosen(texts, context)[1]


def _chosen(
    texts: Iterable[tuple[str | None, Any]], context: ReadContext
) -> tuple[str | None, str | None]:
    best: tuple[str | None, str | None] = None, None
    best_rank = len(context.locales) + 1
    for locale, text in texts:
        rank = _rank(locale, context.locales)
        if rank is not None and rank < best_rank and isinstance(text, str):
            best, best_rank = (text, locale), rank
    return best


def _rank(code: str | None, chain: Sequence[str]) -> int | None:
    """Return how far along its chain a code stands; what is for all comes last."""
    if code is None:
        return len(chain)
    return chain.index(code) if code in chain else None
