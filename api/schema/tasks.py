"""What waits for a person, for those who manage media or products."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_enum,
    graphql_field,
    graphql_type,
)
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.errors import InvalidInputError
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.tasks import model, store
from catalog.tasks.kinds import kind_named

_LIST = "TASKS"
_MOST_DIGITS = 18  # that a bigint surely holds


@graphql_enum
class TaskState(Enum):
    """Whether somebody still has to look at a task.

    Attributes:
        OPEN: It waits for somebody.
        SNOOZED: Nobody has to look before `snoozedUntil`; then it is open again.
        RESOLVED: It is done with, by somebody or because its cause is gone.
    """

    OPEN = model.TaskState.OPEN
    SNOOZED = model.TaskState.SNOOZED
    RESOLVED = model.TaskState.RESOLVED


@graphql_type
class TaskComment:
    """What somebody said of a task."""

    text: str = strawberry.field(description="The words.")
    created_by: strawberry.ID = strawberry.field(description="Who said it.")
    created_by_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    created_at: datetime = strawberry.field(description="When.")


@graphql_type
class Task:
    """Something that waits for a person, however often it happened."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    kind: str = strawberry.field(description="Such as `broken_source`; of people's own `todo`.")
    subject: str | None = strawberry.field(
        description="What it is about, such as `asset/7f3k2cq9`; null: nothing stored."
    )
    role: str = strawberry.field(description="Whose work it is, such as `media_manager`.")
    state: TaskState = strawberry.field(description="Whether somebody still has to look.")
    cause: str = strawberry.field(
        description="Why, or what is to be done; each cause of a subject is a task of its own."
    )
    count: int = strawberry.field(description="How often it happened.")
    actions: list[str] = strawberry.field(
        description="Names of the mutations that mend its cause, the usual one first."
    )
    assignee: strawberry.ID | None = strawberry.field(description="Who has taken it on.")
    assignee_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    due_at: datetime | None = strawberry.field(
        description="When it should be done; null: any time."
    )
    snoozed_until: datetime | None = strawberry.field(
        description="Nobody has to look before; a past instant means nothing."
    )
    escalated_at: datetime | None = strawberry.field(
        description="When it was seen to be overdue; that is said once."
    )
    first_at: datetime = strawberry.field(description="When it happened first.")
    last_at: datetime = strawberry.field(description="When it happened last.")
    created_by: strawberry.ID | None = strawberry.field(
        description="Who noted it; null: a part of Vitrine found it."
    )
    created_by_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    resolved_by: strawberry.ID | None = strawberry.field(
        description="Who resolved it; null with `resolvedAt`: its cause was gone."
    )
    resolved_by_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    resolved_at: datetime | None = strawberry.field(description="When it was resolved.")
    resolution: str | None = strawberry.field(description="What became of it.")
    comments: list[TaskComment] = strawberry.field(
        description="The last 50, the oldest of them first.", metadata=STORED.metadata
    )


