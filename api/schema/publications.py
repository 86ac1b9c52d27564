"""Versions of what was published, how they differ, and what is scheduled: for who publishes."""

import uuid
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import NAMED, NamedPrincipal, names_of
from api.schema.product_permissions import require_kept
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.errors import NotFoundError
from catalog.graph import publications
from catalog.graph.cursors import InvalidCursorError, read_cursor, read_instant, write_cursor
from catalog.graph.reference import Reference
from catalog.publication import version_store
from catalog.publication.differences import FieldDifference, differences_of
from catalog.publication.model import Document
from catalog.publication.restoring import DraftDocument, find_version, load_draft

_VERSIONS, _SCHEDULED = "PUBLICATIONS", "SCHEDULED"
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]
_Sku = Annotated[str, argument("Of the product.")]
_Channel = Annotated[str, argument("Code of the channel.")]


@graphql_type
class PublicationVersion:
    """A version of a product on a channel: a frozen document, live or ended."""

    version: int = strawberry.field(description="Rises with every publication there.")
    published_at: datetime = strawberry.field(description="When it was published.")
    who: NamedPrincipal | None = strawberry.field(
        description="Who published it; null: you may see no names, or it is from before that was "
        "kept: the audit knows.",
        metadata=NAMED.metadata,
    )
    visible_from: datetime = strawberry.field(description="Nobody sees it before.")
    visible_until: datetime | None = strawberry.field(
        description="Nobody sees it from then on; null: it stays."
    )
    ended_at: datetime | None = strawberry.field(
        description="When another took its place, or it was taken back; null: it is live."
    )
    checksum: str | None = strawberry.field(
        description="SHA-256 of the document as canonical JSON (RFC 8785); null: it is from before "
        "there were such."
    )
    copy_of: int | None = strawberry.field(
        description="The version whose document it published again; null: it was of the draft."
    )


