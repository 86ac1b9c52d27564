"""Imports a CSV: mapped to records, imported as those are; what is refused becomes a CSV again."""

import asyncio
import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import orjson

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.discovery import Discovered
from catalog.bulk.mapper import write_records
from catalog.bulk.mapping import CsvMapping, read_mapping
from catalog.bulk.model import ImportResult, Progress, Refusal
from catalog.bulk.report import REASON_KEY, choose_report, writing
from catalog.bulk.rows import REASON_COLUMNS, Row, read_raw, read_rows
from catalog.events.commands import Changes
from catalog.media.model import Ingest


async def import_csv(
    path: Path,
    mapping_path: Path,
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import a CSV file through a mapping file, going on where an interrupted run stopped.

    Args:
        path: of the CSV.
        mapping_path: TOML, as `docs/csv-mapping.md` describes it.
        changes: begins a transaction for each batch.
        ingest: takes in the files of assets.
        progress: is told how far it is.
        options: its report is a CSV; None: `FILE.rejected.csv` beside the import.

    Raises:
        InvalidInputError: the report would replace the file itself.
        UnwritableReportError: the report cannot be written.
        UnreadableFileError: a file cannot be read, or the mapping does not fit.
        PriceInAssetError: a price would get into the metadata of assets.
        AlreadyRunningError: another process imports the same file.
        UnavailableError: the object store cannot be asked.
    """
    options = options or ImportOptions()
    mapping = read_mapping(mapping_path)
    report = choose_report(options.report, path, extension="csv")
    journal = report.with_name(f".{report.name}.unfinished")
    with tempfile.TemporaryDirectory(prefix="vitrine-import-") as folder:
        records = Path(folder) / "records.jsonl"
        found = await asyncio.to_thread(write_records, path, mapping, records)
        result = await import_file(
            records,
            changes=changes,
            ingest=ingest,
            progress=progress,
            options=replace(options, media_root=options.media_root or path.parent, report=journal),
        )
    refused = [*found.refused, *_read_journal(journal)]
    with writing(report):
        report.unlink(missing_ok=True)
    if refused:
        await asyncio.to_thread(_write_report, report, path, mapping, found, refused)
    journal.unlink(missing_ok=True)
    counts = {**result.counts, "rejected": result.rejected + len(found.refused)}
    return replace(result, counts=counts, report=report if refused else None)


def _read_journal(journal: Path) -> list[Refusal]:
    if not journal.exists():
        return []
    with journal.open("rb") as lines:
        return [Refusal(**orjson.loads(line)[REASON_KEY]) for line in lines]


def _write_report(
    report: Path, path: Path, mapping: CsvMapping, found: Discovered, refused: Iterable[Refusal]
) -> None:
    """Write the refused rows, and unmarked the rows of their models, which make them variants."""
    reasons: dict[int, list[Refusal]] = defaultdict(list)
    for each in refused:
        reasons[each.line].append(each)
    models = _models_above(path, mapping, found, reasons)
    with writing(report), report.open("w", encoding=mapping.csv.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=mapping.csv.delimiter)
        rows = read_raw(path, mapping)
        header = next(rows).cells
        kept = [place for place, name in enumerate(header) if name not in REASON_COLUMNS]
        writer.writerow([*(header[place] for place in kept), *REASON_COLUMNS])
        for each in reasons.pop(0, []):  # of the mapping itself, not of a row
            writer.writerow(["" for _ in kept] + _columns([each]))
        for row in rows:
            if row.line in reasons or row.line in models:
                cells = [row.cells[p] if p < len(row.cells) else "" for p in kept]
                writer.writerow([*cells, *_columns(reasons.get(row.line, []))])


def _models_above(
    path: Path, mapping: CsvMapping, found: Discovered, lines: Mapping[int, object]
) -> set[int]:
    places = {
        row.text(mapping.product.sku): row.line
        for row in read_rows(path, mapping)
        if isinstance(row, Row)
    }
    above: set[int] = set()
    for sku, line in places.items():
        if line in lines and (parent := found.parents.get(sku)) in places:
            above.add(places[parent])
    return above


def _columns(refusals: list[Refusal]) -> list[str]:
    codes = [f"{each.code} {each.field}" if each.field else each.code for each in refusals]
    return ["; ".join(codes), "; ".join(each.message for each in refusals)]