@graphql_type
class TaskEdge:
    """A task on a page."""

    node: Task = strawberry.field(description="The task.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class TaskConnection:
    """A page of tasks, the newest first (Relay cursor connections)."""

    edges: list[TaskEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Task] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class TaskCount:
    """How many tasks of a kind, whose work a role is, are open or snoozed."""

    kind: str = strawberry.field(description="Such as `broken_source`; of people's own `todo`.")
    role: str = strawberry.field(description="Whose work they are, such as `media_manager`.")
    state: TaskState = strawberry.field(description="Open or snoozed; resolved ones do not count.")
    count: int = strawberry.field(description="How many.")
    overdue: int = strawberry.field(description="Of these, those that should have been done.")


@graphql_type
class TaskQueries:
    """Reads of tasks."""

    @graphql_field
    @allowed(Action.TASKS_READ, asks_itself=True)
    async def task(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id.")],  # noqa: A002 - the argument's name
    ) -> Task | None:
        """Return a task."""
        reach = info.context.reach(Action.TASKS_READ)
        async with info.context.services.pool.acquire() as conn:
            ids = [id] if reach is None else await store.theirs(conn, [id], reach)
            found = await store.find_tasks(conn, [*ids])
            return next(iter(await with_comments(conn, info, found)), None)

    @field_with(rows=PAGE)
    @allowed(Action.TASKS_READ, asks_itself=True)
    async def tasks(  # noqa: PLR0913, PLR0917 - the filters, and the arguments of a connection
        self,
        info: Info,
        kind: Annotated[str | None, argument("Only of this kind.")] = None,
        role: Annotated[str | None, argument("Only the work of this role.")] = None,
        state: Annotated[
            TaskState | None, argument("By default what waits now; null: all.")
        ] = TaskState.OPEN,
        assignee: Annotated[strawberry.ID | None, argument("Only theirs.")] = None,
        subject: Annotated[str | None, argument("Only about this.")] = None,
        due_before: Annotated[datetime | None, argument("Only those due before.")] = None,
        unassigned: Annotated[
            bool | None, argument("True: only what nobody has taken on; false: only the rest.")
        ] = None,
        first_before: Annotated[
            datetime | None, argument("Only those that happened first before.")
        ] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> TaskConnection | None:
        """Return what waits for a person, the newest first."""
        reach = info.context.reach(Action.TASKS_READ)
        size = PAGE.size(first)
        wanted = model.TaskFilter(
            now=info.context.now,
            reach=reach,
            kind=kind,
            role=role,
            state=None if state is None else state.value,
            assignee=principal_id(assignee, "assignee"),
            subject=subject,
            due_before=due_before,
            unassigned=unassigned,
            first_before=first_before,
            before=None if after is None else row_id(_LIST, after),
        )
        async with info.context.services.pool.acquire() as conn:
            found = await store.list_tasks(conn, wanted, size=size + 1)
            shown = found[:size]
            nodes = await with_comments(conn, info, shown)
        edges = [
            TaskEdge(node=node, cursor=write_cursor(_LIST, str(each.id)))
            for each, node in zip(shown, nodes, strict=True)
        ]
        return TaskConnection(
            edges=edges,
            nodes=nodes,
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @field_with(rows=STORED.rows)
    @allowed(Action.TASKS_READ)
    async def task_counts(
        self,
        info: Info,
        role: Annotated[str | None, argument("Only the work of this role.")] = None,
        assignee: Annotated[strawberry.ID | None, argument("Only theirs.")] = None,
    ) -> list[TaskCount] | None:
        """Return how many tasks wait, by kind, role and state."""
        state = info.context
        whose = principal_id(assignee, "assignee")
        async with state.services.pool.acquire() as conn:
            found = await store.count_tasks(conn, state.now, role=role, assignee=whose)
        return [
            TaskCount(
                kind=each.kind,
                role=each.role,
                state=TaskState.SNOOZED if each.is_snoozed else TaskState.OPEN,
                count=each.count,
                overdue=each.overdue,
            )
            for each in found
        ]


def principal_id(text: str | None, field: str) -> UUID | None:
    """Read the id of somebody.

    Raises:
        InvalidInputError: it is none.
    """
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise InvalidInputError(
            f"`{field}` is the id of a person or a service", field=field
        ) from error


def row_id(of: str, cursor: str) -> int:
    """Read the cursor of a list that is ordered by the ids of its rows.

    Raises:
        InvalidCursorError: it is none.
    """
    (text,) = read_cursor(of, cursor, count=1, field="after")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise InvalidCursorError(field="after")
    return int(text)


def id_in(text: str) -> UUID:
    """Read an id that is a key of a cursor.

    Raises:
        InvalidCursorError: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidCursorError(field="after") from error


async def with_comments(conn: Connection, info: Info, tasks: Sequence[model.Task]) -> list[Task]:
    """Make a `Task` of each, with what was said of it."""
    said = await store.comments_of(conn, [each.id for each in tasks]) if tasks else {}
    of_tasks = (one for each in tasks for one in (each.assignee, each.created_by, each.resolved_by))
    of_comments = (each.created_by for comments in said.values() for each in comments)
    names = await names_of(info, conn, [*of_tasks, *of_comments])
    return [_task_of(each, said[each.id], info.context.now, names) for each in tasks]


def _task_of(
    task: model.Task,
    comments: Sequence[model.Comment],
    now: datetime,
    names: Mapping[UUID | None, NamedPrincipal],
) -> Task:
    return Task(
        id=strawberry.ID(task.public_id),
        kind=task.kind,
        subject=task.subject,
        role=task.role,
        state=TaskState(task.state_at(now)),
        cause=task.cause,
        count=task.count,
        actions=list(kind_named(task.kind).actions),
        assignee=_id(task.assignee),
        assignee_principal=names.get(task.assignee),
        due_at=task.due_at,
        snoozed_until=task.snoozed_until,
        escalated_at=task.escalated_at,
        first_at=task.first_at,
        last_at=task.last_at,
        created_by=_id(task.created_by),
        created_by_principal=names.get(task.created_by),
        resolved_by=_id(task.resolved_by),
        resolved_by_principal=names.get(task.resolved_by),
        resolved_at=task.resolved_at,
        resolution=task.resolution,
        comments=[
            TaskComment(
                text=each.text,
                created_by=strawberry.ID(str(each.created_by)),
                created_by_principal=names.get(each.created_by),
                created_at=each.created_at,
            )
            for each in comments
        ],
    )


def _id(principal: UUID | None) -> strawberry.ID | None:
    return None if principal is None else strawberry.ID(str(principal))
