"""An import: every record in a batch with a commit of its own, and its place in the file."""

import asyncio
import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from catalog.bulk import store
from catalog.bulk.batches import in_batches
from catalog.bulk.importer import Importer, by_type
from catalog.bulk.intake import Intake
from catalog.bulk.model import ImportResult, Line, Progress, Silent
from catalog.bulk.records import RECORD_TYPES, TYPES_BY_NAME, RecordType
from catalog.bulk.report import Report, choose_report
from catalog.bulk.source import Source, scan
from catalog.events.commands import Changes
from catalog.media.model import Ingest

#: Faults that a check tells of one by one.
MAX_SHOWN = 1_000
_MANY = 1_000  # records, after which PostgreSQL's idea of its tables is of no use


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What an import may be told.

    Attributes:
        media_root: folder that the files of assets are named from; None: that of the import.
        report: where refused records go; None: `FILE.rejected.jsonl` beside the import.
        strict_gtin: a wrong GTIN costs its product; else it is kept aside for a person.
        is_check: the changes go to a copy that ends with the import (`rehearsal_store`): nobody
            else imports into it, and the tables need no look.
        publish: channels on which every model and simple product of the file is published.
        actor: who the changes are recorded for.
    """

    media_root: Path | None = None
    report: Path | None = None
    strict_gtin: bool = False
    is_check: bool = False
    publish: Sequence[str] = ()
    actor: str = "import"


async def import_file(
    path: Path,
    *,
    changes: Changes,
    ingest: Ingest,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import a file of the bulk format, going on where an interrupted run of it stopped.

    Args:
        path: JSON Lines.
        changes: begins a transaction for each batch.
        ingest: takes in the files of assets.
        progress: is told how far it is.
        options: None: the defaults.

    Raises:
        InvalidInputError: the report would replace the file itself.
        UnwritableReportError: the report cannot be written.
        UnreadableFileError: there is no such file, or it may not be read.
        AlreadyRunningError: another process imports the same file.
        UnavailableError: the object store cannot be asked.
    """
    options = options or ImportOptions()
    started = time.monotonic()
    source = await asyncio.to_thread(scan, path)
    key = _key(source, options)
    report_path = choose_report(options.report, path, extension="jsonl")
    async with nullcontext() if options.is_check else store.alone(changes.pool, key):
        async with changes.pool.acquire() as conn:
            run = await store.find_run(conn, key)
        report = Report(report_path, length_bytes=run.report_bytes if run else 0)
        importer = Importer(changes=changes, actor=options.actor, key=key, report=report, run=run)
        if run is None:
            await importer.start(source.refused())
        await _import(source, importer, ingest, progress or Silent(), options)
        if importer.committed >= _MANY:  # a publication is one record of many products
            await importer.analyse()
        await importer.finish()
    return ImportResult(
        counts={name: count for name, count in importer.counts.items() if "." not in name},
        by_type=by_type(importer.counts),
        refused=list(islice(report.faults(), MAX_SHOWN)) if options.is_check else (),
        seconds=round(time.monotonic() - started, 3),
        was_continued=run is not None,
        report=report_path if report.length_bytes else None,
    )


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
    root = options.media_root or source.path.parent
    async with Intake(ingest, root, _files(source, skipped["asset"])) as intake:
        for kind in RECORD_TYPES:
            skip = skipped[kind.name]
            lines = source.read(kind.name, skip)
            if options.strict_gtin and kind.name == "product":
                lines = map(_strict, lines)
            await _apply(kind, lines, source.count(kind.name) - skip, importer, intake, progress)
        for channel in options.publish:
            extra = await importer.publications(channel, source.publishable)
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


def _files(source: Source, start: int) -> Iterator[str | None]:
    for line in source.read("asset", start):
        file = None if isinstance(line.data, str) else line.data.get("file")
        yield file if isinstance(file, str) else None
