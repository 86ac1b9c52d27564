"""Work: what the relay does that may take long, for whoever started it and for administrators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED, Needs
from api.request.file_links import link_to
from api.request.scene import Info, RequestState
from api.schema.descriptions import (
    argument,
    field_with,
    graphql_enum,
    graphql_type,
)
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.tasks import row_id
from catalog.access.roles import Action
from catalog.delivery.file_links import LIFE
from catalog.graph.cursors import write_cursor
from catalog.work import model, store
from catalog.work.commands import ACTION_OF

_ROWS = "WORK_ROWS"
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]


@graphql_enum
class WorkState(Enum):
    """How far a work is.

    Attributes:
        QUEUED: It waits for a relay.
        RUNNING: A relay does it.
        DONE: All of it was gone through; `failed` of its rows did not go well.
        FAILED: It ended before; `cause` says why, and what was committed stays.
        CANCELLED: Somebody ended it; what was committed stays.
    """

    QUEUED = model.WorkState.QUEUED
    RUNNING = model.WorkState.RUNNING
    DONE = model.WorkState.DONE
    FAILED = model.WorkState.FAILED
    CANCELLED = model.WorkState.CANCELLED


@graphql_enum
class WorkRowState(Enum):
    """What became of a row.

    Attributes:
        DONE: It went well.
        FAILED: Its `code` and `message` say why.
    """

    DONE = model.RowState.DONE
    FAILED = model.RowState.FAILED


@graphql_type
class WorkRow:
    """What became of one row of a work."""

    subject: str | None = strawberry.field(description="What it is about, such as `line 12`.")
    state: WorkRowState = strawberry.field(description="What became of it.")
    code: str | None = strawberry.field(description="Why it failed: stable, upper snake case.")
    message: str | None = strawberry.field(description="The same for a person.")


@graphql_type
class WorkRowEdge:
    """A row on a page."""

    node: WorkRow = strawberry.field(description="The row.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class WorkRowConnection:
    """A page of rows, in their order (Relay cursor connections)."""

    edges: list[WorkRowEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[WorkRow] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class WorkFile:
    """A file that a work leaves behind."""

    name: str = strawberry.field(description="What to save it as.")
    url: str = strawberry.field(description="Where it can be had with no key; keep it to yourself.")
    expires_at: datetime = strawberry.field(description="Until when; ask for another then.")


@graphql_type
class RecordCount:
    """How many records of a type came to what."""

    type: str = strawberry.field(description="The type of record, such as `products`.")
    outcome: str = strawberry.field(
        description="Such as `created`, `updated`, `unchanged`, `rejected`."
    )
    count: int = strawberry.field(description="How many.")


@graphql_type
class BroughtFile:
    """A file that was brought for work to read."""

    id: strawberry.ID = strawberry.field(description="What `importFile` names it by.")
    name: str = strawberry.field(description="As whoever brought it calls it.")
    bytes: int = strawberry.field(description="Its length.")
    created_at: datetime = strawberry.field(description="When it was announced.")


def _wanted(state: WorkRowState | None, first: int | None, after: str | None) -> model.RowsWanted:
    return model.RowsWanted(None if state is None else state.value, first, after)


def _needs_of_rows(arguments: Mapping[str, Any]) -> Needs:
    wanted = _wanted(arguments["state"], arguments["first"], arguments["after"])
    return Needs(work_rows=frozenset({wanted}))


@graphql_type
class Work:
    """Something that the relay does and that may take long."""

    pages: strawberry.Private[Mapping[model.RowsWanted, WorkRowConnection]]
    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    kind: str = strawberry.field(description="Such as `import`.")
    state: WorkState = strawberry.field(description="How far it is.")
    done: int = strawberry.field(description="Rows that are committed.")
    total: int | None = strawberry.field(description="Rows that there are; null: not counted yet.")
    failed: int = strawberry.field(description="Rows of those that did not go well.")
    counts: list[RecordCount] = strawberry.field(
        description="What came of each type of record so far.", metadata=STORED.metadata
    )
    is_check: bool = strawberry.field(
        description="Whether it only says what would happen, and writes nothing."
    )
    file: BroughtFile | None = strawberry.field(
        description="What it reads; null: nothing, or it is forgotten."
    )
    mapping: BroughtFile | None = strawberry.field(
        description="How a CSV is read; null: it is none, or it is forgotten."
    )
    cause: str | None = strawberry.field(description="Why it failed, for a person.")
    is_being_cancelled: bool = strawberry.field(
        description="Whether it runs, and ends with its present batch."
    )
    result: WorkFile | None = strawberry.field(
        description="What it leaves behind: of an import the report of what was refused, to mend."
    )
    started_by: strawberry.ID = strawberry.field(description="Who wanted it.")
    started_by_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    created_at: datetime = strawberry.field(description="When it was wanted.")
    began_at: datetime | None = strawberry.field(description="When it was begun last.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")

    @field_with(rows=PAGE, needs=_needs_of_rows)
    def rows(
        self,
        state: Annotated[WorkRowState | None, argument("Only those; by default all.")] = None,
        first: _First = None,
        after: _After = None,
    ) -> WorkRowConnection | None:
        """Return what became of its rows; an import tells of those that failed."""
        return self.pages[_wanted(state, first, after)]


@graphql_type
class WorkEdge:
    """A work on a page."""

    node: Work = strawberry.field(description="The work.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class WorkConnection:
    """A page of works, the newest first (Relay cursor connections)."""

    edges: list[WorkEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Work] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


def may_see(state: RequestState, work: model.Work) -> bool:
    """Return whether whoever asks has started a work, or may manage that of others."""
    return work.started_by == state.principal.id or state.may(Action.WORK_MANAGE)


def may_take(state: RequestState, work: model.Work) -> bool:
    """Return whether whoever asks may have its result: who could start such a work now."""
    action = ACTION_OF.get(work.kind)
    return action is None or state.may(action)


async def works_of(info: Info, works: Sequence[model.Work]) -> list[Work]:
    """Make a `Work` of each, with the pages of its rows that are selected.

    Raises:
        PageSizeError, InvalidCursorError: such a page there is none.
    """
    pages: dict[int, dict[model.RowsWanted, WorkRowConnection]] = {each.id: {} for each in works}
    if works:
        for wanted in info.context.needs(info).work_rows:
            for work, page in (await _load_pages(info.context, list(pages), wanted)).items():
                pages[work][wanted] = page
    async with info.context.services.pool.acquire() as conn:
        names = await names_of(info, conn, (each.started_by for each in works))
        named = (each.args.get(role) for each in works for role in ("file", "mapping"))
        read: list[str] = [each for each in named if each is not None]
        found = await store.find_uploads(conn, read) if read else []
    files: dict[str | None, BroughtFile] = {each.public_id: brought_file(each) for each in found}
    return [await _work_of(info.context, each, pages[each.id], names, files) for each in works]


async def _load_pages(
    state: RequestState, works: Sequence[int], wanted: model.RowsWanted
) -> dict[int, WorkRowConnection]:
    """Load a page of the rows of each work."""
    size = PAGE.size(wanted.first)
    after = 0 if wanted.after is None else row_id(_ROWS, wanted.after)
    async with state.services.pool.acquire() as conn:
        found = await store.rows_of(conn, works, state=wanted.state, after=after, size=size + 1)
    return {work: _page_of(found.get(work, []), size, has_previous=after > 0) for work in works}


def _page_of(rows: Sequence[model.WorkRow], size: int, *, has_previous: bool) -> WorkRowConnection:
    edges = [
        WorkRowEdge(node=_row_of(each), cursor=write_cursor(_ROWS, str(each.number)))
        for each in rows[:size]
    ]
    return WorkRowConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=page_info(edges, has_next=len(rows) > size, has_previous=has_previous),
    )


async def _work_of(
    state: RequestState,
    work: model.Work,
    pages: Mapping[model.RowsWanted, WorkRowConnection],
    names: Mapping[UUID | None, NamedPrincipal],
    files: Mapping[str | None, BroughtFile],
) -> Work:
    result = None
    if work.result_key is not None and work.result_name is not None and may_take(state, work):
        result = WorkFile(
            name=work.result_name,
            url=await link_to(state, "get", work.public_id),
            expires_at=state.services.now() + LIFE,
        )
    return Work(
        pages=pages,
        id=strawberry.ID(work.public_id),
        kind=work.kind,
        state=WorkState(work.state),
        done=work.done,
        total=work.total,
        failed=work.failed,
        counts=[
            RecordCount(type=name.partition(".")[0], outcome=name.partition(".")[2], count=count)
            for name, count in sorted(work.counts.items())
        ],
        is_check=bool(work.args.get("check")),
        file=files.get(work.args.get("file")),
        mapping=files.get(work.args.get("mapping")),
        cause=work.cause,
        is_being_cancelled=work.cancel_asked_at is not None and not work.state.is_over,
        result=result,
        started_by=strawberry.ID(str(work.started_by)),
        started_by_principal=names.get(work.started_by),
        created_at=work.created_at,
        began_at=work.began_at,
        ended_at=work.ended_at,
    )


def brought_file(upload: model.Upload) -> BroughtFile:
    """Make a `BroughtFile` of an upload."""
    return BroughtFile(
        id=strawberry.ID(upload.public_id),
        name=upload.name,
        bytes=upload.bytes or 0,
        created_at=upload.created_at,
    )


def _row_of(row: model.WorkRow) -> WorkRow:
    return WorkRow(
        subject=row.subject, state=WorkRowState(row.state), code=row.code, message=row.message
    )
