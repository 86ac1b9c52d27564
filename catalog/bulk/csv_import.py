"""Imports a CSV: mapped to records, imported as those are; what is refused becomes a CSV again."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from catalog.bulk.binding import bind
from catalog.bulk.commands import MAX_SHOWN, ImportOptions, import_file
from catalog.bulk.csv_report import read_journal, write_report
from catalog.bulk.discovery import Discovered, discover
from catalog.bulk.known import find_known
from catalog.bulk.mapper import Mapper
from catalog.bulk.mapping import CsvMapping, read_mapping
from catalog.bulk.model import ImportResult, Progress
from catalog.bulk.report import choose_report, writing
from catalog.bulk.rows import read_header
from catalog.events.commands import Changes
from catalog.media.model import Ingest
from catalog.products.structure_store import find_families


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
        mapping, found = await _map(path, mapping, changes, records)
        result = await import_file(
            records,
            changes=changes,
            ingest=ingest,
            progress=progress,
            options=replace(options, media_root=options.media_root or path.parent, report=journal),
        )
    refused = [*found.refused, *read_journal(journal, mapping)]
    with writing(report):
        report.unlink(missing_ok=True)
    if refused:
        await asyncio.to_thread(write_report, report, path, mapping, found, refused)
    journal.unlink(missing_ok=True)
    unread = len({each.line for each in found.refused})
    counts = {**result.counts, "rejected": result.rejected + unread}
    told = refused[:MAX_SHOWN] if options.is_check else ()
    return replace(result, counts=counts, report=report if refused else None, refused=told)


async def _map(
    path: Path, mapping: CsvMapping, changes: Changes, records: Path
) -> tuple[CsvMapping, Discovered]:
    """Write the records that a CSV means, beside what the catalogue has already."""
    header = await asyncio.to_thread(read_header, path, mapping)
    async with changes.pool.acquire() as conn:
        known = await find_known(conn, mapping)
    mapping = bind(mapping, header, known)
    found = await asyncio.to_thread(discover, path, mapping, known)
    async with changes.pool.acquire() as conn:
        families = await find_families(conn, list(found.families))
    await asyncio.to_thread(Mapper(path, mapping, known, found, families).write, records)
    return mapping, found
