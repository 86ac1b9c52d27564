"""What changed lately, for everybody who may read it: the audit without what it alone tells."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.subject_names import subject_names
from api.schema.tasks import row_id
from catalog.access.roles import Action
from catalog.audit import reading_store
from catalog.graph.cursors import write_cursor

_LIST = "RECENT_CHANGES"
#: By the kind of what was changed; what is not here is the audit's alone.
TAKEN_BY_KIND: Final[Mapping[str, Action]] = {
    "product": Action.PRODUCTS_READ,
    "association": Action.PRODUCTS_READ,
    "asset": Action.ABSENCES_READ,
    "licence": Action.RIGHTS_READ,
    "collection": Action.RIGHTS_READ,
    "set": Action.RIGHTS_READ,
    "preset": Action.PRESETS_MANAGE,
    "channel": Action.CHANNELS_READ,
    "task": Action.TASKS_READ,
    "work": Action.WORK_MANAGE,
    "principal": Action.AUDIT_READ,
    "role": Action.AUDIT_READ,
    "api_key": Action.AUDIT_READ,
}


@graphql_type
class RecentChange:
    """A change: of what, of which kind, when, and by whom."""

    id: strawberry.ID = strawberry.field(description="Of the event that it is.")
    at: datetime = strawberry.field(description="When, by the database's clock.")
    type: str = strawberry.field(description="In the past tense, such as `product.updated`.")
    subject: str = strawberry.field(description="What was changed, such as `product/LAMP-R`.")
    subject_name: str | None = strawberry.field(
        description="What it is called now, such as the code of an asset or the name of a person; "
        "null: its id says it, it is gone, or you may see no names."
    )
    principal: strawberry.ID = strawberry.field(description="Who did it: a person or a service.")
    who: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )


@graphql_type
class RecentChangeEdge:
    """A change on a page."""

    node: RecentChange = strawberry.field(description="The change.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class RecentChangeConnection:
    """A page of changes, the newest first (Relay cursor connections)."""

    edges: list[RecentChangeEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[RecentChange] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class RecentChangeQueries:
    """Reads of what changed lately."""

    @field_with(rows=PAGE)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def recent_changes(
        self,
        info: Info,
        kind: Annotated[
            str | None, argument("Only of this: `product`, `asset`, `licence` …; by default all.")
        ] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> RecentChangeConnection | None:
        """Return what was changed lately of all that may be read, the newest first.

        Products take `products.read`, assets `absences.read`, what rights rest on `rights.read`,
        presets `presets.manage`, tasks `tasks.read`, work `work.manage`, people, roles and keys
        `audit.read`; whoever has none of these is answered an empty page.
        """
        asker = info.context
        asker.require_reader()
        size = PAGE.size(first)
        before = None if after is None else row_id(_LIST, after)
        kinds = [
            each
            for each, action in TAKEN_BY_KIND.items()
            if kind in {None, each} and asker.key is not None and asker.may(action)
        ]
        async with asker.services.pool.acquire() as conn:
            found = await reading_store.recent_changes(conn, kinds, before=before, limit=size + 1)
            names = await names_of(info, conn, (each.actor for each in found))
            called = await subject_names(info, conn, (each.subject for each in found))
        edges = [
            RecentChangeEdge(
                node=_change(each, names, called), cursor=write_cursor(_LIST, str(each.id))
            )
            for each in found[:size]
        ]
        return RecentChangeConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _change(
    stored: reading_store.RecentChange,
    names: Mapping[UUID | None, NamedPrincipal],
    called: Mapping[str, str],
) -> RecentChange:
    return RecentChange(
        id=strawberry.ID(str(stored.event)),
        at=stored.time,
        type=stored.type,
        subject=stored.subject,
        subject_name=called.get(stored.subject),
        principal=strawberry.ID(str(stored.actor)),
        who=names.get(stored.actor),
    )
