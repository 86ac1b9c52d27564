"""Reads of API keys: one's own, and with `keys.manage` those of everybody."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import ApiKey, ApiKeyState, keys_of
from api.schema.tasks import id_in, principal_id
from catalog.access import store
from catalog.access.roles import Action
from catalog.graph.cursors import read_cursor, read_instant, write_cursor

_API_KEYS = "API_KEYS"


@graphql_type
class ApiKeyEdge:
    """An API key on a page."""

    node: ApiKey = strawberry.field(description="The key.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class ApiKeyConnection:
    """A page of API keys, the newest first (Relay cursor connections)."""

    edges: list[ApiKeyEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[ApiKey] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class KeyQueries:
    """Reads of API keys."""

    @field_with(rows=PAGE)
    @allowed(Action.KEYS_OWN)
    async def api_keys(
        self,
        info: Info,
        principal: Annotated[
            strawberry.ID | None, argument("Only those with which they act, or which they own.")
        ] = None,
        owner: Annotated[strawberry.ID | None, argument("Only those that they own.")] = None,
        state: Annotated[ApiKeyState | None, argument("Only those; by default all.")] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> ApiKeyConnection | None:
        """Return API keys, the newest first: one's own, and with `keys.manage` those of all."""
        asked, size = info.context, PAGE.size(first)
        theirs = principal_id(principal, "principal")
        if not asked.may(Action.KEYS_MANAGE):
            if theirs not in {None, asked.principal.id}:
                return _no_keys()
            theirs = asked.principal.id
        wanted = store.KeyFilter(
            of=theirs,
            owner=principal_id(owner, "owner"),
            state=None if state is None else state.value,
            before=None if after is None else _read_key(after),
        )
        async with asked.services.pool.acquire() as conn:
            found = await store.page_of_keys(conn, wanted, size=size + 1)
            nodes = await keys_of(info, conn, found[:size])
        edges = [
            ApiKeyEdge(
                node=each,
                cursor=write_cursor(_API_KEYS, each.created_at.isoformat(), str(each.id)),
            )
            for each in nodes
        ]
        return ApiKeyConnection(
            edges=edges,
            nodes=nodes,
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _no_keys() -> ApiKeyConnection:
    around = page_info([], has_next=False, has_previous=False)
    return ApiKeyConnection(edges=[], nodes=[], page_info=around)


def _read_key(cursor: str) -> tuple[datetime, UUID]:
    made, last = read_cursor(_API_KEYS, cursor, count=2, field="after")
    return read_instant(made, field="after"), id_in(last)
