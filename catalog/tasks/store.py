"""The SQL of tasks; gateways add to them through `gateway_report`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from catalog.db import Connection, Record
from catalog.ids import new_public_id
from catalog.reach import Reach
from catalog.statement_values import StatementValues, all_of
from catalog.tasks.model import Comment, Task, TaskCount, TaskFilter, TaskState, Todo

#: Comments of a task that are shown, the last ones.
COMMENTS_SHOWN: Final = 50

_COLUMNS = """
id, public_id, revision, kind, subject, role, cause, count, assignee, due_at, snoozed_until,
escalated_at, data, first_at, last_at, created_by, resolved_by, resolved_at, resolution
"""

#: Most have an index that begins with it, and ends with the id by which pages go on.
_CONDITIONS: Final[Mapping[str, str]] = {
    "kind": "kind = {}",
    "role": "role = {}",
    "assignee": "assignee = {}",
    "subject": "subject = {}",
    "without_kind": "kind <> {}",
    "unassigned": "(assignee IS NULL) = {}",
    "due_before": "due_at < {}",
    "first_before": "first_at < {}",
    "before": "id < {}",
}
_STATES: Final[Mapping[TaskState, str]] = {
    TaskState.OPEN: "state = 'open' AND (snoozed_until IS NULL OR snoozed_until <= {})",
    TaskState.SNOOZED: "state = 'open' AND snoozed_until > {}",
    TaskState.RESOLVED: "state = 'resolved'",
}

#: What is theirs who may not see all.
_THEIRS: Final = """
({} IN (assignee, created_by) OR subject IS NOT NULL AND subject_lies_within(subject, {}))
"""


def list_sql(wanted: TaskFilter, size: int) -> tuple[str, list[object]]:
    """Return the statement that lists what is wanted, the newest first, and its arguments."""
    values = StatementValues(size)
    conditions = values.asked(_CONDITIONS, {name: getattr(wanted, name) for name in _CONDITIONS})
    if wanted.reach is not None:
        conditions.append(values.add(_THEIRS, wanted.reach.principal, wanted.reach.slices))
    if wanted.state is not None:
        template = _STATES[wanted.state]
        conditions.append(values.add(template, *([wanted.now] if "{}" in template else [])))
    where = all_of(conditions)
    statement = f"SELECT {_COLUMNS} FROM task WHERE {where} ORDER BY id DESC LIMIT $1"  # noqa: S608 - ours
    return statement, values.all


async def list_tasks(conn: Connection, wanted: TaskFilter, *, size: int) -> list[Task]:
    """Return tasks, the newest first, at most so many."""
    statement, given = list_sql(wanted, size)
    return [_task(row) for row in await conn.fetch(statement, *given)]


COUNT_SQL = """
SELECT kind, role, coalesce(snoozed_until > $1, false) AS is_snoozed, count(*) AS count,
       count(*) FILTER (WHERE due_at < $1) AS overdue
FROM task WHERE state = 'open' AND ($2::text IS NULL OR role = $2)
  AND ($3::uuid IS NULL OR assignee = $3)
GROUP BY kind, role, is_snoozed ORDER BY kind, role, is_snoozed
"""


async def count_tasks(
    conn: Connection, now: datetime, *, role: str | None, assignee: uuid.UUID | None
) -> list[TaskCount]:
    """Return how many wait, by kind and role; what is None is not asked."""
    return [TaskCount(**row) for row in await conn.fetch(COUNT_SQL, now, role, assignee)]


FIND_SQL = f"SELECT {_COLUMNS} FROM task WHERE public_id = ANY ($1)"  # noqa: S608 - ours


async def find_tasks(conn: Connection, public_ids: Sequence[str]) -> list[Task]:
    """Return those of these ids that there are, in any order."""
    return [_task(row) for row in await conn.fetch(FIND_SQL, list(public_ids))]


THEIRS_SQL = f"""
SELECT public_id FROM task WHERE public_id = ANY ($1) AND {_THEIRS.format("$2", "$3")}
"""  # noqa: S608 - ours


async def theirs(conn: Connection, public_ids: Sequence[str], reach: Reach) -> frozenset[str]:
    """Return the ids of the tasks that somebody sees who may not see all."""
    rows = await conn.fetch(THEIRS_SQL, list(public_ids), reach.principal, reach.slices)
    return frozenset(row["public_id"] for row in rows)


WITHIN_SQL = "SELECT subject_lies_within($1, $2)"


async def lies_within(conn: Connection, subject: str, reach: Reach) -> bool:
    """Return whether a subject is one of something within somebody's roles."""
    return await conn.fetchval(WITHIN_SQL, subject, reach.slices) is True


