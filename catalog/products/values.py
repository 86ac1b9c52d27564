"""Values of attributes: what each type takes, and which value holds for a channel. Pure."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeGuard, cast

from babel.numbers import get_currency_precision, is_currency

from catalog.clock import read_date
from catalog.errors import InvalidInputError
from catalog.products.model import Attribute, AttributeType, ValueKey

_NUMBER_LIMIT = 1e15  # beyond it neighbouring numbers are no longer told apart by every reader
_MEASUREMENT_KEYS = {"amount", "unit"}
_UNIT = re.compile(r"[^\s\0]{1,24}")
_TEXTS = {"text", "rich_text", "term"}

#: The keys of `Attribute.validation`, and the types that each is for.
VALIDATIONS: Mapping[str, AbstractSet[str]] = {
    "max_length": _TEXTS,
    "pattern": _TEXTS,
    "min": {"number", "measurement"},
    "max": {"number", "measurement"},
    "decimals": {"price"},
}


class ValueScope(NamedTuple):
    """An attribute's value for one locale and market, the channel being settled."""

    attribute: str
    locale: str | None
    market: str | None


def check_data(
    attribute: Attribute, data: object, options: AbstractSet[str], *, field: str
) -> None:
    """Refuse data that the attribute does not take.

    Args:
        attribute: whose value it is.
        data: as JSON gives it.
        options: the codes that a select or multiselect attribute has.
        field: where the data stand in the record, such as `values[3].data`.

    Raises:
        InvalidInputError: with a message that says what to write instead.
    """
    problem = _PROBLEMS[attribute.attribute_type](attribute, data, options)
    if problem is not None:
        raise InvalidInputError(f"{attribute.code}: {problem}", field=field)


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


def _text_problem(attribute: Attribute, data: object, _: AbstractSet[str]) -> str | None:
    if not isinstance(data, str) or not data.strip():
        return "write a text that is not empty, or null to take the value away"
    if "\0" in data:
        return "remove the character U+0000"
    limit = attribute.validation.get("max_length")
    if limit is not None and len(data) > limit:
        return f"shorten the text from {len(data)} to at most {limit} characters"
    pattern = attribute.validation.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(data):
        return f"write a text that matches {pattern}"
    return None


def _number_problem(attribute: Attribute, data: object, _: AbstractSet[str]) -> str | None:
    if not _is_number(data):
        return "write a number, without quotes"
    low, high = attribute.validation.get("min"), attribute.validation.get("max")
    if low is not None and data < low:
        return f"write a number from {low}"
    if high is not None and data > high:
        return f"write a number up to {high}"
    return None


def _boolean_problem(_: Attribute, data: object, __: AbstractSet[str]) -> str | None:
    return None if isinstance(data, bool) else "write true or false, without quotes"


def _date_problem(_: Attribute, data: object, __: AbstractSet[str]) -> str | None:
    try:
        if isinstance(data, str):
            read_date(data)
            return None
    except ValueError:
        pass  # answered below, like any other text
    return "write a date such as 2026-05-01"


def _select_problem(_: Attribute, data: object, options: AbstractSet[str]) -> str | None:
    if isinstance(data, str) and data in options:
        return None
    return f"{data!r} is none of its options: add it to the attribute first"


def _multiselect_problem(
    attribute: Attribute, data: object, options: AbstractSet[str]
) -> str | None:
    if not isinstance(data, list) or not data:
        return "write a list of option codes, or null to take the value away"
    codes = cast("list[object]", data)
    for place, code in enumerate(codes):
        problem = _select_problem(attribute, code, options)
        if problem is not None:
            return problem
        if code in codes[:place]:
            return f"name the option {code!r} once"
    return None


def _measurement_problem(
    attribute: Attribute, data: object, options: AbstractSet[str]
) -> str | None:
    if not isinstance(data, dict) or cast("dict[str, object]", data).keys() != _MEASUREMENT_KEYS:
        return 'write {"amount": 1.5, "unit": "kg"}'
    measured = cast("dict[str, object]", data)
    unit = measured["unit"]
    if not isinstance(unit, str) or not _UNIT.fullmatch(unit):
        return "write a unit such as kg"
    return _number_problem(attribute, measured["amount"], options)


def most_decimals(currency: str, validation: Mapping[str, Any]) -> int:
    """Return how many decimals an amount of money may have.

    Those of its currency (ISO 4217: EUR 2, JPY 0, KWD 3), unless its attribute says another number:
    three decimals of euros are more likely thousands that were written by another rule.

    Args:
        currency: an ISO 4217 code.
        validation: of the attribute.
    """
    return validation.get("decimals", get_currency_precision(currency))


def _price_problem(attribute: Attribute, data: object, _: AbstractSet[str]) -> str | None:
    if not isinstance(data, dict) or not data:
        return 'write an amount for each currency, such as {"EUR": 49.95}'
    for currency, amount in cast("dict[str, object]", data).items():
        if not is_currency(currency):
            return f"{currency!r} is no ISO 4217 code such as EUR"
        if not _is_number(amount) or amount < 0:
            return f"write the amount in {currency} as a number from 0"
        most = most_decimals(currency, attribute.validation)
        if (count := _decimals_of(amount)) > most:
            return (
                f"{amount} has {count} decimals, an amount in {currency} has at most {most}: round "
                'it, or allow more by "decimals" in the validation of the attribute'
            )
    return None


def _decimals_of(amount: float) -> int:
    exponent = Decimal(repr(amount)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _is_number(data: object) -> TypeGuard[int | float]:
    return (
        isinstance(data, int | float)
        and not isinstance(data, bool)
        and math.isfinite(data)
        and abs(data) < _NUMBER_LIMIT
    )


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern of a validation."""
    return re.compile(pattern)


_Problem: TypeAlias = Callable[[Attribute, object, AbstractSet[str]], str | None]

_PROBLEMS: Mapping[AttributeType, _Problem] = {
    "text": _text_problem,
    "rich_text": _text_problem,
    "term": _text_problem,
    "number": _number_problem,
    "boolean": _boolean_problem,
    "date": _date_problem,
    "select": _select_problem,
    "multiselect": _multiselect_problem,
    "measurement": _measurement_problem,
    "price": _price_problem,
}
