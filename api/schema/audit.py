"""Who changed what, for administrators."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.subject_names import subject_names
from api.schema.tasks import principal_id, row_id
from catalog.access.roles import Action
from catalog.audit import reading_store
from catalog.graph.cursors import write_cursor

_LIST = "AUDIT"
_NOWHERE: Mapping[str, None] = {"address": None, "api_key": None, "session": None}
#: Subjects whose history is that of rights.
_OF_RIGHTS = frozenset({"asset", "licence", "collection", "set"})


@graphql_type
class AuditEntry:
    """A change: who made it, of what, when, from where and by what."""

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
    address: str | None = strawberry.field(
        description="IP address of the client; null: a process or a command of ours."
    )
    api_key: strawberry.ID | None = strawberry.field(description="The API key that was sent.")
    session: strawberry.ID | None = strawberry.field(description="The login of a person.")
    data: JSON = strawberry.field(description="What the event says: ids, epochs, reasons.")
    before: JSON | None = strawberry.field(
        description="The fields that differ, as they were; null: it is new, or `data` says it all."
    )
    after: JSON | None = strawberry.field(
        description="The fields that differ, as they are; null: it is gone, or `data` says it all."
    )


@graphql_type
class AuditEdge:
    """A change on a page."""

    node: AuditEntry = strawberry.field(description="The change.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class AuditConnection:
    """A page of changes, the newest first (Relay cursor connections)."""

    edges: list[AuditEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[AuditEntry] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


def _action_for(info: Info, subject: str | None) -> Action:
    """Return what reading this history takes of whoever asks."""
    is_of_rights = subject is not None and subject.partition("/")[0] in _OF_RIGHTS
    if is_of_rights and not info.context.may(Action.AUDIT_READ, None):
        return Action.RIGHTS_READ
    return Action.AUDIT_READ


@graphql_type
class AuditQueries:
    """Reads of the audit."""

    @field_with(rows=PAGE)
    @allowed(Action.AUDIT_READ, asks_itself=True)
    async def audit(  # noqa: PLR0913, PLR0917 - the filters, and the arguments of a connection
        self,
        info: Info,
        subject: Annotated[
            str | None,
            argument(
                "Only of this: `product/LAMP-R`, `asset/7f3k2cq9`, or `asset/CODE`, "
                "`licence/CODE`. Of assets, licences, collections and territory sets "
                "`rights.read` is enough."
            ),
        ] = None,
        principal: Annotated[strawberry.ID | None, argument("Only what they did.")] = None,
        since: Annotated[datetime | None, argument("From this instant on.")] = None,
        until: Annotated[datetime | None, argument("Before this instant.")] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> AuditConnection | None:
        """Return who changed what, the newest first; with a subject that is its history.

        The history of an asset, a licence, a collection or a territory set takes `rights.read`
        alone: whoever answers for rights sees who changed them, though not from where.
        """
        action = _action_for(info, subject)
        reach = info.context.reach(action)
        size = PAGE.size(first)
        actor = principal_id(principal, "principal")
        before = None if after is None else row_id(_LIST, after)
        async with info.context.services.pool.acquire() as conn:
            wanted = reading_store.AuditFilter(
                subject=None if subject is None else await reading_store.subject_of(conn, subject),
                actor=actor,
                since=since,
                until=until,
                reach=reach,
            )
            found = await reading_store.newest_entries(conn, wanted, before=before, limit=size + 1)
            if action is not Action.AUDIT_READ:
                found = [replace(each, **_NOWHERE) for each in found]
            names = await names_of(info, conn, (each.actor for each in found))
            called = await subject_names(info, conn, (each.subject for each in found))
        edges = [
            AuditEdge(node=_entry(each, names, called), cursor=write_cursor(_LIST, str(each.id)))
            for each in found[:size]
        ]
        return AuditConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _entry(
    stored: reading_store.AuditEntry,
    names: Mapping[UUID | None, NamedPrincipal],
    called: Mapping[str, str],
) -> AuditEntry:
    return AuditEntry(
        id=strawberry.ID(str(stored.event)),
        at=stored.time,
        type=stored.type,
        subject=stored.subject,
        subject_name=called.get(stored.subject),
        principal=strawberry.ID(str(stored.actor)),
        who=names.get(stored.actor),
        address=stored.address,
        api_key=None if stored.api_key is None else strawberry.ID(str(stored.api_key)),
        session=None if stored.session is None else strawberry.ID(str(stored.session)),
        data=JSON(stored.data),
        before=None if stored.before is None else JSON(stored.before),
        after=None if stored.after is None else JSON(stored.after),
    )
