"""An import: every record in a batch with a commit of its own, and its place in the file."""

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from catalog.bulk import store
from catalog.bulk.batches import in_batches
from catalog.bulk.importer import Importer
from catalog.bulk.intake import Intake
from catalog.bulk.model import ImportResult, Line, Progress, Silent
from catalog.bulk.records import RECORD_TYPES
from catalog.bulk.report import Report
from catalog.bulk.source import Source, scan
from catalog.events.commands import Changes
from catalog.media.model import Ingest


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What an import may be told.

    Attributes:
        media_root: folder that the files of assets are named from; None: that of the import.
        report: where refused records go; None: `FILE.rejected.jsonl` beside the import.
        publish: channels on which every model and simple product of the file is published.
        actor: who the changes are recorded for.
    """

    media_root: Path | None = None
    report: Path | None = None
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
        UnreadableFileError: there is no such file, or it may not be read.
        AlreadyRunningError: another process imports the same file.
        UnavailableError: the object store cannot be asked.
    """
    options = options or ImportOptions()
    started = time.monotonic()
    source = await asyncio.to_thread(scan, path)
    key = _key(source, options)
    async with changes.pool.acquire() as conn:
        run = await store.find_run(conn, key)
    report_path = options.report or path.with_name(f"{path.stem}.rejected.jsonl")
    report = Report(report_path, length_bytes=run.report_bytes if run else 0)
    importer = Importer(changes=changes, actor=options.actor, key=key, report=report, run=run)
    if run is None:
        await importer.start(source.refused)
    await _import(source, importer, ingest, progress or Silent(), options)
    await importer.finish()
    return ImportResult(
        counts=importer.counts,
        seconds=round(time.monotonic() - started, 3),
        was_continued=run is not None,
        report=report_path if report.length_bytes else None,
    )


def _key(source: Source, options: ImportOptions) -> str:
    told = "\0".join([source.sha256, str(options.media_root or ""), *options.publish])
    return hashlib.sha256(told.encode()).hexdigest()


async def _import(
    source: Source, importer: Importer, ingest: Ingest, progress: Progress, options: ImportOptions
) -> None:
    extra = [
        Line(number=0, data={"channel": channel, "skus": source.publishable})
        for channel in options.publish
    ]
    ready = importer.committed
    skipped: dict[str, int] = {}
    for kind in RECORD_TYPES:
        total = source.count(kind.name) + (len(extra) if kind.name == "publication" else 0)
        skipped[kind.name] = min(ready, total)
        ready -= skipped[kind.name]
    root = options.media_root or source.path.parent
    async with Intake(ingest, root, _files(source, skipped["asset"])) as intake:
        for kind in RECORD_TYPES:
            skip = skipped[kind.name]
            is_last = kind.name == "publication"
            total = source.count(kind.name) + (len(extra) if is_last else 0)
            if skip == total:
                continue
            progress.start(kind.plural, total)
            progress.advance(skip)
            lines = source.read(kind.name, skip)
            if is_last:
                lines = chain(lines, extra[max(0, skip - source.count(kind.name)) :])
            async for batch in in_batches(kind, lines, intake):
                await importer.commit(kind, batch)
                progress.advance(len(batch))


def _files(source: Source, start: int) -> Iterator[str | None]:
    for line in source.read("asset", start):
        file = None if isinstance(line.data, str) else line.data.get("file")
        yield file if isinstance(file, str) else None
