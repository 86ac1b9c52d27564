"""The report of refused rows: a CSV like the one that was imported, ready to be mended."""

import csv
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from catalog.bulk.cell_values import column_of
from catalog.bulk.csv_form import CsvForm
from catalog.bulk.formulas import harmless
from catalog.bulk.mapped_files import MappedFile
from catalog.bulk.mapping import CsvMapping
from catalog.bulk.model import FAULTS_KEY, Line, LineRefusal
from catalog.bulk.report import read_refused, writing
from catalog.bulk.rows import REASON_COLUMNS, Row, names_in, read_raw, read_rows

_VALUE = re.compile(r"values[.\[](\d+)\b.*")


class RefusedRows:
    """The refused rows of one file, found in a journal by their lines: a few integers for each.

    Args:
        journal: JSON Lines of what was refused of the import.
        file: whose rows; None: there is no other.
        mapping: of the file.
    """

    def __init__(self, journal: Path, file: str | None, mapping: CsvMapping) -> None:
        self._journal, self._mapping = journal, mapping
        self.is_empty = True
        lines, offsets = array("q"), array("q")
        with journal.open("rb") as records:
            while raw := records.readline():
                line, refusal = read_refused(raw)
                if line.file != file:
                    continue
                self.is_empty = False
                offset = records.tell() - len(raw)
                for each in {one.line for one in self._of(line, refusal)}:
                    lines.append(each)
                    offsets.append(offset)
        order = array("q", sorted(range(len(lines)), key=lines.__getitem__))
        self._lines = array("q", (lines[place] for place in order))
        self._offsets = array("q", (offsets[place] for place in order))

    def __contains__(self, line: int) -> bool:
        """Return whether the row that begins at a line was refused."""
        at = bisect_left(self._lines, line)
        return at < len(self._lines) and self._lines[at] == line

    def at(self, line: int) -> list[LineRefusal]:
        """Return why the row that begins at a line was refused; empty: it was not."""
        found: list[LineRefusal] = []
        begin, end = bisect_left(self._lines, line), bisect_right(self._lines, line)
        if begin == end:
            return found
        with self._journal.open("rb") as records:
            for offset in self._offsets[begin:end]:
                records.seek(offset)
                refused = self._of(*read_refused(records.readline()))
                found += (each for each in refused if each.line == line)
        return found

    def _of(self, line: Line, refusal: LineRefusal) -> Iterator[LineRefusal]:
        for each in in_columns(line, refusal, self._mapping):
            if not each.message.endswith(f"because line {each.line} was refused"):
                yield each  # the others say nothing new


def write_report(report: Path, source: MappedFile, journal: Path, file: str | None) -> bool:
    """Write the refused rows, and unmarked the other rows that make them what they are.

    Those are the rows of their models, and all rows of a product that has several.

    Args:
        report: where to.
        source: the file whose rows they are.
        journal: what was refused of the import.
        file: as the journal names it.

    Returns:
        Whether there are any.
    """
    if not journal.exists():
        return False
    mapping, form = source.mapping, source.mapping.csv
    refused = RefusedRows(journal, file, mapping)
    if refused.is_empty:
        return False
    beside = _rows_beside(source, refused)
    # a message may name what the encoding of the file cannot write
    with (
        writing(report),
        report.open("w", encoding=form.encoding, errors="replace", newline="") as opened,
    ):
        writer = csv.writer(
            opened,
            delimiter=form.delimiter,
            quotechar=form.quote or None,
            quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        )
        rows = read_raw(source.path, mapping)
        header = next(rows)
        names = names_in(header)
        is_report = all(column in names for column in REASON_COLUMNS)
        kept = [place for place, name in enumerate(names) if name not in REASON_COLUMNS]
        writer.writerow([*(header.cells[place] for place in kept), *REASON_COLUMNS])
        for each in refused.at(0):  # of the mapping itself, not of a row
            writer.writerow(["" for _ in kept] + _columns([each], form))
        for row in rows:
            if row.line in refused or row.line in beside:
                cells = [row.cells[p] if p < len(row.cells) else "" for p in kept]
                given = cells if is_report else map(harmless, cells)
                writer.writerow([*given, *_columns(refused.at(row.line), form)])
    return True


