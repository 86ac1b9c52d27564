"""The SQL of work and of the files that it reads."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from catalog.db import Connection, Record
from catalog.statement_values import StatementValues, all_of
from catalog.work.model import RowState, Upload, Work, WorkProgress, WorkRow, WorkState

_COLUMNS = """
id, public_id, revision, kind, state, done, total, failed, counts, cause, args, position, attempt,
cancel_asked_at, result_key, result_name, started_by, created_at, began_at, ended_at
"""

ADD_SQL = f"""
INSERT INTO work (public_id, kind, args, started_by) VALUES ($1, $2, $3, $4) RETURNING {_COLUMNS}
"""  # noqa: S608 - ours


async def add_work(
    conn: Connection, public_id: str, kind: str, args: Mapping[str, Any], *, by: uuid.UUID
) -> Work:
    """Add a work that is queued."""
    row = await conn.fetchrow(ADD_SQL, public_id, kind, dict(args), by)
    assert row is not None  # noqa: S101 - it is returned as it is inserted
    return _work(row)


FIND_SQL = f"SELECT {_COLUMNS} FROM work WHERE public_id = $1"  # noqa: S608 - ours
LOCK_SQL = f"{FIND_SQL} FOR UPDATE"


async def find_work(conn: Connection, public_id: str, *, lock: bool = False) -> Work | None:
    """Return a work, locked until this transaction ends if need be; None: there is none."""
    row = await conn.fetchrow(LOCK_SQL if lock else FIND_SQL, public_id)
    return None if row is None else _work(row)


#: Most have an index that begins with it, and ends with the id by which pages go on.
_CONDITIONS: Final[Mapping[str, str]] = {
    "kind": "kind = {}",
    "state": "state = {}",
    "started_by": "started_by = {}",
    "since": "created_at >= {}",
    "until": "created_at < {}",
    "before": "id < {}",
}


async def list_works(  # noqa: PLR0913 - the filters of the list
    conn: Connection,
    *,
    size: int,
    kind: str | None = None,
    state: WorkState | None = None,
    started_by: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
) -> list[Work]:
    """Return works, the newest first, at most so many; what is None is not asked.

    Args:
        conn: to the database.
        size: the most that are returned.
        kind: theirs.
        state: theirs.
        started_by: who wanted them.
        since: wanted from this instant on.
        until: wanted before this instant.
        before: only those with smaller ids.
    """
    wanted = {"kind": kind, "state": state, "started_by": started_by}
    wanted |= {"since": since, "until": until, "before": before}
    values = StatementValues(size)
    where = all_of(values.asked(_CONDITIONS, wanted))
    statement = f"SELECT {_COLUMNS} FROM work WHERE {where} ORDER BY id DESC LIMIT $1"  # noqa: S608 - ours
    return [_work(row) for row in await conn.fetch(statement, *values.all)]


COUNT_WORKS_SQL = """
SELECT kind, state, count(*) AS count FROM work WHERE ($1::uuid IS NULL OR started_by = $1)
GROUP BY kind, state ORDER BY kind, state
"""


async def count_works(
    conn: Connection, started_by: uuid.UUID | None
) -> list[tuple[str, WorkState, int]]:
    """Return kind, state and how many; of those that somebody started, or None: of all."""
    rows = await conn.fetch(COUNT_WORKS_SQL, started_by)
    return [(row["kind"], WorkState(row["state"]), row["count"]) for row in rows]


def _work(row: Record) -> Work:
    fields: dict[str, Any] = {**row, "state": WorkState(row["state"])}
    return Work(**fields)


OLD_WORKS_SQL = f"SELECT {_COLUMNS} FROM work WHERE ended_at < $1 ORDER BY ended_at LIMIT $2"  # noqa: S608 - ours
FORGET_WORKS_SQL = "DELETE FROM work WHERE id = ANY ($1) AND ended_at IS NOT NULL"


async def old_works(conn: Connection, before: datetime, *, most: int) -> list[Work]:
    """Return works that ended before an instant."""
    return [_work(row) for row in await conn.fetch(OLD_WORKS_SQL, before, most)]


async def forget_works(conn: Connection, works: Sequence[int]) -> None:
    """Forget works that have ended, with their rows."""
    await conn.execute(FORGET_WORKS_SQL, list(works))


SET_STATE_SQL = """
UPDATE work SET state = $2, cause = $3, revision = revision + 1,
    ended_at = CASE WHEN $2 IN ('queued', 'running') THEN NULL ELSE clock_timestamp() END,
    cancel_asked_at = CASE WHEN $2 IN ('queued', 'running') THEN NULL ELSE cancel_asked_at END
