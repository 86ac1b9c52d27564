"""Saved views of the console's lists: one's own, and those that others share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.documents.bounds import PROSE, ROWS
from api.documents.declared import STORED, RowEach
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_input,
    graphql_mutation,
    graphql_type,
)
from api.schema.payloads import MutationError, mutation_error
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.product_mutations import check_rows
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import VitrineError
from catalog.views import commands, model, store

#: Of a page: one's own first.
MOST_LISTED: Final = 300


@graphql_type
class SavedView:
    """A list of the console as somebody likes to see it: filters and columns under a name."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    page: str = strawberry.field(description="The path below the console, such as `/products`.")
    name: str = strawberry.field(description="For people to read; one of an owner and page.")
    filters: str = strawberry.field(description="A query string, as the page's address has it.")
    columns: list[str] = strawberry.field(
        description="Those that are shown, in their order; empty: what the page shows by itself.",
        metadata=STORED.metadata,
    )
    is_shared: bool = strawberry.field(description="Whether others can take it.")
    is_mine: bool = strawberry.field(description="Whether you own it, and may change it.")
    is_default: bool = strawberry.field(description="Whether the page opens with it, for you.")
    owner: strawberry.ID = strawberry.field(description="Whose it is.")
    owner_principal: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )


@graphql_input
class SavedViewInput:
    """A view, whole."""

    id: strawberry.ID | None = strawberry.field(
        description="Of the one of yours that it changes; by default it is a new one.",
        default=None,
    )
    page: str = strawberry.field(description="The path below the console, such as `/products`.")
    name: str = strawberry.field(description="For people to read; one of an owner and page.")
    filters: str = strawberry.field(
        description="A query string, as the page's address has it.",
        default="",
        metadata=PROSE.metadata,
    )
    columns: list[str] | None = strawberry.field(
        description="Those that are shown, in their order; by default those that the page shows "
        "by itself.",
        default=None,
    )
    is_shared: bool = strawberry.field(description="Whether others can take it.", default=False)


@graphql_type
class SavedViewRow:
    """What became of one view."""

    id: strawberry.ID | None = strawberry.field(description="Its id; null: it was not added.")
    view: SavedView | None = strawberry.field(
        description="As it is now; null: it was deleted, or refused."
    )
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused.", metadata=STORED.metadata
    )


@graphql_type
class SavedViewsPayload:
    """One result for each view, in their order."""

    results: list[SavedViewRow] = strawberry.field(description="Good ones do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class SavedViewPayload:
    """The view as it is now, or what went wrong."""

    view: SavedView | None = strawberry.field(description="Null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class ViewQueries:
    """Reads of saved views."""

    @field_with(rows=STORED.rows)
    @allowed(Action.VIEWS_OWN)
    async def views(
        self, info: Info, page: Annotated[str, argument("Of this page, such as `/products`.")]
    ) -> list[SavedView] | None:
        """Return the saved views of a page: your own by name, then those that others share."""
        me = info.context.principal.id
        async with info.context.services.pool.acquire() as conn:
            found = await store.list_views(conn, me, page, most=MOST_LISTED)
            return await _shown(info, conn, found)


@graphql_type
class ViewMutations:
    """Changes of saved views."""

    @field_with(rows=RowEach("input"))
    @allowed(Action.VIEWS_OWN)
    async def put_views(
        self,
        info: Info,
        input: Annotated[list[SavedViewInput], argument("Which.", ROWS)],  # noqa: A002 - its name
    ) -> SavedViewsPayload:
        """Save views, or change your own."""
        drafts = [
            model.ViewDraft(
                id=each.id,
                page=each.page,
                name=each.name,
                filters=each.filters,
                columns=tuple(each.columns or ()),
                is_shared=each.is_shared,
            )
            for each in input
        ]
        return await _on_many(
            info, input, "input", lambda change: commands.put_views(change, drafts)
        )

    @field_with(rows=RowEach("ids"))
    @allowed(Action.VIEWS_OWN)
    async def delete_views(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("Of views.", ROWS)]
    ) -> SavedViewsPayload:
        """Delete your own views, and with `people.manage` those that others share."""
        may_delete_shared = info.context.may(Action.PEOPLE_MANAGE)
        return await _on_many(
            info,
            ids,
            "ids",
            lambda change: commands.delete_views(change, ids, may_delete_shared=may_delete_shared),
        )

    @graphql_mutation
    @allowed(Action.VIEWS_OWN)
    async def set_default_view(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Of a view of yours, or a shared one.")],  # noqa: A002 - its name
        is_default: Annotated[bool, argument("False: its page opens as it is.")] = True,  # noqa: FBT002 - as above
    ) -> SavedViewPayload:
        """Let a page open with a view, for you alone; the one before gives way."""
        try:
            async with info.context.change() as change:
                found = await commands.set_default_view(change, id, is_default=is_default)
                (view,) = await _shown(info, change.conn, [found])
        except VitrineError as error:
            return SavedViewPayload(view=None, errors=[mutation_error(error)])
        return SavedViewPayload(view=view, errors=[])


async def _on_many(
    info: Info,
    rows: Sequence[object],
    field: str,
    command: Callable[[Change], Awaitable[Sequence[model.ViewResult]]],
) -> SavedViewsPayload:
    try:
        check_rows(rows, field)
        async with info.context.change() as change:
            results = await command(change)
            views = [each.view for each in results if each.view is not None]
            shown = {each.id: each for each in await _shown(info, change.conn, views)}
    except VitrineError as error:
        return SavedViewsPayload(results=[], errors=[mutation_error(error)])
    return SavedViewsPayload(
        results=[
            SavedViewRow(
                id=None if each.id is None else strawberry.ID(each.id),
                view=shown.get(strawberry.ID(each.id or "")),
                errors=[] if each.error is None else [mutation_error(each.error)],
            )
            for each in results
        ],
        errors=[],
    )


async def _shown(
    info: Info, conn: Connection, found: Sequence[model.ListedView]
) -> list[SavedView]:
    names = await names_of(info, conn, (each.view.owner for each in found))
    return [_view(each, info.context.principal.id, names) for each in found]


def _view(
    listed: model.ListedView, me: UUID, names: Mapping[UUID | None, NamedPrincipal]
) -> SavedView:
    view = listed.view
    return SavedView(
        id=strawberry.ID(view.public_id),
        page=view.page,
        name=view.name,
        filters=view.filters,
        columns=list(view.columns),
        is_shared=view.is_shared,
        is_mine=view.owner == me,
        is_default=listed.is_default,
        owner=strawberry.ID(str(view.owner)),
        owner_principal=names.get(view.owner),
    )