def _rows_beside(source: MappedFile, refused: RefusedRows) -> set[int]:
    """Return the lines of the rows that the refused ones need to be what they are."""
    path, mapping, found = source.path, source.mapping, source.found
    needed = {
        sku
        for row in read_rows(path, mapping)
        if isinstance(row, Row) and row.line in refused
        for sku in _skus(row, mapping)
    }
    for sku in list(needed):
        at = sku
        for _ in range(found.depth(sku)):
            at = found.parents[at]
            needed.add(at)
    if not needed:
        return set()
    return {
        row.line
        for row in read_rows(path, mapping)
        if isinstance(row, Row) and needed.intersection(_skus(row, mapping))
    }


def _skus(row: Row, mapping: CsvMapping) -> set[str]:
    """Return the products that a row speaks of."""
    skus = {row.text(mapping.product.sku)}
    if mapping.model is not None:
        skus.add(row.text(mapping.model.sku))
    return skus - {""}


def _columns(refusals: list[LineRefusal], form: CsvForm) -> list[str]:
    codes = dict.fromkeys(
        f"{each.code} {each.field}" if each.field else each.code for each in refusals
    )
    messages = dict.fromkeys(each.message for each in refusals)
    texts = [harmless("; ".join(each)) for each in (codes, messages)]
    if form.quote:
        return texts
    # without quotes no cell can hold what separates cells
    return [re.sub(f"[{re.escape(form.delimiter)}\r\n]", " ", each) for each in texts]


def in_columns(line: Line, refusal: LineRefusal, mapping: CsvMapping) -> Iterator[LineRefusal]:
    """Yield each fault of a record, with the columns that people would look at."""
    record: Mapping[str, Any] = {} if isinstance(line.data, str) else line.data
    for each in refusal.one_by_one():
        yield _refusal(each, record, mapping)


def _refusal(refusal: LineRefusal, record: Mapping[str, Any], mapping: CsvMapping) -> LineRefusal:
    if "type" not in record:
        return refusal  # of a row that makes no record
    lines = {each["message"]: each["line"] for each in record.get(FAULTS_KEY, ())}
    if refusal.message in lines:  # of a row, with a message of its own
        return replace(refusal, line=lines[refusal.message])
    if refusal.field == "kind" and "kind" not in record and record.get("type") == "product":
        message = (
            f"there is no product {record.get('sku')!r}: the mapping needs `family` in [product] "
            "to make new ones"
        )
        column = ", ".join(mapping.product.sku.fields()) or None
        return replace(refusal, field=column, message=message)
    return replace(refusal, field=_column(refusal.field, record, mapping))


def _column(field: str | None, record: Mapping[str, Any], mapping: CsvMapping) -> str | None:
    """Return the columns that a field of a record was read from; itself where there are none."""
    if field is None or record.get("type") != "product":
        return field
    head = re.split(r"[.\[]", field)[0]
    cell = getattr(mapping.product, head, None) if head in _FIELDS else None
    if head == "categories" and mapping.category is not None:
        cell = mapping.category.column
    if cell is not None and (names := cell.fields()):
        return ", ".join(names)
    if (found := _VALUE.fullmatch(field)) and int(found[1]) < len(record.get("values", [])):
        value = cast("dict[str, Any]", record["values"][int(found[1])])
        columns = dict.fromkeys(
            column_of(each)
            for part in mapping.attribute
            if part.code == value.get("attribute")
            for each in part.places()
            if all(
                (scope := getattr(each, name)) is None or scope.constant in {None, value.get(name)}
                for name in ("locale", "market", "channel")
            )
        )
        return ", ".join(columns) or field
    return field


_FIELDS = ("sku", "kind", "family", "family_variant", "gtin", "parent")
