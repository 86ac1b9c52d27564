"""What goes dark by time alone, by market and product, the soonest first."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.documents.declared import STORED
from api.request.scene import Scene
from api.schema.descriptions import graphql_type
from api.schema.media import Asset, MediaRole, asset_of
from api.schema.nodes import PageInfo
from catalog.graph import going_dark
from catalog.graph.cursors import read_cursor, read_instant, write_cursor

_LIST = "GOING_DARK"


@graphql_type
class GoingDarkProduct:
    """A published product that shows the asset there."""

    id: strawberry.ID = strawberry.field(description="Of the one that holds the association.")
    sku: str = strawberry.field(description="Its natural key.")
    role: MediaRole = strawberry.field(description="What the picture does for it.")


@graphql_type
class GoingDarkPlace:
    """Where an asset goes dark."""

    channel: str = strawberry.field(description="Code of the channel.")
    market: str | None = strawberry.field(
        description="Code of the market; null: the channel goes by its own territory."
    )
    countries: list[str] = strawberry.field(
        description="Those of the market, or of the channel's territory, that lose it."
    )
    usage: str = strawberry.field(description="The usage that ends, such as `web`.")
    reason: str = strawberry.field(description="Why, by the rule's code.")
    products: list[GoingDarkProduct] = strawberry.field(
        description="Products that lose this picture there.", metadata=STORED.metadata
    )


@graphql_type
class GoingDark:
    """An asset whose right ends at an instant by time alone somewhere; publications aside."""

    asset: Asset = strawberry.field(description="As it is now.")
    at: datetime = strawberry.field(description="The first instant at which it is dark.")
    places: list[GoingDarkPlace] = strawberry.field(description="Where.", metadata=STORED.metadata)


@graphql_type
class GoingDarkEdge:
    """An entry of the list with its cursor."""

    node: GoingDark = strawberry.field(description="What goes dark.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class GoingDarkConnection:
    """A page of what goes dark, the soonest first (Relay cursor connections)."""

    edges: list[GoingDarkEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[GoingDark] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")


def going_dark_page(
    found: Sequence[going_dark.GoingDark],
    goes_on: tuple[datetime, str] | None,
    scene: Scene,
    *,
    has_previous: bool,
) -> GoingDarkConnection:
    """Make a page; where it goes on is its end, though nothing on it may be there."""
    edges = [
        GoingDarkEdge(
            node=_going_dark(each, scene), cursor=cursor_of(each.at, each.asset.public_id)
        )
        for each in found
    ]
    return GoingDarkConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=PageInfo(
            has_next_page=goes_on is not None,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=cursor_of(*goes_on) if goes_on else edges[-1].cursor if edges else None,
        ),
    )


def cursor_of(at: datetime, asset: str) -> str:
    """Write the cursor of a boundary of an asset."""
    return write_cursor(_LIST, at.isoformat(), asset)


def _going_dark(each: going_dark.GoingDark, scene: Scene) -> GoingDark:
    return GoingDark(
        asset=asset_of(each.asset, scene),
        at=each.at,
        places=[dark_place(place) for place in each.places],
    )


def dark_place(place: going_dark.DarkPlace) -> GoingDarkPlace:
    """Make a `GoingDarkPlace`."""
    return GoingDarkPlace(
        channel=place.channel,
        market=place.market,
        countries=list(place.countries),
        usage=place.usage,
        reason=place.reason,
        products=[
            GoingDarkProduct(
                id=strawberry.ID(shown.product), sku=shown.sku, role=MediaRole(shown.role)
            )
            for shown in place.products
        ],
    )


def place_of(cursor: str) -> tuple[datetime, str]:
    """Read the cursor of a boundary of an asset.

    Raises:
        InvalidCursorError: it is none.
    """
    at, asset = read_cursor(_LIST, cursor, count=2, field="after")
    return read_instant(at, field="after"), asset
