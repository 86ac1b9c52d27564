"""Reads of assets: by id, in pages, and what those ask who keep them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info, RequestState, Scene
from api.schema.asset_lists import AssetConnection, AssetEdge, AssetFilter
from api.schema.collections import Collection, collection_of
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.licences import Licence, licence_of
from api.schema.media import Asset, asset_of
from api.schema.nodes import page_info
from api.schema.rights import Grant, Restriction, grants_of, restrictions_of
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.graph import assets as graph
from catalog.graph import holders
from catalog.graph.cursors import read_cursor, write_cursor
from catalog.graph.media import LiveAsset, find_assets
from catalog.rights.model import Status

_LIST = "ASSETS"
_AssetId = Annotated[strawberry.ID, argument("Of the asset.")]


@graphql_type
class AssetTerms:
    """What is stated for one asset alone, and the licences and collections whose terms it shares.

    `Asset.rights` has all of these together.
    """

    revision: int = strawberry.field(description="For `expectedRevision`.")
    grants: list[Grant] = strawberry.field(
        description="Its own, as `setGrants` takes them.", metadata=STORED.metadata
    )
    restrictions: list[Restriction] = strawberry.field(
        description="Its own, as `setRestrictions` takes them.", metadata=STORED.metadata
    )
    licences: list[Licence] = strawberry.field(
        description="That it belongs to; at most 20.", metadata=STORED.metadata
    )
    collections: list[Collection] = strawberry.field(
        description="That it is in; at most 20.", metadata=STORED.metadata
    )


@graphql_type
class AssetVersion:
    """The bytes of an asset as they were brought once."""

    number: int = strawberry.field(description="Counts from 1.")
    created_at: datetime = strawberry.field(description="When they were brought.")
    bytes: float = strawberry.field(description="How many.")
    mime_type: str = strawberry.field(description="Such as `image/jpeg`.")
    width: int | None = strawberry.field(description="In pixels.")
    height: int | None = strawberry.field(description="In pixels.")
    has_alpha: bool = strawberry.field(description="Whether parts of it are transparent.")
    sha256: str = strawberry.field(description="Of the bytes, in hexadecimal digits.")
    is_current: bool = strawberry.field(description="Whether pictures are made of it.")


#: Assets that are looked at in one step for those who may not see all of them.
_MOST_LOOKED_AT = 500
#: Holders whose terms are told of one asset.
_MOST_HOLDERS = 20


@graphql_type
class AssetQueries:
    """Reads of assets."""

    @graphql_field
    @allowed(Action.ASSETS_READ, Action.CONTENT_READ, asks_itself=True)
    async def asset(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id.")],  # noqa: A002 - the argument's name
    ) -> Asset | None:
        """Return an asset, with URLs bound to no product."""
        await info.context.minter_for(info, Action.ASSETS_READ)
        async with info.context.services.pool.acquire() as conn:
            found = await find_assets(conn, [id])
        scene = info.context.staged({})
        shown = visible_assets(found, scene, info.context)
        return next((asset_of(each, scene) for each in shown), None)

    @field_with(rows=PAGE)
    @allowed(Action.ASSETS_READ, Action.CONTENT_READ, asks_itself=True)
    async def assets(
        self,
        info: Info,
        filter: Annotated[  # noqa: A002 - the argument's name
            AssetFilter | None, argument("Which; by default all.")
        ] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> AssetConnection | None:
        """Return a page of assets by code, with URLs bound to no product."""
        await info.context.minter_for(info, Action.ASSETS_READ)
        size = PAGE.size(first)
        where = filter or AssetFilter()
        if where.licence is not None or where.collection is not None:
            info.context.require(Action.RIGHTS_READ)
        (code,) = read_cursor(_LIST, after, count=1, field="after") if after else [""]
        scene = info.context.staged({})
        async with info.context.services.pool.acquire() as conn:
            found = await _visible_page(
                conn, where.to_domain(), scene, info.context, after=code, size=size + 1
            )
        edges = [
            AssetEdge(node=asset_of(each, scene), cursor=write_cursor(_LIST, each.code))
            for each in found[:size]
        ]
        return AssetConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @graphql_field
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ)
    async def asset_terms(self, info: Info, asset_id: _AssetId) -> AssetTerms | None:
        """Return what is stated for an asset alone, and whose terms it has besides."""
        async with info.context.services.pool.acquire() as conn:
            own = await holders.find_own_terms(conn, asset_id)
            if own is None:
                return None
            licences = [
                await holders.find_holder(conn, holders.Licence, code)
                for code in own.licences[:_MOST_HOLDERS]
            ]
            collections = [
                await holders.find_holder(conn, holders.Collection, code)
                for code in own.collections[:_MOST_HOLDERS]
            ]
        return AssetTerms(
            revision=own.revision,
            grants=grants_of(own.grants),
            restrictions=restrictions_of(own.restrictions),
            licences=[licence_of(each) for each in licences if each is not None],
            collections=[collection_of(each) for each in collections if each is not None],
        )

    @field_with(rows=STORED.rows)
    @allowed(Action.ABSENCES_READ, Action.CONTENT_READ)
    async def asset_versions(self, info: Info, asset_id: _AssetId) -> list[AssetVersion] | None:
        """Return the versions of an asset's bytes, the newest first; at most 100."""
        async with info.context.services.pool.acquire() as conn:
            found = await graph.find_versions(conn, asset_id)
        return [
            AssetVersion(
                number=each.n,
                created_at=each.created_at,
                bytes=each.bytes,
                mime_type=each.mime,
                width=each.width_px,
                height=each.height_px,
                has_alpha=each.has_alpha,
                sha256=each.sha256,
                is_current=each.is_current,
            )
            for each in found
        ]


async def _visible_page(
    conn: Connection,
    wanted: graph.AssetFilter,
    scene: Scene,
    state: RequestState,
    *,
    after: str,
    size: int,
) -> list[LiveAsset]:
    """Return so many assets that may be seen, or all that there are.

    Others are passed over here: what a page lacks, or what lies behind it, would tell of them.
    """
    if not state.may_know_absences:  # rights show nothing else
        asked = wanted.statuses or (Status.APPROVED,)
        wanted = replace(wanted, statuses=[each for each in asked if each == Status.APPROVED])
    shown: list[LiveAsset] = []
    looked_at = size
    while True:
        found = await graph.list_assets(conn, wanted, after=after, size=looked_at)
        shown += visible_assets(found, scene, state)
        if len(shown) >= size or len(found) < looked_at:
            return shown[:size]
        after, looked_at = found[-1].code, min(2 * looked_at, _MOST_LOOKED_AT)


def visible_assets(
    assets: Sequence[LiveAsset], scene: Scene, state: RequestState
) -> list[LiveAsset]:
    """Leave out what rights deny here, but for those who manage media or rights."""
    return [each for each in assets if scene.media.is_shown(each) or state.may_know_absences]
