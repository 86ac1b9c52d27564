"""An import: every record in a batch with a commit of its own, and its place in the files."""

import asyncio
import hashlib
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from catalog.bulk import store
from catalog.bulk.batches import in_batches
from catalog.bulk.importer import Importer, by_type
from catalog.bulk.intake import Intake
from catalog.bulk.model import ImportResult, Line, NoProgress, Progress
from catalog.bulk.recorder import Record, Recorder
from catalog.bulk.records import RECORD_TYPES, TYPES_BY_NAME, RecordType
from catalog.bulk.report import RefusalJournal, refused_in, reports_of
from catalog.bulk.source import RecordsFile, Source, scan
from catalog.changes import Changes
from catalog.errors import InvalidInputError
from catalog.media.model import Ingest
from catalog.principal import IMPORT, Principal

#: Faults that a check shows one by one.
MOST_SHOWN_BY_CHECK = 1_000
#: Faults that an import shows one by one; its report has all.
MOST_SHOWN_BY_IMPORT = 10
_MANY = 1_000  # records, after which PostgreSQL's idea of its tables is of no use


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options of an import.

    Attributes:
        media_root: folder that the files of assets are named from; None: that of each file.
        report: where refused records go, of one file; None: `FILE.rejected.jsonl` beside each.
        strict_gtin: a wrong GTIN costs its product; else it is kept aside for a person.
        is_check: the changes go to a copy that ends with the import (`rehearsal_store`): nobody
            else imports into it, and the tables need no look.
        publish: channels on which every product of the files is published, a variant with its
            model.
        actor: who the changes are recorded for.
        recorder: keeps besides how far the import is, and forgets its run once nothing of it can be
            lost any more (`store.end_run`); None: nobody does, and its end forgets it.
    """

    media_root: Path | None = None
    report: Path | None = None
    strict_gtin: bool = False
    is_check: bool = False
    publish: Sequence[str] = ()
    actor: Principal = IMPORT
    recorder: Recorder | None = None

    @property
    def most_shown(self) -> int:
        """How many faults are shown one by one."""
        return MOST_SHOWN_BY_CHECK if self.is_check else MOST_SHOWN_BY_IMPORT


async def import_files(
    paths: Sequence[Path],
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import files of the bulk format as one, going on where an interrupted run of them stopped.

    Args:
        paths: JSON Lines; a record may name one that stands in any of them.
        changes: begins a transaction for each batch.
        ingest: takes in the files of assets.
        progress: gets how far it is.
        options: None: the defaults.

    Raises:
        InvalidInputError: a report would replace its file, or there is no channel to publish on.
        UnwritableReportError: a report cannot be written.
        UnreadableFileError: there is no such file, or it may not be read.
        AlreadyRunningError: another process imports the same files.
        UnavailableError: the object store cannot be asked.
    """
    options = options or ImportOptions()
    wanted, is_check = options.report, options.is_check
    with reports_of(paths, wanted, extension="jsonl", is_check=is_check) as reports:
        files = [RecordsFile(path=path, origin=path) for path in paths]
        result = await import_records(
            files,
            reports.journal,
            changes=changes,
            ingest=ingest,
            progress=progress,
            options=options,
        )
        faults = (one for _, each in refused_in(reports.journal) for one in each.one_by_one())
        shown = list(islice(faults, options.most_shown))
        reports.remove_former()
        written = await asyncio.to_thread(reports.split, paths)
        return replace(result, refused=shown, reports=written)


