"""The rows of a CSV file as a mapping sees them: texts by column, pairs taken apart."""

import csv
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.bulk.mapping import Cell, CsvMapping, filled
from catalog.bulk.model import InvalidRecordError, UnreadableFileError
from catalog.media.rules import slug_of

#: Columns of a report; a mapping never sees them.
REASON_COLUMNS = ("_rejected", "_message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        line: at which it begins, from 1.
        cells: texts by column, and by `column.key` for pairs; empty ones are left out.
    """

    line: int
    cells: Mapping[str, str]

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
    csv.field_size_limit(2**31 - 1)
    try:
        with path.open(encoding=mapping.csv.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=mapping.csv.delimiter, strict=True)
            line = 1
            for cells in reader:
                if any(cells):
                    yield RawRow(line=line, cells=cells)
                line = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error, LookupError) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error


def read_rows(path: Path, mapping: CsvMapping) -> Iterator[Row | tuple[int, InvalidRecordError]]:
    """Yield every row, or the line of a row of another length and what is wrong with it.

    Raises:
        UnreadableFileError: the file cannot be read, or lacks a column that the mapping names.
    """
    rows = read_raw(path, mapping)
    header = next(rows, None)
    if header is None:
        raise UnreadableFileError(f"{path} has no header")
    _check_columns(header.cells, mapping)
    splits = {
        column: re.compile(
            rf"{re.escape(p.pair)}(?=[^{re.escape(p.pair + p.equals)}]+{re.escape(p.equals)})"
        )
        for column, p in mapping.pairs.items()
    }
    for raw in rows:
        if len(raw.cells) != len(header.cells):
            message = f"the row has {len(raw.cells)} cells, the header {len(header.cells)}"
            yield raw.line, InvalidRecordError(message)
            continue
        cells = {
            column: cell.strip()
            for column, cell in zip(header.cells, raw.cells, strict=True)
            if cell.strip() and column not in REASON_COLUMNS
        }
        for column, split in splits.items():
            for pair in split.split(cells.get(column, "")):
                key, _, value = pair.partition(mapping.pairs[column].equals)
                if value:
                    cells[f"{column}.{key.strip()}"] = value.strip()
        yield Row(line=raw.line, cells=cells)


def unescaped(text: str, mapping: CsvMapping) -> str:
    """Return a text with its entities resolved, where the mapping says that it has some."""
    return html.unescape(text) if mapping.csv.entities else text


def _check_columns(header: list[str], mapping: CsvMapping) -> None:
    product = mapping.product
    cells = [
        *(product.sku, product.kind, product.family, product.family_variant, product.gtin),
        *(product.parent, mapping.family.label, *(each.column for each in mapping.attribute)),
    ]
    named = [column for cell in cells if cell is not None for column in cell.fields()]
    named += [each.column for each in mapping.image]
    named += [mapping.category.column] if mapping.category else []
    named += [product.children.column] if product.children else []
    for column in (*named, *mapping.pairs):
        if column not in header and column.partition(".")[0] not in mapping.pairs:
            raise UnreadableFileError(f"there is no column {column!r}", field=column)
