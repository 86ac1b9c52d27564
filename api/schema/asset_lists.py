"""Pages of assets by code: what they are filtered by, and their connection."""

import strawberry

from api.schema.descriptions import graphql_input, graphql_type
from api.schema.media import Asset
from api.schema.nodes import PageInfo
from api.schema.rights import AssetStatus
from catalog.graph import assets


@graphql_input
class AssetFilter:
    """Conditions that hold together; what is left out holds for all."""

    codes: list[str] | None = strawberry.field(description="One of these.", default=None)
    status: list[AssetStatus] | None = strawberry.field(
        description="In one of these states.", default=None
    )

    text: str | None = strawberry.field(
        description="Beginnings of words of the code or of the file's name.", default=None
    )
    licence: strawberry.ID | None = strawberry.field(
        description="That rest on this one, by id or code; takes `rights.read`.", default=None
    )
    collection: str | None = strawberry.field(
        description="In this one; takes `rights.read`.", default=None
    )

    def to_domain(self) -> assets.AssetFilter:
        """Translate it for the domain."""
        statuses = None if self.status is None else [each.value for each in self.status]
        return assets.AssetFilter(
            statuses=statuses,
            codes=self.codes,
            text=self.text,
            licence=self.licence,
            collection=self.collection,
        )


@graphql_type
class AssetEdge:
    """An asset on a page."""

    node: Asset = strawberry.field(description="The asset.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class AssetConnection:
    """A page of assets by code (Relay cursor connections)."""

    edges: list[AssetEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[Asset] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")
