"""Changes of work: started, cancelled, retried; begun, advanced and ended by the relay."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalog.access import principals
from catalog.access.roles import Action
from catalog.access.rules import EVERYWHERE, may
from catalog.access.store import all_assignments
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.ids import new_public_id
from catalog.jobs import Job, defer
from catalog.principal import Principal
from catalog.work import store
from catalog.work.model import (
    Upload,
    Work,
    WorkCancelledError,
    WorkProgress,
    WorkRow,
    WorkState,
    WorkTakenOverError,
)

QUEUE: Final = "work"
TASK: Final = "work:do"
#: What a kind is told where only the rows that failed are to be gone through again.
AGAIN: Final = "again"
#: Kinds.
IMPORT: Final = "import"
EXPORT: Final = "export"
#: What starting a work of a kind takes, and so does having it done again.
ACTION_OF: Final[Mapping[str, Action]] = {
    IMPORT: Action.FILES_IMPORT,
    EXPORT: Action.FILES_EXPORT,
}
#: Of the name of a file, in UTF-8: whoever reads it gives names that are longer by a little.
MOST_NAME_BYTES: Final = 200
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]*")


async def announce_upload(change: Change, name: str) -> Upload:
    """Let a file be brought.

    Raises:
        InvalidInputError: the name is none of a file.
    """
    if not _FILE_NAME.fullmatch(name) or len(name.encode()) > MOST_NAME_BYTES:
        raise InvalidInputError(
            f"a file has a name without slashes, of at most {MOST_NAME_BYTES} bytes", field="name"
        )
    upload = await store.add_upload(change.conn, new_public_id(), name, by=change.actor.id)
    await _record_upload(change, upload, "upload.announced")
    return upload


async def receive_upload(change: Change, upload: Upload, size_bytes: int) -> None:
    """Say that a file has come; it is to be in the object store before this commits.

    Raises:
        ConflictError: it had come already, or whoever announced it is in use no more.
    """
    if change.actor.ended_at is not None:
        raise ConflictError("whoever announced this file has left: announce it anew")
    if not await store.set_uploaded(change.conn, upload.public_id, size_bytes):
        raise ConflictError("this file has come already: announce another")
    await _record_upload(change, upload, "upload.received")


async def uploads_for(change: Change, ids: Sequence[str], *, field: str) -> list[Upload]:
    """Return files that have come, for work to read.

    Raises:
        NotFoundError: there is none of an id that whoever asks has brought.
        ConflictError: one has not come yet.
    """
    found: list[Upload] = []
    for public_id in ids:
        upload = await store.find_upload(change.conn, public_id)
        if upload is None or upload.created_by != change.actor.id:
            raise NotFoundError(f"there is no upload {public_id} of yours", field=field)
        if upload.bytes is None:
            raise ConflictError(f"the file of upload {public_id} has not come yet", field=field)
        found.append(upload)
    return found


async def start_work(change: Change, kind: str, args: Mapping[str, Any]) -> Work:
    """Have the relay do something that may take long, in the name of whoever makes the change."""
    work = await store.add_work(change.conn, new_public_id(), kind, args, by=change.actor.id)
    await _queue(change, work)
    await _record(change, work, "work.queued")
    return work


async def cancel_work(change: Change, public_id: str) -> Work:
    """End a work: one that is queued at once, one that runs with its present batch.

    What it has committed stays. To ask twice is to ask once.

    Raises:
        NotFoundError: there is no such work.
        ConflictError: it is done or has failed.
    """
    work = await _locked(change, public_id)
    if work.state is WorkState.QUEUED:
        await store.set_state(change.conn, work.id, WorkState.CANCELLED)
        return await _record(change, work, "work.cancelled")
    if work.state is WorkState.RUNNING:
        if work.cancel_asked_at is None:
            await store.ask_cancel(change.conn, work.id)
            return await _record(change, work, "work.cancel_asked")
        return work
    if work.state is WorkState.CANCELLED:
        return work
    raise ConflictError("this work has ended: there is nothing to cancel", field="id")


async def retry_work(change: Change, public_id: str) -> Work:
    """Have a work done that was not: it goes on behind the last commit.

    Of one that is done only the rows that failed are gone through again.

    Raises:
        NotFoundError: there is no such work.
        ConflictError: it is running, or nothing of it failed.
    """
    work = await _locked(change, public_id)
    if work.state is WorkState.QUEUED:
        return work
    if work.state is WorkState.RUNNING:
        raise ConflictError("this work is running: cancel it first", field="id")
    if work.state is WorkState.DONE:
        if not work.failed:
            raise ConflictError("nothing of this work failed", field="id")
        await store.start_over(change.conn, work.id, {**work.args, AGAIN: True})
    await store.set_state(change.conn, work.id, WorkState.QUEUED)
    await _queue(change, work)
    return await _record(change, work, "work.queued")


async def begin_work(change: Change, public_id: str) -> Work | None:
    """Begin a work, or take it over from a relay that gave no sign of life; None: it is over."""
    work = await store.find_work(change.conn, public_id, lock=True)
    if work is None or work.state.is_over:
        return None
    if work.cancel_asked_at is not None:
        await store.set_state(change.conn, work.id, WorkState.CANCELLED)
        await _record(change, work, "work.cancelled")
        return None
    await store.begin(change.conn, work.id)
    return await _record(change, work, "work.begun")


async def advance_work(
    change: Change, work: Work, progress: WorkProgress, rows: Sequence[WorkRow] = ()
) -> None:
    """Say how far a work is, in the transaction of the batch that it just did.

    Raises:
        WorkCancelledError: somebody wants no more of it: let the batch be undone.
        WorkTakenOverError: another relay does it now: the same.
        ForbiddenError: whoever started it has ended, or may not do it any more: the same.
    """
    is_cancelled = await store.advance(change.conn, work, progress)
    if is_cancelled is None:
        raise WorkTakenOverError("another relay does this work now")
    if is_cancelled:
        raise WorkCancelledError("somebody cancelled this work")
    await starter_of(change.conn, work)
    await store.add_rows(change.conn, work.id, rows)


async def starter_of(conn: Connection, work: Work) -> Principal:
    """Return in whose name a work is done.

    Raises:
        ForbiddenError: they have ended, or may not have it done any more: nothing more is.
    """
    starter = (await principals.find(conn, [work.started_by]))[work.started_by]
    if starter.ended_at is not None:
        raise ForbiddenError("whoever started this work has ended: start it anew as somebody else")
    action = ACTION_OF.get(work.kind)
    if action is not None and not may(await all_assignments(conn, starter.id), action, EVERYWHERE):
        raise ForbiddenError(
            f"whoever started this work may not do it any more, it takes `{action}`: start it anew "
            "as somebody who may"
        )
    return starter


async def end_work(
    change: Change,
    work: Work,
    state: WorkState,
    *,
    cause: str | None = None,
    result: tuple[str, str] | None = None,
) -> Work:
    """Say what became of a work.

    Args:
        change: the transaction.
        work: as it was begun.
        state: what it ends as.
        cause: why it failed.
        result: key and name of its result file, once it is done; None: it has none.

    Raises:
        WorkTakenOverError: another relay does it now.
    """
    now = await _locked(change, work.public_id)
    if now.attempt != work.attempt or now.state is not WorkState.RUNNING:
        raise WorkTakenOverError("another relay does this work now")
    if state is WorkState.DONE:  # else the report of before is still what is to be tried again
        key, name = result or (None, None)
        await store.set_result(change.conn, work.id, key, name)
    await store.set_state(change.conn, work.id, state, cause=cause)
    return await _record(change, work, f"work.{state}")


async def _record_upload(change: Change, upload: Upload, event_type: str) -> None:
    await change.record(
        Event(
            type=event_type,
            subject=f"upload/{upload.public_id}",
            version=1 if upload.bytes is None else 2,
            data={"upload": upload.public_id, "name": upload.name},
        )
    )


async def _queue(change: Change, work: Work) -> None:
    await defer(change.conn, Job(queue=QUEUE, task=TASK, args={"work": work.public_id}))


async def _locked(change: Change, public_id: str) -> Work:
    work = await store.find_work(change.conn, public_id, lock=True)
    if work is None:
        raise NotFoundError(f"there is no work {public_id}", field="id")
    return work


async def _record(change: Change, work: Work, event_type: str) -> Work:
    """Record what became of a work, and return it as it is now."""
    now = await _locked(change, work.public_id)
    await change.record(
        Event(
            type=event_type,
            subject=f"work/{now.public_id}",
            version=now.revision,
            data={"work": now.public_id, "kind": now.kind, "done": now.done, "failed": now.failed},
        )
    )
    return now
