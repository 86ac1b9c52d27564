"""The rows of a CSV file as a mapping sees them: texts by column, pairs taken apart."""

import csv
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from catalog.bulk.cells import Cell, filled
from catalog.bulk.csv_faults import broken_row, undecodable
from catalog.bulk.formulas import restored
from catalog.bulk.mapping import CsvMapping
from catalog.bulk.model import InvalidRecordError, UnreadableFileError, cannot_be_read
from catalog.media.rules import slug_of

#: Columns of a report; a mapping never sees them.
REASON_COLUMNS = ("_rejected", "_message")
#: Of a line, and of a cell, which may have several lines: an open quote swallows the rest.
MAX_CELL_CHARACTERS = 4 * 1024 * 1024
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        line: at which it begins, from 1.
        cells: texts by column, and by `column.key` for pairs; empty ones are left out.
        nulls: columns that say that there is no value; None: empty ones do.
    """

    line: int
    cells: Mapping[str, str]
    nulls: frozenset[str] | None = None

    def text(self, cell: Cell | None, more: Mapping[str, str] | None = None) -> str:
        """Return what a cell of the mapping comes to; empty where there is nothing."""
        if cell is None:
            return ""
        if cell.constant is not None:
            found = cell.constant
        elif cell.template is not None:
            found = filled(cell.template, {**self.cells, **(more or {})})
        else:
            found = self.cells.get(cell.column or "", "")
        found = cell.map.get(found, found)
        return slug_of(found) if cell.slug else found

    def said(self, cell: Cell | None) -> str | None:
        """Return what a cell says: a text, an empty one to take a value away; None: nothing."""
        if cell is None:
            return None
        text = self.text(cell)
        if text or self.nulls is None:
            return text
        return "" if self.nulls.intersection(cell.fields()) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """A row as the file has it."""

    line: int
    cells: list[str]


def read_raw(path: Path, mapping: CsvMapping) -> Iterator[RawRow]:
    """Yield the header and then every row that is not empty.

    Raises:
        UnreadableFileError: the file cannot be read, or is no CSV in this encoding.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    form = mapping.csv
    header: list[str] = []
    line = 1
    try:
        with path.open(encoding=form.encoding, newline="") as file:
            reader = csv.reader(
                _lines(file),
                delimiter=form.delimiter,
                quotechar=form.quote or None,
                quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
                strict=True,
            )
            for cells in reader:
                if any(cells):
                    yield RawRow(line=line, cells=cells)
                    header = header or cells
                line = reader.line_num + 1
    except (UnicodeError, OSError, csv.Error) as error:
        refused = _explained(error, path, mapping, line, header)
        raise refused from error


def _explained(
    error: Exception, path: Path, mapping: CsvMapping, line: int, header: list[str]
) -> UnreadableFileError:
    """Say where a file stops being a CSV in its encoding."""
    form = mapping.csv
    if isinstance(error, csv.Error):
        with path.open(encoding=form.encoding, newline="") as file:
            signs = (form.delimiter, form.quote)
            return broken_row(path, _lines(file), line, header, signs)
    if isinstance(error, UnicodeDecodeError):
        return undecodable(path, form.encoding)
    if isinstance(error, OSError):
        return cannot_be_read(path, error)
    return UnreadableFileError(f"{path} is not written in {form.encoding}: name its encoding")


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines without byte order marks: that of the file, and those of files joined to it.

    Raises:
        UnreadableFileError: a line is too long to be held.
    """
    number = 0
    while line := file.readline(MAX_CELL_CHARACTERS + 1):
        number += 1
        if len(line) > MAX_CELL_CHARACTERS:
            raise UnreadableFileError(
                f"{file.name}: line {number} has more than {MAX_CELL_CHARACTERS:,} characters"
            )
        yield line.removeprefix(_MARK)


def read_header(path: Path, mapping: CsvMapping) -> list[str]:
    """Return the names of the columns, trimmed.

    Raises:
        UnreadableFileError: there is none.
    """
    first = next(read_raw(path, mapping), None)
    if first is None:
        raise UnreadableFileError(f"{path} has no header: its first row names the columns")
    return names_in(first)


def names_in(header: RawRow) -> list[str]:
    """Return the names of columns, trimmed and composed."""
    return [unicodedata.normalize("NFC", cell).strip() for cell in header.cells]


def read_rows(path: Path, mapping: CsvMapping) -> Iterator[Row | tuple[int, InvalidRecordError]]:
    """Yield every row that counts, or the line of a row of another length and what is wrong.

    Raises:
        UnreadableFileError: the file cannot be read, or lacks a column that the mapping names.
    """
    rows = read_raw(path, mapping)
    header = next(rows, None)
    if header is None:
        raise UnreadableFileError(f"{path} has no header: its first row names the columns")
    names = names_in(header)
    is_report = all(column in names for column in REASON_COLUMNS)
    splits = _splits(mapping)
    for raw in rows:
        if len(raw.cells) != len(names):
            message = f"the row has {len(raw.cells)} cells, the header {len(names)}"
            yield raw.line, InvalidRecordError(message)
            continue
        given = [restored(cell) for cell in raw.cells] if is_report else raw.cells
        row = _row(raw.line, dict(zip(names, given, strict=True)), mapping, splits)
        if all(each.takes(row.text(each.column)) for each in mapping.where):
            yield row


def _row(
    line: int, given: Mapping[str, str], mapping: CsvMapping, splits: Mapping[str, re.Pattern[str]]
) -> Row:
    cells = {
        column: text
        for column, cell in given.items()
        if (text := cell.strip()) and column not in REASON_COLUMNS
    }
    for column, split in splits.items():
        for pair in split.split(cells.get(column, "")):
            key, _, value = pair.partition(mapping.pairs[column].equals)
            if value:
                cells[f"{column}.{key.strip()}"] = value.strip()
    nulls = {column for column, text in cells.items() if text in mapping.csv.null}
    for column in nulls:
        del cells[column]
    is_null = mapping.csv.empty == "null"
    return Row(line=line, cells=cells, nulls=None if is_null else frozenset(nulls))


def _splits(mapping: CsvMapping) -> dict[str, re.Pattern[str]]:
    return {
        column: re.compile(
            rf"{re.escape(p.pair)}(?=[^{re.escape(p.pair + p.equals)}]+{re.escape(p.equals)})"
        )
        for column, p in mapping.pairs.items()
    }


def unescaped(text: str, mapping: CsvMapping) -> str:
    """Return a text with its entities resolved, where the mapping says that it has some."""
    return html.unescape(text) if mapping.csv.entities else text
