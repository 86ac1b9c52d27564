"""What the validation of an attribute may say. Pure."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast, get_args

from catalog.batches import check_known
from catalog.clock import read_date
from catalog.errors import ConflictError, Faults, InvalidInputError
from catalog.products import texts
from catalog.products.broken_rules import shortened
from catalog.products.model import Attribute
from catalog.products.number_values import MOST_DIGITS
from catalog.products.unique_texts import is_unique
from catalog.products.value_types import MOST_ROWS, VALIDATIONS, ColumnType

MOST_COLUMNS = 50  # of a table
LONGEST_PATTERN = 1_000
_COLUMN_KEYS = {"code", "type", "label", "unit"}
_LONGEST_CODE = 100
_LONGEST_TEXT = 1_000_000

_FORMS = {"unique": (bool, "true or false"), "vocabulary": (str, "the code of a vocabulary")}

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
        case "columns":
            pass  # `check_held` looks at the whole table
        case "unique" | "vocabulary":
            if not isinstance(limit, _FORMS[key][0]):
                raise InvalidInputError(f"write {_FORMS[key][1]}", field=field)
        case _ if key in _WHOLE:
            _check_whole(limit, *_WHOLE[key], field=field)
        case "min" | "max" if attribute.attribute_type == "date":
            _check_date(limit, field=field)
        case _:
            if not _is_number(limit):
                raise InvalidInputError("write a number", field=field)


def check_held(
    attribute: Attribute,
    stored: Attribute | None,
    unfit: Mapping[tuple[str, str], str],
    vocabularies: AbstractSet[str],
) -> None:
    """Refuse a validation that its attribute cannot hold its values to.

    Args:
        attribute: as it shall be.
        stored: as it is.
        unfit: per attribute and key of a validation that is to change, a value that breaks it.
        vocabularies: that exist, among those that are named.

    Raises:
        InvalidInputError: a table has no columns, or loses one that tables may use.
        UnknownNameError: there is no such vocabulary.
        ConflictError: several products share a text that would be unique; a value is no term of
            the vocabulary.
        SeveralFaultsError: more than one of these.
    """
    faults = Faults()
    with faults:
        vocabulary = attribute.validation.get("vocabulary")
        named = [vocabulary] if isinstance(vocabulary, str) else []
        check_known(named, vocabularies, noun="vocabulary", field="validation.vocabulary")
    was_unique = stored is not None and is_unique(stored)
    shared = unfit.get((attribute.code, "unique"))
    if is_unique(attribute) and not was_unique and shared is not None:
        several = f"several products have {shortened(shared)!r}: change them first"
        faults.append(ConflictError(several, field="validation.unique"))
    lacking = unfit.get((attribute.code, "vocabulary"))
    if lacking is not None and not faults:
        held_to = attribute.validation.get("vocabulary")
        no_term = f"{shortened(lacking)!r} of a value is no term of {held_to!r}: add it first"
        faults.append(ConflictError(no_term, field="validation.vocabulary"))
    if attribute.attribute_type == "table":
        with faults:
            _check_columns_stay(attribute, stored)
    faults.refuse_any()


def _check_columns_stay(attribute: Attribute, stored: Attribute | None) -> None:
    field = "validation.columns"
    columns = attribute.validation.get("columns")
    if not columns:
        raise InvalidInputError("name the columns of the table", field=field)
    _check_columns(columns, field=field)
    wanted = {each["code"]: each["type"] for each in columns}
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
