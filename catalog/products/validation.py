"""What the validation of an attribute may say. Pure."""

import math
from collections.abc import Mapping
from typing import Any, cast, get_args

from catalog.clock import read_date
from catalog.errors import ConflictError, Faults, InvalidInputError
from catalog.products import texts
from catalog.products.model import Attribute
from catalog.products.unique_texts import is_unique
from catalog.products.value_types import MOST_DIGITS, MOST_ROWS, VALIDATIONS, ColumnType

MOST_COLUMNS = 50  # of a table
LONGEST_PATTERN = 1_000
_COLUMN_KEYS = {"code", "type", "label", "unit"}
_LONGEST_CODE = 100
_LONGEST_TEXT = 1_000_000

#: The least and the most of what is a whole number.
_WHOLE = {
    "min_length": (0, _LONGEST_TEXT),
    "max_length": (0, _LONGEST_TEXT),
    "decimals": (0, MOST_DIGITS),
    "max_rows": (1, MOST_ROWS),
}


def check_validation(attribute: Attribute, key: str, limit: object) -> None:
    """Refuse what is no validation of an attribute.

    Raises:
        InvalidInputError: at `validation.<key>`.
        SeveralFaultsError: several columns are wrong.
    """
    field = f"validation.{key}"
    if attribute.attribute_type not in VALIDATIONS.get(key, ()):
        raise InvalidInputError(
            f"{key!r} is no validation of {attribute.attribute_type}", field=field
        )
    match key:
        case "pattern":
            _check_pattern(limit, field=field)
        case "unique":
            if not isinstance(limit, bool):
                raise InvalidInputError("write true or false", field=field)
        case "columns":
            _check_columns(limit, field=field)
        case _ if key in _WHOLE:
            _check_whole(limit, *_WHOLE[key], field=field)
        case "min" | "max" if attribute.attribute_type == "date":
            _check_date(limit, field=field)
        case _:
            if not _is_number(limit):
                raise InvalidInputError("write a number", field=field)


def check_becomes_unique(
    attribute: Attribute, stored: Attribute | None, shared: Mapping[str, str], *, field: str
) -> None:
    """Refuse that an attribute becomes unique while products share a text of it.

    Args:
        attribute: as it shall be.
        stored: as it is.
        shared: per attribute a text that several products have.
        field: at fault.

    Raises:
        ConflictError: there is such a text.
    """
    was_unique = stored is not None and is_unique(stored)
    if is_unique(attribute) and not was_unique and attribute.code in shared:
        several = f"several products have {shared[attribute.code]!r}: change them first"
        raise ConflictError(several, field=field)


def check_columns_stay(attribute: Attribute, stored: Attribute | None, *, field: str) -> None:
    """Refuse to take a column away, or to change its type, under tables that may use it.

    Raises:
        InvalidInputError: a column that is stored differs.
    """
    wanted = {each["code"]: each["type"] for each in attribute.validation.get("columns", ())}
    for each in stored.validation.get("columns", ()) if stored is not None else ():
        if wanted.get(each["code"]) != each["type"]:
            raise InvalidInputError(
                f"tables may use the column {each['code']!r}: keep it as it is, or make a new "
                "attribute",
                field=field,
            )


def _is_number(limit: object) -> bool:
    if not isinstance(limit, int | float) or isinstance(limit, bool):
        return False
    return abs(limit) < math.inf  # not NaN either


def _check_whole(limit: object, least: int, most: int, *, field: str) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool) or not least <= limit <= most:
        raise InvalidInputError(f"write a whole number from {least} to {most}", field=field)


def _check_date(limit: object, *, field: str) -> None:
    try:
        read_date(str(limit))
    except ValueError as error:
        raise InvalidInputError("write a date such as 2026-05-01", field=field) from error


def _check_pattern(pattern: object, *, field: str) -> None:
    if not isinstance(pattern, str) or not 0 < len(pattern) <= LONGEST_PATTERN:
        raise InvalidInputError(
            f"write a pattern of 1 to {LONGEST_PATTERN} characters", field=field
        )
    try:
        texts.check_pattern(pattern)
    except texts.PatternError as error:
        raise InvalidInputError(f"the pattern cannot be read: {error}", field=field) from error


def _check_columns(columns: object, *, field: str) -> None:
    given = cast("list[object]", columns) if isinstance(columns, list) else []
    if not 0 < len(given) <= MOST_COLUMNS:
        raise InvalidInputError(
            f'write 1 to {MOST_COLUMNS} columns such as {{"code": "size", "type": "text"}}',
            field=field,
        )
    faults, before = Faults(), set[object]()
    for place, column in enumerate(given):
        with faults:
            _check_column(column, before, field=f"{field}[{place}]")
    faults.refuse_any()


def _check_column(column: object, before: set[object], *, field: str) -> None:
    if not isinstance(column, Mapping) or not cast("Any", column).keys() <= _COLUMN_KEYS:
        raise InvalidInputError("a column has `code`, `type`, `label` and `unit`", field=field)
    given = cast("Mapping[str, Any]", column)
    code = given.get("code")
    is_code = isinstance(code, str) and code.isprintable() and code.split() == [code]
    if not is_code or len(str(code)) > _LONGEST_CODE or code in before:
        raise InvalidInputError(
            "write 1 to 100 printable characters without spaces, and each code once",
            field=f"{field}.code",
        )
    before.add(code)
    if given.get("type") not in get_args(ColumnType):
        there_are = f"choose one of {', '.join(get_args(ColumnType))}"
        raise InvalidInputError(there_are, field=f"{field}.type")
    label: Any = given.get("label", {})
    if not isinstance(label, Mapping) or not all(
        isinstance(text, str) and "\0" not in text
        for pair in cast("Mapping[object, object]", label).items()
        for text in pair
    ):
        raise InvalidInputError("write a text for each locale", field=f"{field}.label")
    if not isinstance(given.get("unit", ""), str):
        raise InvalidInputError("write a unit such as cm", field=f"{field}.unit")
