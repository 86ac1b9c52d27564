"""Reads of work: one's own, and of all for whoever manages it."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info, RequestState
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.nodes import page_info
from api.schema.tasks import principal_id, row_id
from api.schema.works import (
    BroughtFile,
    Work,
    WorkConnection,
    WorkEdge,
    WorkState,
    brought_file,
    may_see,
    works_of,
)
from catalog.access.roles import Action
from catalog.graph.cursors import write_cursor
from catalog.work import store

_LIST = "WORKS"
MOST_UPLOADS: Final = 50
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]


@graphql_type
class WorkCount:
    """How many works of a kind are in a state."""

    kind: str = strawberry.field(description="Such as `import`.")
    state: WorkState = strawberry.field(description="How far they are.")
    count: int = strawberry.field(description="How many, of the last 30 days.")


@graphql_type
class WorkQueries:
    """Reads of work: one's own, and with `work.manage` that of all."""

    @graphql_field
    @allowed(Action.WORK_FOLLOW)
    async def work(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id.")],  # noqa: A002 - the argument's name
    ) -> Work | None:
        """Return a work that whoever asks has started, or may manage."""
        async with info.context.services.pool.acquire() as conn:
            found = await store.find_work(conn, id)
        is_shown = found is not None and may_see(info.context, found)
        return next(iter(await works_of(info, [found] if found and is_shown else [])), None)

    @field_with(rows=PAGE)
    @allowed(Action.WORK_FOLLOW)
    async def works(  # noqa: PLR0913, PLR0917 - the filters, and the arguments of a connection
        self,
        info: Info,
        kind: Annotated[str | None, argument("Only of this kind.")] = None,
        state: Annotated[WorkState | None, argument("Only those; by default all.")] = None,
        started_by: Annotated[strawberry.ID | None, argument("Only theirs.")] = None,
        since: Annotated[datetime | None, argument("Wanted from this instant on.")] = None,
        until: Annotated[datetime | None, argument("Wanted before this instant.")] = None,
        first: _First = None,
        after: _After = None,
    ) -> WorkConnection | None:
        """Return a page of the works that whoever asks has started, or may manage."""
        size = PAGE.size(first)
        whose = principal_id(started_by, "startedBy")
        own = _own(info.context)
        if None not in {whose, own} and whose != own:
            return _no_works()
        async with info.context.services.pool.acquire() as conn:
            found = await store.list_works(
                conn,
                size=size + 1,
                kind=kind,
                state=None if state is None else state.value,
                started_by=own or whose,
                since=since,
                until=until,
                before=None if after is None else row_id(_LIST, after),
            )
        shown = found[:size]
        edges = [
            WorkEdge(node=node, cursor=write_cursor(_LIST, str(each.id)))
            for each, node in zip(shown, await works_of(info, shown), strict=True)
        ]
        return WorkConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @field_with(rows=STORED.rows)
    @allowed(Action.WORK_FOLLOW)
    async def work_counts(self, info: Info) -> list[WorkCount] | None:
        """Return how many works one has started, or may manage, by kind and state."""
        async with info.context.services.pool.acquire() as conn:
            found = await store.count_works(conn, _own(info.context))
        return [
            WorkCount(kind=kind, state=WorkState(state), count=count)
            for kind, state, count in found
        ]

    @field_with(rows=STORED.rows)
    @allowed(Action.FILES_IMPORT)
    async def uploads(self, info: Info) -> list[BroughtFile] | None:
        """Return the last 50 files that whoever asks has brought, the newest first."""
        async with info.context.services.pool.acquire() as conn:
            found = await store.uploads_of(conn, info.context.principal.id, size=MOST_UPLOADS)
        return [brought_file(each) for each in found]


def _own(state: RequestState) -> UUID | None:
    """Return whose works alone may be seen; None: everybody's."""
    return None if state.may(Action.WORK_MANAGE) else state.principal.id


def _no_works() -> WorkConnection:
    return WorkConnection(
        edges=[], nodes=[], page_info=page_info([], has_next=False, has_previous=False)
    )
