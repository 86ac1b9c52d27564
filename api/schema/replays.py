"""What replays of the delivery logs found: incidents, and what each replay cannot have seen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.tasks import row_id
from catalog.access.roles import Action
from catalog.delivery import replay_store
from catalog.graph.cursors import write_cursor

_LIST = "REPLAYS"
_INCIDENTS = "REPLAY_INCIDENTS"
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]


@graphql_type
class Replay:
    """What one run of `vitrine replay` found."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    ran_at: datetime = strawberry.field(description="When.")
    ran_by: strawberry.ID = strawberry.field(description="Who had it run.")
    who: NamedPrincipal | None = strawberry.field(
        description="The same, named; null: you may see no names.", metadata=NAMED.metadata
    )
    first: datetime | None = strawberry.field(description="The first answer that was judged.")
    last: datetime | None = strawberry.field(description="The last one.")
    judged: int = strawberry.field(description="Answers of gateways that were judged.")
    delivered: int = strawberry.field(description="Of these, those that delivered a picture.")
    incidents: int = strawberry.field(description="Deliveries that nothing on record allowed.")
    late: int = strawberry.field(
        description="Answers that rested on what had changed within the tolerance."
    )
    wrongly_denied: int = strawberry.field(description="Answers that refused what was allowed.")
    not_seen: list[str] = strawberry.field(
        description="What this replay cannot have seen, in sentences.", metadata=STORED.metadata
    )


@graphql_type
class ReplayIncident:
    """A delivery that nothing on record allowed."""

    at: datetime = strawberry.field(description="When it was decided.")
    usable_until: datetime | None = strawberry.field(
        description="Of a leave that an edge may keep: until when it could deliver by it."
    )
    asset_id: strawberry.ID = strawberry.field(description="What was delivered.")
    channel: str = strawberry.field(description="Where, by the token.")
    usage: str = strawberry.field(description="What for, by the token.")
    country: str | None = strawberry.field(description="Of the viewer; null: unknown.")
    how: str = strawberry.field(
        description="`direct`, `leave`, `fill`, `staff`; `edge hit` or `hit` of a cache's log."
    )
    status: int = strawberry.field(description="Of HTTP.")
    reason: str | None = strawberry.field(description="Why it was forbidden, by the rule's code.")
    dark_since: datetime | None = strawberry.field(
        description="Since when nothing allowed it; null: nothing ever had."
    )
    overdue_seconds: float | None = strawberry.field(
        description="How long after that it was delivered, or could have been; null: as above."
    )
    place: str = strawberry.field(description="The file and line of the log that says so.")


@graphql_type
class ReplayEdge:
    """A replay on a page."""

    node: Replay = strawberry.field(description="The replay.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class ReplayConnection:
    """A page of replays, the newest first (Relay cursor connections)."""

    edges: list[ReplayEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Replay] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class ReplayIncidentEdge:
    """An incident on a page."""

    node: ReplayIncident = strawberry.field(description="The incident.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class ReplayIncidentConnection:
    """A page of incidents, the longest overdue first (Relay cursor connections)."""

    edges: list[ReplayIncidentEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[ReplayIncident] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class ReplayQueries:
    """Reads of replays."""

    @field_with(rows=PAGE)
    @allowed(Action.RIGHTS_READ)
    async def replays(
        self, info: Info, first: _First = None, after: _After = None
    ) -> ReplayConnection | None:
        """Return the last replays of delivery logs, the newest first."""
        size = PAGE.size(first)
        before = None if after is None else row_id(_LIST, after)
        async with info.context.services.pool.acquire() as conn:
            found = await replay_store.list_replays(conn, before=before, size=size + 1)
            names = await names_of(info, conn, (each.ran_by for each in found))
        edges = [
            ReplayEdge(node=_replay(each, names), cursor=write_cursor(_LIST, str(each.id)))
            for each in found[:size]
        ]
        return ReplayConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @field_with(rows=PAGE)
    @allowed(Action.RIGHTS_READ)
    async def replay_incidents(
        self,
        info: Info,
        replay: Annotated[
            strawberry.ID | None, argument("Of this one; by default of the last.")
        ] = None,
        first: _First = None,
        after: _After = None,
    ) -> ReplayIncidentConnection | None:
        """Return incidents of a replay, the longest overdue first; the first 1,000 are kept."""
        size = PAGE.size(first)
        behind = 0 if after is None else row_id(_INCIDENTS, after)
        async with info.context.services.pool.acquire() as conn:
            found = await replay_store.list_incidents(conn, replay, after=behind, size=size + 1)
        edges = [
            ReplayIncidentEdge(
                node=_incident(incident), cursor=write_cursor(_INCIDENTS, str(number))
            )
            for number, incident in found[:size]
        ]
        return ReplayIncidentConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _replay(
    stored: replay_store.StoredReplay, names: Mapping[UUID | None, NamedPrincipal]
) -> Replay:
    report = stored.report
    return Replay(
        id=strawberry.ID(stored.public_id),
        ran_at=stored.ran_at,
        ran_by=strawberry.ID(str(stored.ran_by)),
        who=names.get(stored.ran_by),
        first=_instant(report["first"]),
        last=_instant(report["last"]),
        judged=report["judged"],
        delivered=report["delivered"],
        incidents=stored.incidents,
        late=report["late"]["count"],
        wrongly_denied=report["wrongly_denied"],
        not_seen=list(report["coverage"]["not_seen"]),
    )


def _incident(stored: Mapping[str, Any]) -> ReplayIncident:
    at = _instant(stored["at"])
    assert at is not None  # noqa: S101 - each answer has its instant
    return ReplayIncident(
        at=at,
        usable_until=_instant(stored["usable_until"]),
        asset_id=strawberry.ID(stored["asset"]),
        channel=stored["channel"],
        usage=stored["usage"],
        country=stored["country"],
        how=stored["how"],
        status=stored["status"],
        reason=stored["reason"],
        dark_since=_instant(stored["dark_since"]),
        overdue_seconds=stored["overdue_s"],
        place=stored["place"],
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
