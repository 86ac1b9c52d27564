"""Which value of a product holds for a channel, and for a reader. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.products.model import ValueKey


class ValueScope(NamedTuple):
    """An attribute's value for one locale and market, the channel being settled."""

    attribute: str
    locale: str | None
    market: str | None


def effective_values(
    chain: Sequence[Mapping[ValueKey, Any]], channel: str
) -> dict[ValueScope, Any]:
    """Settle inheritance and channel: the values of a product as one channel shows them.

    Args:
        chain: values of the product, then of its models, nearest first.
        channel: the code.
    """
    return {scope: each.data for scope, each in sourced_values(chain, channel).items()}


class SourcedValue(NamedTuple):
    """A value that holds, and where it is stored.

    Attributes:
        place: in the line: 0 is the product, 1 its model, 2 the model of that.
        channel: that the stored value names; None: it is for all.
    """

    data: Any
    place: int
    channel: str | None


def sourced_values(
    chain: Sequence[Mapping[ValueKey, Any]], channel: str
) -> dict[ValueScope, SourcedValue]:
    """Settle inheritance and channel, and say of each value where it is stored.

    The nearest product that has a value for a locale and market wins; within one product the value
    of the channel beats the one that names none.

    Args:
        chain: values of the product, then of its models, nearest first.
        channel: the code.
    """
    settled: dict[ValueScope, SourcedValue] = {}
    for place, values in reversed([*enumerate(chain)]):
        for wanted in (None, channel):
            for key, data in values.items():
                if key.channel == wanted:
                    scope = ValueScope(key.attribute, key.locale, key.market)
                    settled[scope] = SourcedValue(data, place, wanted)
    return settled


def resolve(
    values: Mapping[ValueScope, Any], attribute: str, locales: Iterable[str], markets: Iterable[str]
) -> object:
    """Return the value that a reader sees, or None.

    The market's own value comes first, then that of its parents, then the one for all markets;
    within each the locale and what it falls back to, then the one without a locale.

    Args:
        values: of one product.
        attribute: the code.
        locales: the fallback chain of the reader's locale.
        markets: the chain of the reader's market and its parents; empty for none.
    """
    languages = (*locales, None)
    for market in (*markets, None):
        for locale in languages:
            data = values.get(ValueScope(attribute, locale, market))
            if data is not None:
                return data
    return None
