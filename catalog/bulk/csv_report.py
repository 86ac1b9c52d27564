"""The report of refused rows: a CSV like the one that was imported, ready to be mended."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson

from catalog.bulk.cell_values import column_of
from catalog.bulk.discovery import Discovered
from catalog.bulk.formulas import harmless
from catalog.bulk.mapping import CsvForm, CsvMapping
from catalog.bulk.model import FAULTS_KEY, Refusal
from catalog.bulk.report import REASON_KEY, writing
from catalog.bulk.rows import REASON_COLUMNS, Row, names_in, read_raw, read_rows

_VALUE = re.compile(r"values[.\[](\d+)\b.*")


def read_journal(journal: Path, mapping: CsvMapping) -> list[Refusal]:
    """Return what was refused of the records, with the columns that people would look at."""
    if not journal.exists():
        return []
    with journal.open("rb") as lines:
        records = (orjson.loads(line) for line in lines)
        return [
            _refusal(fault, record, mapping)
            for record in records
            for fault in Refusal(**record[REASON_KEY]).one_by_one()
        ]


def write_report(
    report: Path, path: Path, mapping: CsvMapping, found: Discovered, refused: Iterable[Refusal]
) -> None:
    """Write the refused rows, and unmarked the other rows that make them what they are.

    Those are the rows of their models, and all rows of a product that has several.
    """
    reasons: dict[int, list[Refusal]] = defaultdict(list)
    for each in refused:
        if not each.message.endswith(f"because line {each.line} was refused"):  # says nothing new
            reasons[each.line].append(each)
    beside = _rows_beside(path, mapping, found, reasons)
    encoding = mapping.csv.encoding
    # a message may name what the encoding of the file cannot write
    with writing(report), report.open("w", encoding=encoding, errors="replace", newline="") as file:
        form = mapping.csv
        writer = csv.writer(
            file,
            delimiter=form.delimiter,
            quotechar=form.quote or None,
            quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        )
        rows = read_raw(path, mapping)
        header = next(rows)
        names = names_in(header)
        is_report = all(column in names for column in REASON_COLUMNS)
        kept = [place for place, name in enumerate(names) if name not in REASON_COLUMNS]
        writer.writerow([*(header.cells[place] for place in kept), *REASON_COLUMNS])
        for each in reasons.pop(0, []):  # of the mapping itself, not of a row
            writer.writerow(["" for _ in kept] + _columns([each], form))
        for row in rows:
            if row.line in reasons or row.line in beside:
                cells = [row.cells[p] if p < len(row.cells) else "" for p in kept]
                given = cells if is_report else map(harmless, cells)
                writer.writerow([*given, *_columns(reasons.get(row.line, []), form)])


def _rows_beside(
    path: Path, mapping: CsvMapping, found: Discovered, lines: Mapping[int, object]
) -> set[int]:
    """Return the lines of the rows that the refused ones need to be what they are."""
    named: dict[str, list[int]] = defaultdict(list)
    refused: set[str] = set()
    for row in read_rows(path, mapping):
        if not isinstance(row, Row):
            continue
        skus = {row.text(mapping.product.sku)}
        if mapping.model is not None:
            skus.add(row.text(mapping.model.sku))
        for sku in skus - {""}:
            named[sku].append(row.line)
            if row.line in lines:
                refused.add(sku)
    for sku in list(refused):
        at = sku
        for _ in range(found.depth(sku)):
            at = found.parents[at]
            refused.add(at)
    return {line for sku in refused for line in named.get(sku, [])}


def _columns(refusals: list[Refusal], form: CsvForm) -> list[str]:
    codes = dict.fromkeys(
        f"{each.code} {each.field}" if each.field else each.code for each in refusals
    )
    messages = dict.fromkeys(each.message for each in refusals)
    texts = [harmless("; ".join(each)) for each in (codes, messages)]
    if form.quote:
        return texts
    # without quotes no cell can hold what separates cells
    return [re.sub(f"[{re.escape(form.delimiter)}\r\n]", " ", each) for each in texts]


def _refusal(refusal: Refusal, record: Mapping[str, Any], mapping: CsvMapping) -> Refusal:
    lines = {each["message"]: each["line"] for each in record.get(FAULTS_KEY, ())}
    if refusal.message in lines:  # told of a row, in its own words
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
