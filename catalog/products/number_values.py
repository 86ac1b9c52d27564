"""Numbers: what of them is stored, and how their bounds and decimals are judged. Pure."""

import re
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TypeGuard

from catalog.products.broken_rules import BrokenRuleError, shortened
from catalog.products.model import Attribute

MOST_DIGITS = 30  # of a decimal, on both sides of its point
_NUMBER_LIMIT = 1e15  # beyond it neighbouring numbers are no longer told apart by every reader
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?([eE][-+]?[0-9]{1,3})?")


def number(attribute: Attribute, data: object, _: AbstractSet[str]) -> int | float:
    """Return a number as it is stored.

    Raises:
        BrokenRuleError: it is none, or beyond what its attribute allows.
    """
    if not is_number(data):
        raise BrokenRuleError("type", "write a number, without quotes")
    check_bounds(attribute, data, data)
    check_decimals(attribute, Decimal(repr(data)))
    return data


def decimal(attribute: Attribute, data: object, _: AbstractSet[str]) -> str:
    """Return an exact number as the text that is stored, without zeros that say nothing: `12.5`.

    Raises:
        BrokenRuleError: it is none, too long, or beyond what its attribute allows.
    """
    written = data if isinstance(data, str) else repr(data) if is_number(data) else ""
    if not _DECIMAL.fullmatch(written):
        raise BrokenRuleError("type", 'write a decimal number such as "12.50"')
    exact = Decimal(written)
    if _digits_of(exact) > MOST_DIGITS:
        raise BrokenRuleError("type", f"write a number of at most {MOST_DIGITS} digits")
    check_bounds(attribute, exact, data)
    check_decimals(attribute, exact)
    plain = f"{exact:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in {"-0", ""} else plain


def _digits_of(number: Decimal) -> int:
    """Return how many digits a number has before and after its point, written out."""
    exponent = number.as_tuple().exponent
    after = max(0, -exponent) if isinstance(exponent, int) else 0
    return max(number.adjusted() + 1, 1) + after


def check_bounds(attribute: Attribute, number: float | Decimal, given: object) -> None:
    """Refuse a number below `min` or above `max`.

    Raises:
        BrokenRuleError: with what was given.
    """
    low, high = attribute.validation.get("min"), attribute.validation.get("max")
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    if low is not None and exact < Decimal(repr(low)):
        raise BrokenRuleError("min", f"write a number from {low}: {shortened(given)} is less")
    if high is not None and exact > Decimal(repr(high)):
        raise BrokenRuleError("max", f"write a number up to {high}: {shortened(given)} is more")


def check_decimals(attribute: Attribute, number: Decimal) -> None:
    """Refuse a number with more decimals than its attribute allows.

    Raises:
        BrokenRuleError: with how many it has.
    """
    most = attribute.validation.get("decimals")
    if most is not None and (count := decimals_of(number)) > most:
        raise BrokenRuleError("decimals", f"round it to {most} decimals: it has {count}")


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a number has, without zeros that say nothing."""
    # not by `normalize()`, which rounds to the 28 digits of the context
    _, _, decimals = f"{number:f}".partition(".")
    return len(decimals.rstrip("0"))


def is_number(data: object) -> TypeGuard[int | float]:
    """Tell whether this is a number that every reader tells from its neighbours."""
    return (
        isinstance(data, int | float)
        and not isinstance(data, bool)
        and abs(data) < _NUMBER_LIMIT  # neither infinite nor NaN
    )