LOCK_SQL = f"SELECT {_COLUMNS} FROM task WHERE public_id = ANY ($1) ORDER BY id FOR UPDATE"  # noqa: S608 - ours


async def lock_tasks(conn: Connection, public_ids: Sequence[str]) -> dict[str, Task]:
    """Return the same by id, for nobody else to change before this transaction ends."""
    rows = await conn.fetch(LOCK_SQL, list(public_ids))
    return {row["public_id"]: _task(row) for row in rows}


def _task(row: Record) -> Task:
    fields: dict[str, Any] = dict(row)
    return Task(**fields)


COMMENTS_SQL = """
SELECT task.id AS task, said.text, said.created_by, said.created_at
FROM unnest($1::bigint[]) AS task(id) CROSS JOIN LATERAL (
    SELECT id, text, created_by, created_at FROM task_comment
    WHERE task = task.id ORDER BY id DESC LIMIT $2
) AS said ORDER BY said.id
"""


async def comments_of(conn: Connection, tasks: Sequence[int]) -> dict[int, list[Comment]]:
    """Return the last comments of tasks, by the ids of their rows; the oldest first."""
    found: dict[int, list[Comment]] = {each: [] for each in tasks}
    for row in await conn.fetch(COMMENTS_SQL, list(tasks), COMMENTS_SHOWN):
        comment = Comment(
            text=row["text"], created_by=row["created_by"], created_at=row["created_at"]
        )
        found[row["task"]].append(comment)
    return found


OPEN_SQL = f"""
INSERT INTO task (public_id, kind, subject, cause, role, due_at)
SELECT public_id, $1, subject, cause, $4, clock_timestamp() + $5::interval
FROM unnest($2::text[], $3::text[], $6::text[]) AS x(subject, cause, public_id)
ON CONFLICT (kind, subject, cause) WHERE state = 'open'
    DO UPDATE SET count = task.count + 1, last_at = clock_timestamp()
RETURNING {_COLUMNS}
"""  # noqa: S608 - ours


async def open_tasks(
    conn: Connection,
    kind: str,
    causes: Mapping[str, str],
    *,
    role: str,
    due_after: timedelta | None,
) -> list[Task]:
    """Add tasks, each by its subject, and return those; one that is open already counts up."""
    rows = await conn.fetch(
        OPEN_SQL,
        kind,
        list(causes),
        list(causes.values()),
        role,
        due_after,
        [new_public_id() for _ in causes],
    )
    return [_task(row) for row in rows if row["count"] == 1]


CREATE_SQL = f"""
INSERT INTO task (public_id, kind, subject, cause, role, assignee, due_at, data, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (kind, subject, cause) WHERE state = 'open' DO NOTHING
RETURNING {_COLUMNS}
"""  # noqa: S608 - ours
SAME_SQL = f"""
SELECT {_COLUMNS} FROM task
WHERE kind = $1 AND subject IS NOT DISTINCT FROM $2 AND cause = $3 AND state = 'open'
"""  # noqa: S608 - ours


