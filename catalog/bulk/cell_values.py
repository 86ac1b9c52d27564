"""The values that one row has of an attribute, read by the mapping's formats and codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from catalog.bulk.binding import code_in
from catalog.bulk.cells import Cell
from catalog.bulk.codes import Codes
from catalog.bulk.formats import read_amount, read_date, read_number, read_truth
from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapping import AttributePart, ColumnPart, CsvMapping
from catalog.bulk.rows import Row, unescaped
from catalog.errors import InvalidInputError
from catalog.products.value_types import most_decimals


class CellValueKey(NamedTuple):
    """What a product has at most one value for; of a price one for each currency."""

    attribute: str
    locale: str | None
    market: str | None
    channel: str | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellValue:
    """What a cell says.

    Attributes:
        data: as the bulk format has it, of a price the amount alone; None: there is no value.
    """

    place: CellValueKey
    data: Any
    line: int
    column: str


def counts(row: Row, part: AttributePart, family: str) -> bool:
    """Return whether a row, of a product of some family, speaks of an attribute."""
    if part.families is not None and family and family not in part.families:
        return False
    return all(each.takes(row.text(each.column)) for each in part.where)


def values_in(
    row: Row, part: AttributePart, mapping: CsvMapping, known: KnownStructure, codes: Codes | None
) -> Iterator[CellValue | InvalidInputError]:
    """Yield what the cells of a row say of an attribute, or why one cannot be read."""
    for each in part.places():
        text = row.said(each.column)
        if text is None:
            continue
        column = column_of(each)
        try:
            place = _place(row, part, each, mapping, known)
            if place is None:
                continue
            data = _data(row, text, part, each, (mapping, codes)) if text else None
        except InvalidInputError as error:
            yield InvalidInputError(error.message, field=error.field or column)
            continue
        yield CellValue(place=place, data=data, line=row.line, column=column)


def column_of(part: ColumnPart) -> str:
    """Return the name of a column as messages have it."""
    return ", ".join(part.column.fields())


def option_labels(text: str, part: AttributePart, mapping: CsvMapping) -> list[str]:
    """Return the labels or codes of the options that a cell chooses."""
    plain = unescaped(text, mapping)
    each = plain.split(part.separator) if part.attribute_type == "multiselect" else [plain]
    return [label for given in each if (label := given.strip())]


def _place(
    row: Row, part: AttributePart, each: ColumnPart, mapping: CsvMapping, known: KnownStructure
) -> CellValueKey | None:
    """Return what a cell's value is for; None: the mapping leaves that out.

    Raises:
        InvalidInputError: there is no such locale, market, channel or currency.
    """
    found: dict[str, str | None] = {"locale": mapping.locale if part.localizable else None}
    for name in ("locale", "market", "channel", "currency"):
        cell: Cell | None = getattr(each, name)
        text = row.text(cell)
        if cell is None or (not text and name != "currency"):
            found.setdefault(name, None)
            continue
        code = code_in(name, text, mapping, known)
        if code == "":
            return None
        if code is None:
            choices = ", ".join(sorted(known.scopes.get(name, ()))) or "an ISO 4217 code"
            raise InvalidInputError(
                f"there is no {name} {text!r}: choose one of {choices}, or say in "
                f"[scopes.{name}] which one it is",
                field=", ".join(cell.fields()) or None,
            )
        found[name] = code
    if part.attribute_type != "price":
        found["currency"] = None
    return CellValueKey(
        part.code, found["locale"], found["market"], found["channel"], found["currency"]
    )


def _data(  # noqa: PLR0911 - one line a type
    row: Row,
    text: str,
    part: AttributePart,
    each: ColumnPart,
    by: tuple[CsvMapping, Codes | None],
) -> Any:  # noqa: ANN401 - JSON
    """Read a value.

    Raises:
        InvalidInputError: it is written in another way than the mapping says.
    """
    mapping, codes = by
    form = part.numbers(mapping.csv)
    match part.attribute_type:
        case "rich_text":
            return text
        case "number" | "decimal":
            return read_number(text, form)
        case "table":
            return _rows(text)
        case "boolean":
            return read_truth(text, mapping.csv.yes, mapping.csv.no)
        case "date":
            return read_date(text, part.date or mapping.csv.date)
        case "select" | "multiselect":
            assert codes is not None  # noqa: S101 - those types have options
            labels = option_labels(text, part, mapping)
            chosen = list(dict.fromkeys(codes.code_of(label) for label in labels))
            return (chosen or None) if part.attribute_type == "multiselect" else chosen[0]
        case "measurement":
            return {"amount": read_number(text, form), "unit": _unit(row, each)}
        case "price":
            currency = row.text(each.currency)
            currency = mapping.scopes.currency.get(currency, currency)
            return read_amount(text, form, currency, most_decimals(currency, part.limits))
        case _:
            return unescaped(text, mapping)


def _rows(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError('write the rows as JSON: [{"size": "S", "chest": 96}]') from error


def _unit(row: Row, each: ColumnPart) -> str:
    unit = row.text(each.unit)
    if not unit:
        named = ", ".join(each.unit.fields()) if each.unit else None
        raise InvalidInputError("name the unit of the amount beside it", field=named)
    return unit
