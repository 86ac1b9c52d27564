"""Imports as work: the file and its pictures come from the object store, the report goes there."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from catalog.bulk.commands import ImportOptions, import_files
from catalog.bulk.csv_import import import_csvs
from catalog.bulk.importer import by_type
from catalog.bulk.model import AlreadyRunningError, ImportResult, LineRefusal
from catalog.bulk.rehearsal_store import rehearse
from catalog.bulk.report import read_refused
from catalog.bulk.store import ImportRun, end_run
from catalog.changes import Change, Changes
from catalog.db import open_pool
from catalog.errors import ConflictError, NotFoundError, UnavailableError, VitrineError
from catalog.media.model import Ingest
from catalog.storage.model import ObjectNotFoundError, ObjectStore
from catalog.work import store
from catalog.work.commands import AGAIN, advance_work
from catalog.work.model import RowState, WorkProgress, WorkRow
from imaging.ingest import open_ingestor
from relay.ingest.intake import FileIntake
from relay.works.running import WorkResult, WorkRun

log = structlog.get_logger(__name__)

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Import:
    """The kind `import`: what `vitrine import` does with files that stand beside each other.

    Its arguments: `file`, an upload, and `mapping`, another, for a CSV; `uploads`, all that it
    reads, pictures among them; `publish` and `strict_gtin` as `ImportOptions` has them; `check`:
    only say what would happen.

    Attributes:
        database_url: for sessions of their own, in which checks copy the catalogue.
    """

    store: ObjectStore
    database_url: str

    async def __call__(self, run: WorkRun) -> WorkResult | None:
        """Import what is left, and return the report of what was refused.

        Raises:
            UnavailableError: the same file is being imported; or a part does not answer.
            VitrineError: it cannot be read, or not be imported.
        """
        with tempfile.TemporaryDirectory(prefix="vitrine-work-") as folder:
            try:
                if run.work.args.get("check"):
                    return await self._check(run, Path(folder))
                return await _import(run, self.store, Path(folder))
            except AlreadyRunningError as error:  # perhaps by a relay that was taken for dead
                raise UnavailableError(error.message) from error
            except VitrineError as error:
                error.message = error.message.replace(f"{folder}/", "")
                raise

    async def _check(self, run: WorkRun, folder: Path) -> None:
        """Say what would happen, row by row; nothing is written but that."""
        names = await _fetch(run, self.store, folder)
        async with (
            open_pool(
                self.database_url, application="vitrine check", max_size=1, keeps_session=True
            ) as copy,
            open_ingestor() as ingestor,
            run.until_cancelled(),
        ):
            async with copy.acquire() as conn:
                await rehearse(conn)
            ingest = FileIntake(
                pool=run.changes.pool, store=self.store, ingestor=ingestor, keeps=False
            )
            options = replace(_options(run), is_check=True)
            done = await _read(run, names, folder, Changes(pool=copy), ingest, options)
        rows = [_row_of_check(number, each) for number, each in enumerate(done.refused, 1)]
        checked = sum(sum(each.values()) for each in done.by_type.values())
        progress = WorkProgress(
            done=max(checked, done.rejected),
            failed=done.rejected,
            total=max(checked, done.rejected),
            counts=_flat(done.by_type),
        )
        async with run.changes.begin(run.actor) as change:
            await store.forget_rows(change.conn, run.work.id)
            await advance_work(change, run.work, progress, rows)


async def _import(run: WorkRun, objects: ObjectStore, folder: Path) -> WorkResult | None:
    args = run.work.args
    names = await _fetch(run, objects, folder)
    file = folder / names[args["file"]]
    if args.get(AGAIN):
        if run.work.result_key is None:
            raise ConflictError("the report of what was refused is gone: bring it as a file")
        await _fetch_object(objects, run.work.result_key, file)
    options = replace(_options(run), recorder=_WorkRecorder(run))
    async with open_ingestor() as ingestor:
        ingest = FileIntake(pool=run.changes.pool, store=objects, ingestor=ingestor)
        done = await _read(run, names, folder, run.changes, ingest, options)
    log.info("imported", work=run.work.public_id, was_continued=done.was_continued)

    async def conclude(change: Change) -> None:
        await end_run(change.conn, done.run)

    if done.report is None:
        return WorkResult(conclude=conclude)
    key = run.work.result_keys[-1]
    await objects.write_file(key, done.report)
    return WorkResult(key=key, name=done.report.name, conclude=conclude)


def _options(run: WorkRun) -> ImportOptions:
    args = run.work.args
    return ImportOptions(
        strict_gtin=args["strict_gtin"], publish=tuple(args["publish"]), actor=run.actor
    )


async def _read(
    run: WorkRun,
    names: Mapping[str, str],
    folder: Path,
    changes: Changes,
    ingest: Ingest,
    options: ImportOptions,
) -> ImportResult:
    args = run.work.args
    file = folder / names[args["file"]]
    if args["mapping"] is None:
        return await import_files([file], changes=changes, ingest=ingest, options=options)
    mapped = [(file, folder / names[args["mapping"]])]
    return await import_csvs(mapped, changes=changes, ingest=ingest, options=options)


def _flat(types: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return counts of each type by names such as `products.created`, without zeros."""
    return {
        f"{name}.{word}": count
        for name, counts in types.items()
        for word, count in counts.items()
        if count
    }