WHERE id = $1
"""


async def set_state(
    conn: Connection, work: int, state: WorkState, *, cause: str | None = None
) -> None:
    """Say how far a locked work is."""
    await conn.execute(SET_STATE_SQL, work, state, cause)


BEGIN_SQL = """
UPDATE work SET state = 'running', attempt = attempt + 1, began_at = clock_timestamp(),
    revision = revision + 1
WHERE id = $1
"""


async def begin(conn: Connection, work: int) -> None:
    """Say that a locked work is being done: whoever did it before writes no more."""
    await conn.execute(BEGIN_SQL, work)


ASK_CANCEL_SQL = """
UPDATE work SET cancel_asked_at = clock_timestamp(), revision = revision + 1 WHERE id = $1
"""


async def ask_cancel(conn: Connection, work: int) -> None:
    """Have a running work end with its present batch."""
    await conn.execute(ASK_CANCEL_SQL, work)


AGAIN_SQL = """
UPDATE work SET args = $2, done = 0, total = NULL, failed = 0, position = NULL,
    counts = '{}' WHERE id = $1
"""


async def start_over(conn: Connection, work: int, args: Mapping[str, Any]) -> None:
    """Let a locked work begin at its start, with other arguments."""
    await conn.execute(AGAIN_SQL, work, dict(args))


ADVANCE_SQL = """
UPDATE work SET done = $3, failed = $4, total = $5, position = $6, counts = $7
WHERE id = $1 AND attempt = $2 AND state = 'running'
RETURNING cancel_asked_at IS NOT NULL AS is_cancelled
"""


async def advance(conn: Connection, work: Work, progress: WorkProgress) -> bool | None:
    """Say how far a work is, in the transaction of what it did.

    Returns:
        Whether it is to be cancelled; None: somebody else does it now.
    """
    return await conn.fetchval(
        ADVANCE_SQL,
        work.id,
        work.attempt,
        progress.done,
        progress.failed,
        progress.total,
        None if progress.position is None else dict(progress.position),
        dict(progress.counts),
    )


RESULT_SQL = "UPDATE work SET result_key = $2, result_name = $3 WHERE id = $1"


async def set_result(conn: Connection, work: int, key: str | None, name: str | None) -> None:
    """Say where the result file of a locked work is."""
    await conn.execute(RESULT_SQL, work, key, name)


ADD_ROWS_SQL = """
INSERT INTO work_row (work, number, state, subject, code, message, source)
SELECT $1, number, state, subject, code, message, source
FROM jsonb_to_recordset($2) AS x(
    number bigint, state text, subject text, code text, message text, source text)
ON CONFLICT (work, number) DO UPDATE SET state = EXCLUDED.state, subject = EXCLUDED.subject,
    code = EXCLUDED.code, message = EXCLUDED.message, source = EXCLUDED.source