async def create_task(
    conn: Connection, public_id: str, kind: str, todo: Todo, *, by: uuid.UUID
) -> tuple[Task, bool]:
    """Add a task, and return it and whether it is new; one that says the same is returned."""
    row = await conn.fetchrow(
        CREATE_SQL,
        public_id,
        kind,
        todo.subject,
        todo.text,
        todo.role,
        todo.assignee,
        todo.due_at,
        dict(todo.data),
        by,
    )
    if row is not None:
        return _task(row), True
    same = await conn.fetchrow(SAME_SQL, kind, todo.subject, todo.text)
    if same is None:  # resolved meanwhile
        return await create_task(conn, public_id, kind, todo, by=by)
    return _task(same), False


CHANGE_SQL = """
UPDATE task SET revision = x.revision, assignee = x.assignee, snoozed_until = x.snoozed_until,
    state = CASE WHEN x.resolved_at IS NULL THEN 'open' ELSE 'resolved' END,
    escalated_at = x.escalated_at, resolved_by = x.resolved_by, resolved_at = x.resolved_at,
    resolution = x.resolution
FROM jsonb_to_recordset($1) AS x(
    id bigint, revision bigint, assignee uuid, snoozed_until timestamptz, escalated_at timestamptz,
    resolved_by uuid, resolved_at timestamptz, resolution text)
WHERE task.id = x.id
"""


async def change_tasks(conn: Connection, tasks: Sequence[Task]) -> None:
    """Write what may be changed of tasks that are locked."""
    names = ("id", "revision", "assignee", "snoozed_until", "escalated_at")
    names += ("resolved_by", "resolved_at", "resolution")
    rows = [{name: _written(getattr(each, name)) for name in names} for each in tasks]
    await conn.execute(CHANGE_SQL, rows)


def _written(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID) else value  # the driver's own has no JSON


COMMENT_SQL = "INSERT INTO task_comment (task, text, created_by) VALUES ($1, $2, $3)"


async def add_comment(conn: Connection, task: int, text: str, *, by: uuid.UUID) -> None:
    """Add what somebody says of a task."""
    await conn.execute(COMMENT_SQL, task, text, by)


SOMEBODY_SQL = "SELECT EXISTS (SELECT FROM principal WHERE id = $1 AND ended_at IS NULL)"


async def is_somebody(conn: Connection, principal: uuid.UUID) -> bool:
    """Return whether a principal is there and in use."""
    return bool(await conn.fetchval(SOMEBODY_SQL, principal))


MENDED_SQL = f"""
SELECT {_COLUMNS} FROM task
WHERE state = 'open' AND kind = $1 AND ($2::text[] IS NULL OR subject = ANY ($2))
  AND ($3::text IS NULL OR starts_with(cause, $3))
ORDER BY id FOR UPDATE
"""  # noqa: S608 - ours


async def lock_mended(
    conn: Connection, kind: str, *, subjects: Sequence[str] | None = None, cause: str | None = None
) -> list[Task]:
    """Return the tasks of a kind that are not resolved, about one of these, by such a cause.

    Args:
        conn: in a transaction.
        kind: theirs.
        subjects: None: any.
        cause: what theirs begins with; None: any.
    """
    named = None if subjects is None else list(subjects)
    return [_task(row) for row in await conn.fetch(MENDED_SQL, kind, named, cause)]


SILENT_SQL = f"""
SELECT {_COLUMNS} FROM task
WHERE state = 'open' AND kind = $1 AND last_at < $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - ours
OVERDUE_SQL = f"""
SELECT {_COLUMNS} FROM task
WHERE state = 'open' AND due_at <= $1 AND escalated_at IS NULL
  AND (snoozed_until IS NULL OR snoozed_until <= $1)
ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - ours


async def lock_silent(conn: Connection, kind: str, since: datetime, *, most: int) -> list[Task]:
    """Return tasks of a kind that have not happened since; others may take others meanwhile."""
    return [_task(row) for row in await conn.fetch(SILENT_SQL, kind, since, most)]


async def lock_overdue(conn: Connection, now: datetime, *, most: int) -> list[Task]:
    """Return tasks that are due, and of which that was not said yet; the same."""
    return [_task(row) for row in await conn.fetch(OVERDUE_SQL, now, most)]
