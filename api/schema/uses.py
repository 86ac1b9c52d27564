"""Where an asset is used, and what would go dark without it: asked before it is withdrawn."""

from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.going_dark import GoingDarkPlace, dark_place
from api.schema.media import Asset, MediaRole, asset_of
from api.schema.nodes import PageInfo, page_info
from api.schema.product_mutations import AssociationStatus
from catalog.access.roles import Action
from catalog.graph import bindings
from catalog.graph.cursors import read_cursor, write_cursor
from catalog.graph.going_dark import GoingDarkFilter, find_would_go_dark
from catalog.graph.media import find_assets

_LIST = "ASSET_BINDINGS"


@graphql_type
class WouldGoDark:
    """What would go dark if an asset were withdrawn, or held, now."""

    asset: Asset = strawberry.field(description="As it is now.")
    places: list[GoingDarkPlace] = strawberry.field(
        description="Where it may be shown now; empty: it is dark everywhere.",
        metadata=STORED.metadata,
    )
    product_count: int = strawberry.field(
        description="Published products that would lose it somewhere, each counted once."
    )


@graphql_type
class AssetBinding:
    """An asset at a product."""

    id: strawberry.ID = strawberry.field(description="Of the association, for `unbindMedia`.")
    product_id: strawberry.ID = strawberry.field(description="Of the one that holds it.")
    sku: str = strawberry.field(description="Of the same.")
    role: MediaRole = strawberry.field(description="What the asset does for it.")
    channel: str | None = strawberry.field(description="Only there; null: on all.")
    market: str | None = strawberry.field(description="The same.")
    locale: str | None = strawberry.field(description="The same.")
    status: AssociationStatus = strawberry.field(description="Only what is approved is shown.")
    is_published: bool = strawberry.field(
        description="Whether the product, or one below it, is published where the asset is for."
    )


@graphql_type
class AssetBindingEdge:
    """A use of an asset on a page."""

    node: AssetBinding = strawberry.field(description="The use.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class AssetBindingConnection:
    """A page of uses of an asset, by sku (Relay cursor connections)."""

    edges: list[AssetBindingEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[AssetBinding] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class UseQueries:
    """Reads of where assets are used."""

    @graphql_field
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ)
    async def would_go_dark(
        self, info: Info, asset_id: Annotated[strawberry.ID, argument("Of the asset.")]
    ) -> WouldGoDark | None:
        """Return where an asset may be shown now, and which products would lose it."""
        state = info.context
        await state.minter_of(info)
        reference = await state.reference()
        async with state.services.pool.acquire() as conn:
            assets = await find_assets(conn, [asset_id])
            if not assets:
                return None
            now = GoingDarkFilter(since=state.now, until=state.now)
            places = await find_would_go_dark(conn, reference, assets[0], now)
        return WouldGoDark(
            asset=asset_of(assets[0], state.staged({})),
            places=[dark_place(each) for each in places],
            product_count=len({shown.product for each in places for shown in each.products}),
        )

    @field_with(rows=PAGE)
    @allowed(Action.PRODUCTS_READ)
    async def asset_bindings(
        self,
        info: Info,
        asset_id: Annotated[strawberry.ID, argument("Of the asset.")],
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> AssetBindingConnection | None:
        """Return which products an asset is bound to, published or not, by sku."""
        size = PAGE.size(first)
        sku, association = ("", "")
        if after is not None:
            sku, association = read_cursor(_LIST, after, count=2, field="after")
        async with info.context.services.pool.acquire() as conn:
            found = await bindings.list_bindings(
                conn, asset_id, after=(sku, association), size=size + 1
            )
        edges = [
            AssetBindingEdge(node=_binding(each), cursor=write_cursor(_LIST, each.sku, each.id))
            for each in found[:size]
        ]
        return AssetBindingConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )


def _binding(each: bindings.AssetBinding) -> AssetBinding:
    return AssetBinding(
        id=strawberry.ID(each.id),
        product_id=strawberry.ID(each.product),
        sku=each.sku,
        role=MediaRole(each.role),
        channel=each.channel,
        market=each.market,
        locale=each.locale,
        status=AssociationStatus(each.status),
        is_published=each.is_published,
    )