"""
FORGET_ROWS_SQL = "DELETE FROM work_row WHERE work = $1"


async def add_rows(conn: Connection, work: int, rows: Sequence[WorkRow]) -> None:
    """Write what became of rows; of one that was tried before, what became of it now."""
    if rows:
        names = ("number", "state", "subject", "code", "message", "source")
        given = [{name: getattr(each, name) for name in names} for each in rows]
        await conn.execute(ADD_ROWS_SQL, work, given)


async def forget_rows(conn: Connection, work: int) -> None:
    """Forget what became of all rows: they are gone through anew."""
    await conn.execute(FORGET_ROWS_SQL, work)


ROWS_SQL = """
SELECT work, r.* FROM unnest($1::bigint[]) AS work CROSS JOIN LATERAL (
    SELECT number, state, subject, code, message, source FROM work_row
    WHERE work_row.work = work.work AND number > $2 AND ($3::text IS NULL OR state = $3)
    ORDER BY number LIMIT $4
) AS r ORDER BY work, number
"""


async def rows_of(
    conn: Connection,
    works: Sequence[int],
    *,
    state: RowState | None = None,
    after: int = 0,
    size: int,
) -> dict[int, list[WorkRow]]:
    """Return rows of works that have any, in their order, at most so many of each.

    Args:
        conn: to the database.
        works: whose.
        state: only those; None: all.
        after: only those with larger numbers.
        size: the most that are returned.
    """
    found: dict[int, list[WorkRow]] = {}
    for row in await conn.fetch(ROWS_SQL, list(works), after, state, size):
        fields: dict[str, Any] = {**row, "state": RowState(row["state"])}
        found.setdefault(fields.pop("work"), []).append(WorkRow(**fields))
    return found


ADD_UPLOAD_SQL = """
INSERT INTO upload (public_id, name, created_by) VALUES ($1, $2, $3)
RETURNING public_id, name, bytes, created_by, created_at
"""
FIND_UPLOAD_SQL = """
SELECT public_id, name, bytes, created_by, created_at FROM upload WHERE public_id = $1
"""
FIND_UPLOADS_SQL = """
SELECT public_id, name, bytes, created_by, created_at FROM upload WHERE public_id = ANY ($1)
"""
BROUGHT_SQL = """
SELECT public_id, name, bytes, created_by, created_at FROM upload
WHERE created_by = $1 AND bytes IS NOT NULL ORDER BY created_at DESC LIMIT $2
"""
UPLOADED_SQL = """
UPDATE upload SET bytes = $2 WHERE public_id = $1 AND bytes IS NULL RETURNING public_id
"""
OLD_UPLOADS_SQL = """
SELECT public_id, name, bytes, created_by, created_at FROM upload AS u
WHERE created_at < $1 AND NOT EXISTS (
    SELECT FROM work WHERE state IN ('queued', 'running')
    AND args -> 'uploads' ? u.public_id)
ORDER BY created_at LIMIT $2
"""
FORGET_UPLOADS_SQL = "DELETE FROM upload WHERE public_id = ANY ($1)"


async def add_upload(conn: Connection, public_id: str, name: str, *, by: uuid.UUID) -> Upload:
    """Add a file that is to come."""
    row = await conn.fetchrow(ADD_UPLOAD_SQL, public_id, name, by)
    assert row is not None  # noqa: S101 - it is returned as it is inserted
    return _upload(row)


async def find_upload(conn: Connection, public_id: str) -> Upload | None:
    """Return a file; None: nobody announced it, or it is forgotten."""
    row = await conn.fetchrow(FIND_UPLOAD_SQL, public_id)
    return None if row is None else _upload(row)


async def find_uploads(conn: Connection, public_ids: Sequence[str]) -> list[Upload]:
    """Return files; those that are forgotten are left out."""
    return [_upload(row) for row in await conn.fetch(FIND_UPLOADS_SQL, list(public_ids))]


async def uploads_of(conn: Connection, principal: uuid.UUID, *, size: int) -> list[Upload]:
    """Return files that somebody has brought, the newest first, at most so many."""
    return [_upload(row) for row in await conn.fetch(BROUGHT_SQL, principal, size)]


async def set_uploaded(conn: Connection, public_id: str, size_bytes: int) -> bool:
    """Say that a file has come; return whether it had not before."""
    return await conn.fetchval(UPLOADED_SQL, public_id, size_bytes) is not None


async def old_uploads(conn: Connection, before: datetime, *, most: int) -> list[Upload]:
    """Return files from before an instant that no work is about to read."""
    return [_upload(row) for row in await conn.fetch(OLD_UPLOADS_SQL, before, most)]


async def forget_uploads(conn: Connection, public_ids: Sequence[str]) -> None:
    """Forget files."""
    await conn.execute(FORGET_UPLOADS_SQL, list(public_ids))


def _upload(row: Record) -> Upload:
    return Upload(**dict(row))
