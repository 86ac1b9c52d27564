"""Collections as those see them who manage rights: their terms, and how much is in them."""

from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.holders import list_page
from api.schema.nodes import PageInfo
from api.schema.rights import Grant, Restriction, grants_of, restrictions_of
from catalog.access.roles import Action
from catalog.graph import holders as graph


@graphql_type
class Collection:
    """Assets whose rights are stated together."""

    code: str = strawberry.field(description="Its natural key, as imports name it.")
    name: str = strawberry.field(description="For people.")
    grants: list[Grant] = strawberry.field(description="What it permits.", metadata=STORED.metadata)
    restrictions: list[Restriction] = strawberry.field(
        description="What it forbids.", metadata=STORED.metadata
    )
    asset_count: int = strawberry.field(description="How many assets are in it.")


@graphql_type
class CollectionEdge:
    """One of a page."""

    node: Collection = strawberry.field(description="The collection.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class CollectionConnection:
    """A page of collections, by code."""

    edges: list[CollectionEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Collection] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class CollectionQueries:
    """Reads of collections."""

    @graphql_field
    @allowed(Action.RIGHTS_READ)
    async def collection(
        self, info: Info, code: Annotated[str, argument("Of the collection.")]
    ) -> Collection | None:
        """Return a collection with its terms."""
        async with info.context.services.pool.acquire() as conn:
            found = await graph.find_holder(conn, graph.Collection, code)
        return None if found is None else collection_of(found)

    @field_with(rows=PAGE)
    @allowed(Action.RIGHTS_READ)
    async def collections(
        self,
        info: Info,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> CollectionConnection | None:
        """Return a page of collections by code."""
        edges, page = await list_page(
            info,
            graph.Collection,
            lambda each, cursor: CollectionEdge(node=collection_of(each), cursor=cursor),
            first=first,
            after=after,
        )
        return CollectionConnection(
            edges=edges, nodes=[edge.node for edge in edges], page_info=page
        )


def collection_of(collection: graph.Collection) -> Collection:
    """Make a `Collection`."""
    return Collection(
        code=collection.code,
        name=collection.name,
        grants=grants_of(collection.grants),
        restrictions=restrictions_of(collection.restrictions),
        asset_count=collection.asset_count,
    )
