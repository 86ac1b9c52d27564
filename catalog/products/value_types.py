"""What each type of attribute takes, and what of it is stored. Pure.

One rule that is broken is one `ValueRuleError`, whoever wrote the value: a file, a mutation, the
console.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, Literal, TypeAlias, cast

from babel.numbers import get_currency_precision, is_currency

from catalog.clock import read_date
from catalog.products import texts, units
from catalog.products.broken_rules import BrokenRuleError, ValueRuleError, shortened
from catalog.products.model import Attribute, AttributeType, ValueKey
from catalog.products.number_values import (
    check_bounds,
    check_decimals,
    decimal,
    decimals_of,
    is_number,
    number,
)

MOST_ROWS = 500  # of a table
LONGEST_CELL = 1_000  # characters of a text in a table
LONGEST_UNIT = 24
_TEXTS = {"text", "rich_text", "term"}
_BOUNDED = {"number", "decimal", "date", "measurement"}

#: What a column of a table may hold.
ColumnType = Literal["text", "number", "decimal", "boolean", "date", "measurement"]

#: The keys of `Attribute.validation`, and the types that each is for.
VALIDATIONS: Mapping[str, AbstractSet[str]] = {
    "min_length": _TEXTS,
    "max_length": _TEXTS,
    "pattern": _TEXTS,
    "min": _BOUNDED,
    "max": _BOUNDED,
    "decimals": {"number", "decimal", "measurement", "price"},
    "unique": {"text"},
    "vocabulary": {"term"},
    "columns": {"table"},
    "max_rows": {"table"},
}


def accepted(
    attribute: Attribute,
    data: object,
    options: AbstractSet[str],
    *,
    key: ValueKey | None = None,
    field: str,
) -> Any:  # noqa: ANN401 - JSON
    """Return data as they are stored: rich text sanitised, decimals in one form.

    Args:
        attribute: whose value it is.
        data: as JSON gives it.
        options: the codes that a select or multiselect attribute has, or the terms of its
            vocabulary, or the skus that there are, as far as they are named.
        key: of the value; None: it has no scope.
        field: where the data stand in the record, such as `values[3].data`.

    Raises:
        ValueRuleError: the attribute does not take them; the message says what to write instead.
    """
    try:
        return _CHECKS[attribute.attribute_type](attribute, data, options)
    except BrokenRuleError as broken:
        raise ValueRuleError(
            broken.message,
            field=f"{field}{broken.at}",
            key=key or ValueKey(attribute.code, None, None, None),
            rule=broken.rule,
            given=data,
        ) from broken


def most_decimals(currency: str, validation: Mapping[str, Any]) -> int:
    """Return how many decimals an amount of money may have.

    Those of its currency (ISO 4217: EUR 2, JPY 0, KWD 3), unless its attribute says another number:
    three decimals of euros are more likely thousands that were written by another rule.

    Args:
        currency: an ISO 4217 code.
        validation: of the attribute.
    """
    return validation.get("decimals", get_currency_precision(currency))


def _text(attribute: Attribute, data: object, _: AbstractSet[str]) -> str:
    if not isinstance(data, str) or not data.strip():
        raise BrokenRuleError(
            "type", "write a text that is not empty, or null to take the value away"
        )
    if "\0" in data:
        raise BrokenRuleError("type", "remove the character U+0000")
    if not data.isascii() and any("\ud800" <= each <= "\udfff" for each in data):
        raise BrokenRuleError("type", "remove the half of a character (U+D800 to U+DFFF)")
    least, most = (attribute.validation.get(key) for key in ("min_length", "max_length"))
    if least is not None and len(data) < least:
        raise BrokenRuleError(
            "min_length", f"write at least {least} characters: it has {len(data)}"
        )
    if most is not None and len(data) > most:
        raise BrokenRuleError(
            "max_length", f"shorten the text from {len(data)} to at most {most} characters"
        )
    pattern = attribute.validation.get("pattern")
    if pattern is not None:
        _check_matches(pattern, data)
    return data


def _check_matches(pattern: str, data: str) -> None:
    try:
        is_match = texts.does_match(pattern, data)
    except texts.PatternError as error:  # of an attribute from before patterns were RE2's
        raise BrokenRuleError(
            "pattern", f"mend the pattern {pattern} of the attribute: {error}"
        ) from error
    if not is_match:
        raise BrokenRuleError("pattern", f"write a text that matches {pattern}")


def _rich_text(attribute: Attribute, data: object, options: AbstractSet[str]) -> str:
    clean = texts.sanitised(_text(attribute, data, options))
    if not clean.strip():
        raise BrokenRuleError("html", "nothing of it may be shown: write text or allowed elements")
    return clean


def _term(attribute: Attribute, data: object, terms: AbstractSet[str]) -> str:
    chosen = _text(attribute, data, terms)
    vocabulary = attribute.validation.get("vocabulary")
    if vocabulary is not None and chosen not in terms:
        raise BrokenRuleError(
            "vocabulary",
            f"the vocabulary {vocabulary!r} has no term {shortened(chosen)!r}: add it first",
        )
    return chosen


def _product(_: Attribute, data: object, skus: AbstractSet[str]) -> str:
    if isinstance(data, str) and data in skus:
        return data
    raise BrokenRuleError("product", f"there is no product {shortened(data)!r}: add it first")


def _asset(attribute: Attribute, _: object, __: AbstractSet[str]) -> None:
    raise BrokenRuleError("asset", f"bind media to the product as {attribute.code!r} instead")


def _boolean(_: Attribute, data: object, __: AbstractSet[str]) -> bool:
    if not isinstance(data, bool):
        raise BrokenRuleError("type", "write true or false, without quotes")
    return data


def _date(attribute: Attribute, data: object, _: AbstractSet[str]) -> str:
    try:
        day = read_date(data if isinstance(data, str) else "")
    except ValueError as error:
        raise BrokenRuleError("type", "write a date such as 2026-05-01") from error
    assert isinstance(data, str)  # noqa: S101 - it is a date
    low, high = attribute.validation.get("min"), attribute.validation.get("max")
    if low is not None and day < read_date(low):
        raise BrokenRuleError("min", f"write a date from {low} on")
    if high is not None and day > read_date(high):
        raise BrokenRuleError("max", f"write a date up to {high}")
    return data


def _select(_: Attribute, data: object, options: AbstractSet[str]) -> str:
    if isinstance(data, str) and data in options:
        return data
    raise BrokenRuleError(
        "options", f"{shortened(data)!r} is none of its options: add it to the attribute first"
    )


def _multiselect(attribute: Attribute, data: object, options: AbstractSet[str]) -> Sequence[str]:
    if not isinstance(data, list) or not data:
        raise BrokenRuleError(
            "type", "write a list of option codes, or null to take the value away"
        )
    codes = cast("list[object]", data)
    before = set[str]()
    for code in codes:
        chosen = _select(attribute, code, options)
        if chosen in before:
            raise BrokenRuleError("options", f"name the option {chosen!r} once")
        before.add(chosen)
    return cast("list[str]", data)


def _measurement(attribute: Attribute, data: object, _: AbstractSet[str]) -> Mapping[str, Any]:
    if not isinstance(data, dict) or cast("dict[str, object]", data).keys() != {"amount", "unit"}:
        raise BrokenRuleError("type", 'write {"amount": 1.5, "unit": "kg"}')
    measured = cast("dict[str, object]", data)
    amount, unit = measured["amount"], measured["unit"]
    if not isinstance(unit, str) or not 0 < len(unit) <= LONGEST_UNIT:
        raise BrokenRuleError("unit", "write a unit such as kg")
    own = attribute.unit
    if own is None and not units.is_unit(unit):
        raise BrokenRuleError("unit", f"{unit!r} is no unit: write one such as kg")
    if own is not None and not units.is_comparable(unit, own):
        raise BrokenRuleError("unit", f"{unit!r} does not measure what {own} does: use {own}")
    if not is_number(amount):
        raise BrokenRuleError("type", "write the amount as a number, without quotes")
    in_own = amount if own is None else units.convert(amount, unit, own)
    check_bounds(attribute, in_own, f"{amount} {unit}")
    check_decimals(attribute, Decimal(repr(amount)))
    return measured


def _price(attribute: Attribute, data: object, _: AbstractSet[str]) -> Mapping[str, Any]:
    if not isinstance(data, dict) or not data:
        raise BrokenRuleError("type", 'write an amount for each currency, such as {"EUR": 49.95}')
    amounts = cast("dict[str, object]", data)
    for currency, amount in amounts.items():
        if not is_currency(currency):
            raise BrokenRuleError(
                "currency", f"{shortened(currency)!r} is no ISO 4217 code such as EUR"
            )
        if not is_number(amount) or amount < 0:
            raise BrokenRuleError("type", f"write the amount in {currency} as a number from 0")
        most = most_decimals(currency, attribute.validation)
        if (count := decimals_of(Decimal(repr(amount)))) > most:
            raise BrokenRuleError(
                "decimals",
                f"{amount} has {count} decimals, an amount in {currency} has at most {most}: round "
                'it, or allow more by "decimals" in the validation of the attribute',
            )
    return amounts


def _table(attribute: Attribute, data: object, _: AbstractSet[str]) -> Sequence[Mapping[str, Any]]:
    columns = columns_of(attribute)
    if not isinstance(data, list) or not data:
        raise BrokenRuleError("type", 'write a list of rows, such as [{"size": "S", "chest": 96}]')
    rows = cast("list[object]", data)
    most = attribute.validation.get("max_rows", MOST_ROWS)
    if len(rows) > most:
        raise BrokenRuleError("max_rows", f"write at most {most} rows: it has {len(rows)}")
    return [_row(row, columns, f"[{place}]") for place, row in enumerate(rows)]


def _row(row: object, columns: Mapping[str, Attribute], at: str) -> Mapping[str, Any]:
    if not isinstance(row, dict) or not row:
        raise BrokenRuleError("type", "write each row as an object of its cells", at)
    cells = cast("dict[str, object]", row)
    for code in cells:
        if code not in columns:
            there_are = ", ".join(columns)
            raise BrokenRuleError(
                "columns", f"{shortened(code)!r} is no column: there are {there_are}", at
            )
    stored: dict[str, Any] = {}
    for code, column in columns.items():
        if code in cells:
            try:
                check = _CHECKS[column.attribute_type]
                stored[code] = check(column, cells[code], frozenset())
            except BrokenRuleError as broken:
                raise BrokenRuleError(
                    broken.rule, f"{code}: {broken.message}", f"{at}.{code}"
                ) from broken
    return stored


def columns_of(attribute: Attribute) -> Mapping[str, Attribute]:
    """Return the columns of a table, each as an attribute of its own, by code."""
    return {
        column["code"]: Attribute(
            code=column["code"],
            attribute_type=column["type"],
            label=column.get("label", {}),
            unit=column.get("unit"),
            validation={"max_length": LONGEST_CELL} if column["type"] == "text" else {},
        )
        for column in attribute.validation.get("columns", ())
    }


_Check: TypeAlias = Callable[[Attribute, object, AbstractSet[str]], Any]

_CHECKS: Mapping[AttributeType, _Check] = {
    "text": _text,
    "rich_text": _rich_text,
    "term": _term,
    "product": _product,
    "number": number,
    "decimal": decimal,
    "boolean": _boolean,
    "date": _date,
    "select": _select,
    "multiselect": _multiselect,
    "measurement": _measurement,
    "price": _price,
    "table": _table,
    "asset": _asset,
}
