"""Changes of tasks: the verbs that all kinds have in common."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from api.documents.bounds import PROSE, Bound
from api.documents.declared import STORED, RowEach
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_mutation, graphql_type
from api.schema.payloads import MutationError, mutation_error
from api.schema.product_mutations import check_rows
from api.schema.tasks import Task, principal_id, with_comments
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.errors import ForbiddenError, NotFoundError, VitrineError
from catalog.tasks import commands, model, store
from catalog.tasks.kinds import EDITOR

#: Ids of a call: each costs a row and an event.
MOST_IDS = 1_000
_IDS = Bound(most=MOST_IDS, is_left_to_resolver=True)
_Ids = Annotated[list[strawberry.ID], argument("Of the tasks.", _IDS)]
_Each: TypeAlias = Callable[[Change, Sequence[str]], Awaitable[Sequence[model.TaskResult]]]


@graphql_type
class TaskPayload:
    """The task as it is now, or what went wrong."""

    task: Task | None = strawberry.field(description="Null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class TaskRow:
    """What became of one id."""

    id: strawberry.ID = strawberry.field(description="As it was given.")
    task: Task | None = strawberry.field(description="As it is now; null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused: `NOT_FOUND`, or `CONFLICT` where it is resolved.",
        metadata=STORED.metadata,
    )


@graphql_type
class TasksPayload:
    """One result for each id, in their order."""

    results: list[TaskRow] = strawberry.field(description="Good ones do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class TaskMutations:
    """Changes of tasks, which may be repeated."""

    @graphql_mutation
    @allowed(Action.TASKS_CHANGE, asks_itself=True)
    async def create_task(
        self,
        info: Info,
        text: Annotated[str, argument("What is to be done.", PROSE)],
        subject: Annotated[
            str | None, argument("What it is about, such as `asset/7f3k2cq9`.")
        ] = None,
        role: Annotated[str, argument("Whose work it is.")] = EDITOR,
        assignee: Annotated[strawberry.ID | None, argument("Who shall do it.")] = None,
        due_at: Annotated[datetime | None, argument("When it should be done.")] = None,
    ) -> TaskPayload:
        """Note what is to be done; where the same text waits for the same subject, that is it."""
        reach = info.context.reach(Action.TASKS_CHANGE)

        async def create(change: Change) -> model.Task:
            if reach and subject and not await store.lies_within(change.conn, subject, reach):
                raise ForbiddenError("your role is for other places than this", field="subject")
            todo = model.Todo(
                text=text,
                subject=subject,
                role=role,
                assignee=principal_id(assignee, "assignee"),
                due_at=due_at,
            )
            return await commands.create_todo(change, todo)

        return await _change_one(info, create)

    @field_with(rows=RowEach("ids"))
    @allowed(Action.TASKS_CHANGE, asks_itself=True)
    async def assign_tasks(
        self,
        info: Info,
        ids: _Ids,
        assignee: Annotated[
            strawberry.ID | None, argument("Who shall do them; null: nobody in particular.")
        ] = None,
    ) -> TasksPayload:
        """Give tasks to somebody."""
        return await _change_each(
            info,
            ids,
            lambda change, theirs: commands.assign_tasks(
                change, theirs, principal_id(assignee, "assignee")
            ),
        )

    @field_with(rows=RowEach("ids"))
    @allowed(Action.TASKS_CHANGE, asks_itself=True)
    async def snooze_tasks(
        self,
        info: Info,
        ids: _Ids,
        until: Annotated[datetime, argument("When they are open again, by themselves.")],
    ) -> TasksPayload:
        """Let nobody have to look at tasks before an instant."""
        now = info.context.now
        return await _change_each(
            info,
            ids,
            lambda change, theirs: commands.snooze_tasks(change, theirs, until, now=now),
        )

    @field_with(rows=RowEach("ids"))
    @allowed(Action.TASKS_CHANGE, asks_itself=True)
    async def resolve_tasks(
        self,
        info: Info,
        ids: _Ids,
        resolution: Annotated[str | None, argument("What became of them.", PROSE)] = None,
    ) -> TasksPayload:
        """Say that tasks are done with; what happens again is a new task."""
        now = info.context.now
        return await _change_each(
            info,
            ids,
            lambda change, theirs: commands.resolve_tasks(
                change, theirs, now=now, resolution=resolution
            ),
        )

    @graphql_mutation
    @allowed(Action.TASKS_CHANGE, asks_itself=True)
    async def comment_task(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Of the task.")],  # noqa: A002 - the argument's name
        text: Annotated[str, argument("The words.", PROSE)],
    ) -> TaskPayload:
        """Say something of a task, whatever its state."""
        reach = info.context.reach(Action.TASKS_CHANGE)

        async def comment(change: Change) -> model.Task:
            if reach and not await store.theirs(change.conn, [id], reach):
                raise NotFoundError(commands.NO_TASK.format(id), field="id")
            return await commands.comment_task(change, id, text)

        return await _change_one(info, comment)


async def _change_one(
    info: Info, command: Callable[[Change], Awaitable[model.Task]]
) -> TaskPayload:
    state = info.context
    try:
        async with state.change() as change:
            (task,) = await with_comments(change.conn, info, [await command(change)])
    except VitrineError as error:
        return TaskPayload(task=None, errors=[mutation_error(error)])
    return TaskPayload(task=task, errors=[])


async def _change_each(info: Info, ids: Sequence[str], command: _Each) -> TasksPayload:
    state = info.context
    reach = state.reach(Action.TASKS_CHANGE)
    try:
        check_rows(ids, "ids", most=MOST_IDS)
        async with state.change() as change:
            theirs = ids if reach is None else await store.theirs(change.conn, ids, reach)
            done = iter(await command(change, [each for each in ids if each in theirs]))
            results = [
                next(done)
                if each in theirs
                else model.TaskResult(id=each, error=commands.no_task(each))
                for each in ids
            ]
            tasks = [each.task for each in results if each.task is not None]
            shown = await with_comments(change.conn, info, tasks)
    except VitrineError as error:
        return TasksPayload(results=[], errors=[mutation_error(error)])
    by_id = {each.id: each for each in shown}
    rows = [
        TaskRow(
            id=strawberry.ID(each.id),
            task=by_id.get(strawberry.ID(each.id)),
            errors=[] if each.error is None else [mutation_error(each.error)],
        )
        for each in results
    ]
    return TasksPayload(results=rows, errors=[])
