"""Changes of tasks: noted, assigned, snoozed, resolved, commented, closed by what mends them.

Each is a change with its event `task.…`; only that something happened again has none, it counts.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from catalog.changes import Change
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.events.store import database_now
from catalog.ids import new_public_id
from catalog.tasks import store
from catalog.tasks.kinds import KINDS, ROLES, TODO, Kind, kind_named
from catalog.tasks.model import Task, TaskResult, Todo

MENDED: Final = "mended"
_MOST_AT_ONCE = 500
#: Said of a task that is not there.
NO_TASK: Final = "there is no task {}"
#: One of a kind, subject and text is open at a time: all three stand in one index.
MOST_CHARACTERS: Final = 500
#: Returns a task as it shall be; raises `ConflictError` where it can't be.
_Step = Callable[[Task], Task]


async def open_tasks(change: Change, kind: str, causes: Mapping[str, str]) -> None:
    """Have people look at something, each by its subject; what is open already counts up."""
    if not causes:
        return
    known = kind_named(kind)
    new = await store.open_tasks(
        change.conn, kind, causes, role=known.role, due_after=known.due_after
    )
    await change.record(*(_event("task.opened", each) for each in new))


async def close_mended(change: Change, kind: str, subjects: Sequence[str]) -> None:
    """Close the tasks of a kind about some subjects: their cause is gone."""
    if subjects:
        await _close(change, await store.lock_mended(change.conn, kind, subjects=subjects))


async def create_todo(change: Change, todo: Todo) -> Task:
    """Note what a person wants done; where the same is open already, that is returned.

    Raises:
        InvalidInputError: it says nothing, or names no role or nobody that there is.
    """
    if not todo.text.strip():
        raise InvalidInputError("say what is to be done", field="text")
    if len(todo.text) > MOST_CHARACTERS:
        raise InvalidInputError(
            f"say it in at most {MOST_CHARACTERS} characters; more fits into comments",
            field="text",
        )
    if todo.role not in ROLES:
        there = ", ".join(sorted(ROLES))
        raise InvalidInputError(f"there is no role {todo.role!r}; there are: {there}", field="role")
    await _check_assignee(change, todo.assignee)
    task, is_new = await store.create_task(
        change.conn, new_public_id(), TODO, todo, by=change.actor.id
    )
    if is_new:
        await change.record(_event("task.opened", task))
    return task


async def assign_tasks(
    change: Change, ids: Sequence[str], assignee: uuid.UUID | None
) -> list[TaskResult]:
    """Give tasks to somebody, or to nobody in particular.

    Raises:
        InvalidInputError: there is nobody of this id.
    """
    await _check_assignee(change, assignee)
    return await _change_each(
        change, ids, "task.assigned", lambda task: replace(_unresolved(task), assignee=assignee)
    )


async def snooze_tasks(
    change: Change, ids: Sequence[str], until: datetime, *, now: datetime
) -> list[TaskResult]:
    """Let nobody have to look at tasks before an instant, at which they are open again.

    Raises:
        InvalidInputError: that is no instant to come.
    """
    if until <= now:
        raise InvalidInputError("snooze until an instant to come", field="until")
    return await _change_each(
        change, ids, "task.snoozed", lambda task: replace(_unresolved(task), snoozed_until=until)
    )


async def resolve_tasks(
    change: Change,
    ids: Sequence[str],
    *,
    now: datetime,
    resolution: str | None,
) -> list[TaskResult]:
    """Say that tasks are done with; one that is already stays as it is."""

    def resolved(task: Task) -> Task:
        if task.is_resolved:
            return task
        return replace(
            task,
            resolved_by=change.actor.id,
            resolved_at=now,
            resolution=resolution,
        )

    return await _change_each(change, ids, "task.resolved", resolved)


async def comment_task(change: Change, public_id: str, text: str) -> Task:
    """Say something of a task, whatever its state.

    Raises:
        InvalidInputError: nothing is said.
        NotFoundError: there is no such task.
    """
    if not text.strip():
        raise InvalidInputError("a comment says something", field="text")
    task = (await store.lock_tasks(change.conn, [public_id])).get(public_id)
    if task is None:
        raise NotFoundError(NO_TASK.format(public_id), field="id")
    await store.add_comment(change.conn, task.id, text, by=change.actor.id)
    return (await _write(change, "task.commented", [task], before={task.public_id: task}))[0]


async def close_what_is_mended(change: Change, event: Event) -> None:
    """Close the tasks that an event of this change has mended."""
    for kind in _CLOSED_BY.get(event.type, ()):
        gone = kind.closes[event.type](event)
        if gone is None:
            continue
        subjects = None if gone.subject is None else [gone.subject]
        mended = await store.lock_mended(
            change.conn, kind.name, subjects=subjects, cause=gone.cause
        )
        await _close(change, mended)


async def close_silent(change: Change, now: datetime) -> int:
    """Close some tasks of kinds whose mending nobody tells, which have not happened for long.

    Returns:
        How many; 0: there are no more.
    """
    closed = 0
    for kind in KINDS.values():
        if kind.silent_after is not None:
            silent = await store.lock_silent(
                change.conn, kind.name, now - kind.silent_after, most=_MOST_AT_ONCE
            )
            await _close(change, silent)
            closed += len(silent)
    return closed


async def escalate_overdue(change: Change, now: datetime) -> int:
    """Say of some tasks, once, that they are overdue.

    Returns:
        How many; 0: there are no more.
    """
    overdue = await store.lock_overdue(change.conn, now, most=_MOST_AT_ONCE)
    await _write(
        change,
        "task.escalated",
        [replace(each, escalated_at=now) for each in overdue],
        before={each.public_id: each for each in overdue},
    )
    return len(overdue)


#: The kinds that are closed by an event, by its type.
_CLOSED_BY: Final[Mapping[str, Sequence[Kind]]] = {
    event_type: [kind for kind in KINDS.values() if event_type in kind.closes]
    for event_type in {each for kind in KINDS.values() for each in kind.closes}
}


async def _change_each(
    change: Change, ids: Sequence[str], event_type: str, step: _Step
) -> list[TaskResult]:
    """Change each of the tasks that can be; what is so already records nothing."""
    found = await store.lock_tasks(change.conn, ids)
    results: dict[str, TaskResult] = {}
    changed: list[Task] = []
    for public_id in ids:
        if public_id in results:
            continue
        task = found.get(public_id)
        if task is None:
            results[public_id] = TaskResult(id=public_id, error=no_task(public_id))
            continue
        try:
            after = step(task)
        except ConflictError as error:
            results[public_id] = TaskResult(id=public_id, error=error)
            continue
        results[public_id] = TaskResult(id=public_id, task=task)
        if after != task:
            changed.append(after)
    for task in await _write(change, event_type, changed, before=found):
        results[task.public_id] = TaskResult(id=task.public_id, task=task)
    return [results[each] for each in ids]


async def _close(change: Change, tasks: Sequence[Task]) -> None:
    if tasks:
        now = await database_now(change.conn)
        await _write(
            change,
            "task.resolved",
            [replace(each, resolved_at=now, resolution=MENDED) for each in tasks],
            before={each.public_id: each for each in tasks},
        )


async def _write(
    change: Change, event_type: str, tasks: Sequence[Task], *, before: Mapping[str, Task]
) -> list[Task]:
    """Write tasks under their next revision, with an event each."""
    if not tasks:
        return []
    written = [replace(each, revision=each.revision + 1) for each in tasks]
    await store.change_tasks(change.conn, written)
    await change.record(*(_event(event_type, each, before[each.public_id]) for each in written))
    return written


def _event(event_type: str, task: Task, before: Task | None = None) -> Event:
    said = {
        "assignee": task.assignee and str(task.assignee),
        "snoozed_until": task.snoozed_until and task.snoozed_until.isoformat(),
        "resolution": task.resolution,
    }
    return Event(
        type=event_type,
        subject=f"task/{task.public_id}",
        version=task.revision,
        data={
            "task": task.public_id,
            "kind": task.kind,
            "subject": task.subject,
            **{name: value for name, value in said.items() if value is not None},
        },
        before=before,
        after=task,
    )


async def _check_assignee(change: Change, assignee: uuid.UUID | None) -> None:
    if assignee is not None and not await store.is_somebody(change.conn, assignee):
        raise InvalidInputError("there is no person or service of this id", field="assignee")


def _unresolved(task: Task) -> Task:
    if task.is_resolved:
        raise ConflictError("this task is resolved already", field="ids")
    return task


def no_task(public_id: str) -> NotFoundError:
    """Return what is said of one of several that is not there, or not there for whoever asks."""
    return NotFoundError(NO_TASK.format(public_id), field="ids")
