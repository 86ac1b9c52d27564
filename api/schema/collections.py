"""Collections as those see them who manage rights: their terms, and how much is in them."""

from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.needs import DEFAULT_PAGE, checked_size
from api.request.scene import Info
from api.schema.described import argument, graphql_field, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.rights import Grant, Restriction, grants_of, restrictions_of
from catalog.access.model import Scope
from catalog.graph import collections as graph
from catalog.graph.cursors import read_cursor, write_cursor

_LIST = "COLLECTIONS"


@graphql_type
class Collection:
    """Assets whose rights are stated together."""

    code: str = strawberry.field(description="Its natural key, as imports name it.")
    name: str = strawberry.field(description="For people.")
    grants: list[Grant] = strawberry.field(description="What it permits.")
    restrictions: list[Restriction] = strawberry.field(description="What it forbids.")
    asset_count: int = strawberry.field(description="How many assets are in it.")


@graphql_type
class CollectionEdge:
    """One of a page."""

    node: Collection = strawberry.field(description="The collection.")
    cursor: str = strawberry.field(description="For `after`.")


@graphql_type
class CollectionConnection:
    """A page of collections, by code."""

    edges: list[CollectionEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Collection] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class CollectionQueries:
    """Reads of collections; all need the scope `manage.rights`."""

    @graphql_field
    async def collections(
        self,
        info: Info,
        first: Annotated[
            int | None, argument("At most so many, from the start; 24, at most 100.")
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> CollectionConnection | None:
        """Return a page of collections by code; needs `manage.rights`."""
        info.context.require(Scope.MANAGE_RIGHTS)
        size = checked_size(DEFAULT_PAGE if first is None else first, "first")
        (code,) = read_cursor(_LIST, after, count=1, field="after") if after else [""]
        async with info.context.services.pool.acquire() as conn:
            found = await graph.list_collections(conn, after=code, size=size + 1)
        edges = [
            CollectionEdge(node=collection_of(each), cursor=write_cursor(_LIST, each.code))
            for each in found[:size]
        ]
        return CollectionConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
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
