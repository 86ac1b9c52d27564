"""The deprecated root `exceptions`: tasks, as they were told of before they were called so."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_enum,
    graphql_type,
)
from api.schema.nodes import PageInfo, page_info
from api.schema.tasks import row_id
from catalog.access.roles import Action
from catalog.graph.cursors import write_cursor
from catalog.tasks.kinds import TODO
from catalog.tasks.model import Task, TaskFilter, TaskState
from catalog.tasks.store import list_tasks

_LIST = "EXCEPTIONS"


@graphql_enum
class ExceptionState(Enum):
    """Whether somebody still has to look at it.

    Attributes:
        OPEN: Nobody has resolved it yet.
        RESOLVED: It is done with.
    """

    OPEN = TaskState.OPEN
    RESOLVED = TaskState.RESOLVED


@graphql_type
class QueuedException:
    """Something that a person has to look at, however often it happened."""

    kind: str = strawberry.field(description="Such as `broken_source`.")
    subject: str = strawberry.field(description="What it is about, such as `asset/7f3k2cq9`.")
    cause: str = strawberry.field(description="Why; each cause of a subject is queued by itself.")
    count: int = strawberry.field(description="How often it happened.")
    state: ExceptionState = strawberry.field(description="Whether somebody still has to look.")
    first_at: datetime = strawberry.field(description="When it happened first.")
    last_at: datetime = strawberry.field(description="When it happened last.")


@graphql_type
class QueuedExceptionEdge:
    """An exception on a page."""

    node: QueuedException = strawberry.field(description="The exception.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class QueuedExceptionConnection:
    """A page of the queue, the newest first (Relay cursor connections)."""

    edges: list[QueuedExceptionEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[QueuedException] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")


@graphql_type
class ExceptionQueries:
    """The reads that `tasks` took the place of."""

    @field_with(rows=PAGE, deprecated="Ask `tasks`, which also tells whose work each is.")
    @allowed(Action.TASKS_READ, asks_itself=True)
    async def exceptions(
        self,
        info: Info,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
        state: Annotated[
            ExceptionState, argument("Which; by default what is still to be looked at.")
        ] = ExceptionState.OPEN,
    ) -> QueuedExceptionConnection | None:
        """Return what a person has to look at, the newest first."""
        reach = info.context.reach(Action.TASKS_READ)
        size = PAGE.size(first)
        wanted = TaskFilter(
            now=info.context.now,
            state=state.value,
            without_kind=TODO,
            before=None if after is None else row_id(_LIST, after),
            reach=reach,
        )
        async with info.context.services.pool.acquire() as conn:
            found = await list_tasks(conn, wanted, size=size + 1)
        edges = [_edge_of(each) for each in found[:size]]
        return QueuedExceptionConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _edge_of(task: Task) -> QueuedExceptionEdge:
    is_resolved = task.is_resolved
    return QueuedExceptionEdge(
        node=QueuedException(
            kind=task.kind,
            subject=task.subject or "",
            cause=task.cause,
            count=task.count,
            state=ExceptionState.RESOLVED if is_resolved else ExceptionState.OPEN,
            first_at=task.first_at,
            last_at=task.last_at,
        ),
        cursor=write_cursor(_LIST, str(task.id)),
    )