async def import_file(
    path: Path,
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import one file of the bulk format, as `import_files` does."""
    return await import_files(
        [path], changes=changes, ingest=ingest, progress=progress, options=options
    )


async def import_records(
    files: Sequence[RecordsFile],
    journal: Path,
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None,
    options: ImportOptions,
) -> ImportResult:
    """Import records, and write down which were refused; reports are the caller's.

    Args:
        files: that hold them.
        journal: JSON Lines that the refused records are appended to.
        changes: begins a transaction for each batch.
        ingest: takes in the files of assets.
        progress: gets how far it is.
        options: of the import.

    Raises:
        InvalidInputError: there is no channel to publish on.
        UnwritableReportError: the journal cannot be written.
        UnreadableFileError: there is no such file, or it may not be read.
        AlreadyRunningError: another process imports the same files.
        UnavailableError: the object store cannot be asked.
    """
    started = time.monotonic()
    source = await asyncio.to_thread(scan, files)
    await _check_channels(source, changes, options.publish)
    key = name = _key(source, options)
    async with nullcontext() if options.is_check else store.alone(changes.pool, key):
        if options.recorder is not None:
            name = f"{options.recorder.name} {key}"
            await options.recorder.restore(journal)
        run = await _find_run(changes, name, journal)
        report = RefusalJournal(journal, length_bytes=run.report_bytes if run else 0)
        importer = Importer(
            changes=changes,
            actor=options.actor,
            key=name,
            report=report,
            run=run,
            record=_record_of(source, journal, options.recorder),
        )
        if run is None:
            await importer.start(source.refused())
        await _import(source, importer, ingest, progress or NoProgress(), options)
        if importer.committed >= _MANY:  # a publication is one record of many products
            await importer.analyse()
        if options.recorder is None:
            await importer.finish()
    return ImportResult(
        counts={name: count for name, count in importer.counts.items() if "." not in name},
        by_type=by_type(importer.counts),
        seconds=round(time.monotonic() - started, 3),
        was_continued=run is not None,
        run=name,
    )


def _record_of(source: Source, journal: Path, recorder: Recorder | None) -> Record | None:
    if recorder is None:
        return None
    total = sum(source.count(kind.name) for kind in RECORD_TYPES)
    return partial(recorder.record, journal=journal, total=total)


async def _check_channels(source: Source, changes: Changes, publish: Sequence[str]) -> None:
    """Refuse to publish where nobody could, before anything is written.

    Raises:
        InvalidInputError: there is no such channel, and no record brings it.
    """
    if not publish:
        return
    async with changes.pool.acquire() as conn:
        known = await store.channel_codes(conn)
    if set(publish) <= known:
        return
    known |= await asyncio.to_thread(source.codes, "channel")
    missing = [channel for channel in publish if channel not in known]
    if missing:
        there = f"there are {', '.join(sorted(known))}" if known else "import one first"
        raise InvalidInputError(
            f"there is no channel {missing[0]!r} to publish on: {there}", field="publish"
        )


async def _find_run(changes: Changes, key: str, journal: Path) -> store.ImportRun | None:
    """Return how far the import is; one that is bereft of its journal begins anew."""
    async with changes.pool.acquire() as conn:
        run = await store.find_run(conn, key)
        if run is None or RefusalJournal.holds(journal, run.report_bytes):
            return run
        await store.end_run(conn, key)
    return None


def _key(source: Source, options: ImportOptions) -> str:
    strict = ["strict"] if options.strict_gtin else []
    told = "\0".join([source.sha256, str(options.media_root or ""), *options.publish, *strict])
    return hashlib.sha256(told.encode()).hexdigest()


async def _import(
    source: Source, importer: Importer, ingest: Ingest, progress: Progress, options: ImportOptions
) -> None:
    done = importer.committed
    skipped: dict[str, int] = {}
    for kind in RECORD_TYPES:
        skipped[kind.name] = min(done, source.count(kind.name))
        done -= skipped[kind.name]
    pictures = (
        (options.media_root or origin.parent, file)
        for origin, file in source.assets(skipped["asset"])
    )
    async with Intake(ingest, pictures) as intake:
        for kind in RECORD_TYPES:
            skip = skipped[kind.name]
            lines = source.read(kind.name, skip)
            if options.strict_gtin and kind.name == "product":
                lines = map(_strict, lines)
            await _apply(kind, lines, source.count(kind.name) - skip, importer, intake, progress)
        for channel in options.publish:
            extra = await importer.publications(channel, source.skus, source.name_of(0))
            lines = extra[done:]
            done = max(0, done - len(extra))
            kind = TYPES_BY_NAME["publication"]
            await _apply(kind, lines, len(lines), importer, intake, progress)


def _strict(line: Line) -> Line:
    assert not isinstance(line.data, str)  # noqa: S101 - those lines have no type
    return replace(line, data={**line.data, "strict_gtin": True})


async def _apply(
    kind: RecordType,
    lines: Iterable[Line],
    count: int,
    importer: Importer,
    intake: Intake,
    progress: Progress,
) -> None:
    if count == 0:
        return
    progress.start(kind.plural, count)
    async for batch in in_batches(kind, lines, intake):
        await importer.commit(kind, batch)
        progress.advance(len(batch))
    if count >= _MANY:
        await importer.analyse()