def _row_of_check(number: int, refusal: LineRefusal) -> WorkRow:
    return WorkRow(
        number=number,
        state=RowState.FAILED,
        subject=f"line {refusal.line}" if refusal.line else None,
        code=refusal.code,
        message=refusal.message,
    )


async def _fetch(run: WorkRun, objects: ObjectStore, folder: Path) -> dict[str, str]:
    """Bring what an import reads, and return the names of its files by the ids of uploads.

    Raises:
        NotFoundError: a file is not there any more.
    """
    names: dict[str, str] = {}
    for public_id in run.work.args["uploads"]:
        async with run.changes.pool.acquire() as conn:
            upload = await store.find_upload(conn, public_id)
        if upload is None:
            message = f"the upload {public_id} is gone: bring the file again"
            raise NotFoundError(message, field="file")
        await _fetch_object(objects, upload.key, folder / upload.name)
        names[public_id] = upload.name
    return names


async def _fetch_object(objects: ObjectStore, key: str, path: Path) -> None:
    try:
        await objects.read_file(key, path)
    except ObjectNotFoundError as error:
        message = f"{path.name} is not in the object store any more: bring the file again"
        raise NotFoundError(message, field="file") from error


class _WorkRecorder:
    """Keeps refused records as rows of the work, from which their journal can be written again.

    So a relay goes on after the last commit on another machine, too.
    """

    def __init__(self, run: WorkRun) -> None:
        self.name = run.work.public_id
        self._run = run

    async def restore(self, journal: Path) -> None:
        """Write the journal as the last commit left it."""
        after, work = 0, self._run.work.id
        async with self._run.changes.pool.acquire() as conn:
            while rows := (await store.rows_of(conn, [work], after=after, size=_ROWS_AT_ONCE)).get(
                work
            ):
                after = rows[-1].number
                text = "".join(each.source or "" for each in rows)
                await asyncio.to_thread(_append, journal, text.encode())

    async def record(
        self, change: Change, before: ImportRun, after: ImportRun, *, journal: Path, total: int
    ) -> None:
        """Say how far the work is, with what the batch refused."""
        work = self._run.work
        if after.committed == 0:
            await store.forget_rows(change.conn, work.id)
        typed = sum(n for name, n in after.counts.items() if name.endswith(".rejected"))
        unread = after.counts["rejected"] - typed  # lines that are no records, of no type
        done = after.committed + unread
        progress = WorkProgress(
            done=done,
            failed=after.counts["rejected"],
            total=max(total + unread, done),  # publications are not in the files
            counts=_flat(by_type(after.counts)),
        )
        await advance_work(change, work, progress)
        begin, end = before.report_bytes, after.report_bytes
        while begin < end:
            rows, begin = await asyncio.to_thread(_rows, journal, begin, end)
            await store.add_rows(change.conn, work.id, rows)


def _append(journal: Path, body: bytes) -> None:
    with journal.open("ab") as file:
        file.write(body)


def _rows(journal: Path, begin: int, end: int) -> tuple[list[WorkRow], int]:
    """Read what was refused between two lengths of a journal, or the first lines of it.

    Returns:
        The rows, of which each has its place as its number; and where they end.
    """
    rows: list[WorkRow] = []
    with journal.open("rb") as file:
        file.seek(begin)
        while (place := file.tell()) < end and len(rows) < _ROWS_AT_ONCE:
            raw = file.readline()
            line, refusal = read_refused(raw)
            kind = line.data.get("type") if not isinstance(line.data, str) else None
            rows.append(
                WorkRow(
                    number=place + 1,
                    state=RowState.FAILED,
                    subject=f"line {refusal.line}" if refusal.line else kind,
                    code=refusal.code,
                    message=refusal.message,
                    source=raw.decode(),
                )
            )
        return rows, place
