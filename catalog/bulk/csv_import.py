"""Imports CSVs: mapped to records, imported as those are; what is refused becomes CSVs again."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from catalog.bulk.binding import bind
from catalog.bulk.commands import ImportOptions, import_records
from catalog.bulk.csv_report import in_columns, write_report
from catalog.bulk.discovery import Discovery, discover
from catalog.bulk.known_structure import KnownStructure, find_known
from catalog.bulk.mapped_files import MappedFile, beside, families_made, with_records_of
from catalog.bulk.mapper import Mapper, RecordsWriter
from catalog.bulk.mapping import CsvMapping, read_mapping
from catalog.bulk.model import ImportResult, LineRefusal, Progress
from catalog.bulk.report import Reports, refused_in, reports_of
from catalog.bulk.rows import read_header
from catalog.bulk.source import RecordsFile
from catalog.bulk.structure import MadeFamily
from catalog.changes import Changes
from catalog.media.model import Ingest
from catalog.products.model import Family
from catalog.products.structure_store import find_families


async def import_csvs(
    files: Sequence[tuple[Path, Path]],
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import CSV files through mapping files as one, going on where an interrupted run stopped.

    Args:
        files: each CSV with its mapping, TOML as `docs/csv-mapping.md` describes it; a row may
            name what stands in any of them.
        changes: begins a transaction for each batch.
        ingest: takes in the files of assets.
        progress: gets how far it is.
        options: its report is a CSV; None: `FILE.rejected.csv` beside each file.

    Raises:
        InvalidInputError: a report would replace its file, or there is no channel to publish on.
        UnwritableReportError: a report cannot be written.
        UnreadableFileError: a file cannot be read, or a mapping does not fit.
        PriceInAssetError: a price would get into the metadata of assets.
        AlreadyRunningError: another process imports the same files.
        UnavailableError: the object store cannot be asked.
    """
    options = options or ImportOptions()
    mappings = [read_mapping(mapping_path) for _, mapping_path in files]
    paths = [path for path, _ in files]
    wanted, is_check = options.report, options.is_check
    with (
        reports_of(paths, wanted, extension="csv", is_check=is_check) as reports,
        tempfile.TemporaryDirectory(prefix="vitrine-import-") as folder,
    ):
        mapped = await _map_all(list(zip(paths, mappings, strict=True)), changes, Path(folder))
        result = await import_records(
            [RecordsFile(path=each.records, origin=each.path) for each in mapped],
            reports.journal,
            changes=changes,
            ingest=ingest,
            progress=progress,
            options=options,
        )
        shown = [*islice(_refused(mapped, reports), options.most_shown)]
        reports.remove_former()
        written = await asyncio.to_thread(_write_reports, mapped, reports)
        reports.journal.unlink(missing_ok=True)
    return replace(result, refused=shown, reports=written)


async def _map_all(
    files: Sequence[tuple[Path, CsvMapping]], changes: Changes, folder: Path
) -> list[MappedFile]:
    """Write the records that CSVs mean, beside what there is and what they bring themselves."""
    mappings = [mapping for _, mapping in files]
    mapped: list[MappedFile] = []
    for place, (path, mapping) in enumerate(files):
        header = await asyncio.to_thread(read_header, path, mapping)
        async with changes.pool.acquire() as conn:
            known = await find_known(conn, with_records_of(mapping, mappings))
        known = beside(known, mappings, mapped)
        records = folder / f"{place}.jsonl"
        bound = bind(mapping, header, known)
        found = await asyncio.to_thread(_discover, path, bound, known, records)
        mapped.append(
            MappedFile(path=path, records=records, mapping=bound, known=known, found=found)
        )
    made = families_made(mapped)
    async with changes.pool.acquire() as conn:
        stored = await find_families(conn, list(made))
    for each in mapped:
        await asyncio.to_thread(_write, each, made, stored)
    return mapped


def _discover(path: Path, mapping: CsvMapping, known: KnownStructure, records: Path) -> Discovery:
    with records.open("wb") as file:
        return discover(path, mapping, known, RecordsWriter(file).refuse)


def _write(each: MappedFile, made: Mapping[str, MadeFamily], stored: Mapping[str, Family]) -> None:
    mapper = Mapper(each.path, each.mapping, each.known, each.found)
    with each.records.open("ab") as file:
        writer = RecordsWriter(file)
        for record in mapper.records(made, stored):
            writer.write(record)


def _refused(mapped: Sequence[MappedFile], reports: Reports) -> Iterator[LineRefusal]:
    """Yield every fault with the columns that people would look at, each once a row.

    What a picture shows and the whole of what a product shows are two records of one row.
    """
    mapping_of = {str(each.path): each.mapping for each in mapped}
    told: set[tuple[str | None, int, str]] = set()
    for line, refusal in refused_in(reports.journal):
        mapping = mapping_of[line.file or str(mapped[0].path)]
        for each in in_columns(line, refusal, mapping):
            fault = each.file, each.line, each.message
            if fault not in told:
                told.add(fault)
                yield each


def _write_reports(mapped: Sequence[MappedFile], reports: Reports) -> list[Path]:
    written: list[Path] = []
    for each, path in zip(mapped, reports.paths or (), strict=False):
        file = str(each.path) if len(mapped) > 1 else None
        if write_report(path, each, reports.journal, file):
            written.append(path)
    return written