@graphql_type
class PublicationVersionEdge:
    """A version on a page."""

    node: PublicationVersion = strawberry.field(description="The version.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class PublicationVersionConnection:
    """A page of versions, the newest first (Relay cursor connections)."""

    edges: list[PublicationVersionEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[PublicationVersion] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class ScheduledPublication:
    """What is published and is to begin or to end; it does so at the instant, without a job."""

    sku: str = strawberry.field(description="Of the product.")
    version: int = strawberry.field(description="Of its publication.")
    visible_from: datetime = strawberry.field(description="Nobody sees it before.")
    visible_until: datetime | None = strawberry.field(
        description="Nobody sees it from then on; null: it stays."
    )
    next_at: datetime = strawberry.field(description="What of both comes first.")


@graphql_type
class ScheduledPublicationEdge:
    """A publication on a page."""

    node: ScheduledPublication = strawberry.field(description="The publication.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class ScheduledPublicationConnection:
    """A page of what is to begin or to end, what comes first first (Relay cursor connections)."""

    edges: list[ScheduledPublicationEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[ScheduledPublication] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class PublicationDifference:
    """One field that two documents of a product have differently."""

    field: str = strawberry.field(
        description="`value` of an attribute, or what is said of it, such as `label`; without an "
        "attribute a field of the product, such as `categories` or `gtin`."
    )
    attribute: str | None = strawberry.field(description="Its code.")
    locale: str | None = strawberry.field(description="Of a value; null: for all.")
    market: str | None = strawberry.field(description="Of a value; null: for all.")
    channel: str = strawberry.field(description="Code of the channel that both are of.")
    before: JSON | None = strawberry.field(description="As it was; null: it was not there.")
    after: JSON | None = strawberry.field(description="As it is; null: it is not there.")


@graphql_type
class PublicationQueries:
    """Reads of versions."""

    @field_with(rows=PAGE)
    @allowed(Action.PRODUCTS_READ, asks_itself=True)
    async def publications(
        self,
        info: Info,
        sku: _Sku,
        channel: _Channel,
        first: _First = None,
        after: _After = None,
    ) -> PublicationVersionConnection | None:
        """Return the versions of a product on a channel, the newest first."""
        asker = info.context
        asker.require(Action.PRODUCTS_READ, None)
        size = PAGE.size(first)
        before = None if after is None else _version_of(after)
        async with asker.services.pool.acquire() as conn:
            await require_kept(conn, asker, sku, channel)
            found = await publications.list_versions(
                conn, sku, channel, before=before, limit=size + 1
            )
            names = await names_of(info, conn, (each.published_by for each in found))
        edges = [
            PublicationVersionEdge(
                node=_version(each, names.get(each.published_by)),
                cursor=write_cursor(_VERSIONS, str(each.version)),
            )
            for each in found[:size]
        ]
        return PublicationVersionConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @field_with(rows=STORED.rows)
    @allowed(Action.PRODUCTS_READ, asks_itself=True)
    async def publication_differences(
        self,
        info: Info,
        sku: _Sku,
        channel: _Channel,
        from_version: Annotated[int | None, argument("By default the one that is live.")] = None,
        to_version: Annotated[
            int | None, argument("By default the draft, as publishing would freeze it now.")
        ] = None,
    ) -> list[PublicationDifference] | None:
        """Return what two versions of a product say differently, or a version and the draft.

        Media are in neither: they are live.
        """
        asker = info.context
        asker.require(Action.PRODUCTS_READ, None)
        async with asker.services.pool.acquire() as conn, conn.transaction():
            await require_kept(conn, asker, sku, channel)
            draft = await load_draft(conn, sku, channel)
            before = await _document(conn, draft, channel, from_version)
            after = (
                draft.document
                if to_version is None
                else await _document(conn, draft, channel, to_version)
            )
        return [difference_of(each, channel) for each in differences_of(before, after)]

    @field_with(rows=PAGE)
    @allowed(Action.PRODUCTS_READ, asks_itself=True)
    async def scheduled_publications(
        self, info: Info, channel: _Channel, first: _First = None, after: _After = None
    ) -> ScheduledPublicationConnection | None:
        """Return what is published on a channel and is to begin or to end, by when.

        `rescheduleProducts` changes it, and `unpublishProducts` takes it back.
        """
        asker = info.context
        asker.require(Action.PRODUCTS_READ, None)
        _known_channel((await asker.services.known.of(None)).reference, channel)
        size = PAGE.size(first)
        behind = None if after is None else _place_of(after)
        async with asker.services.pool.acquire() as conn:
            found = await publications.list_scheduled(
                conn, channel, asker.now, within=asker.kept_within(), after=behind, limit=size + 1
            )
        edges = [
            ScheduledPublicationEdge(
                node=_scheduled(each),
                cursor=write_cursor(_SCHEDULED, each.next_at.isoformat(), each.product.hex),
            )
            for each in found[:size]
        ]
        return ScheduledPublicationConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def difference_of(found: FieldDifference, channel: str) -> PublicationDifference:
    """Make a `PublicationDifference`."""
    return PublicationDifference(
        field=found.field,
        attribute=found.attribute,
        locale=found.locale,
        market=found.market,
        channel=channel,
        before=_json(found.before),
        after=_json(found.after),
    )


def _json(data: Any) -> JSON | None:  # noqa: ANN401 - whatever a document holds
    return None if data is None else JSON(data)


async def _document(
    conn: Connection, draft: DraftDocument, channel: str, version: int | None
) -> Document:
    """Return the document of a version; None: the one that is live.

    Raises:
        NotFoundError: there is none.
    """
    product = draft.product
    if version is not None:
        return (await find_version(conn, product, channel, version)).document
    live = await version_store.find_live_documents(conn, [product.id], channel)
    if product.id not in live:
        raise NotFoundError(
            f"{product.sku} is not published on {channel}: name a version", field="fromVersion"
        )
    return live[product.id].document


def _known_channel(reference: Reference, channel: str) -> None:
    if channel not in reference.channels:
        raise NotFoundError(f"there is no channel {channel!r}", field="channel")


def _version_of(cursor: str) -> int:
    (version,) = read_cursor(_VERSIONS, cursor, count=1, field="after")
    if not version.isdecimal() or len(version) > 9:  # noqa: PLR2004 - of an integer of PostgreSQL
        raise InvalidCursorError(field="after")
    return int(version)


def _place_of(cursor: str) -> tuple[datetime, uuid.UUID]:
    at, product = read_cursor(_SCHEDULED, cursor, count=2, field="after")
    try:
        return read_instant(at, field="after"), uuid.UUID(hex=product)
    except ValueError as error:
        raise InvalidCursorError(field="after") from error


def _version(
    stored: publications.PublicationVersion, who: NamedPrincipal | None
) -> PublicationVersion:
    return PublicationVersion(
        version=stored.version,
        published_at=stored.published_at,
        who=who,
        visible_from=stored.visible_from,
        visible_until=stored.visible_until,
        ended_at=stored.ended_at,
        checksum=stored.checksum,
        copy_of=stored.copy_of,
    )


def _scheduled(stored: publications.ScheduledPublication) -> ScheduledPublication:
    return ScheduledPublication(
        sku=stored.sku,
        version=stored.version,
        visible_from=stored.visible_from,
        visible_until=stored.visible_until,
        next_at=stored.next_at,
    )
