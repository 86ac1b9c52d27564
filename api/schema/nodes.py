"""What many types have in common: ids, pages."""

from collections.abc import Sequence
from typing import Protocol

import strawberry

from api.schema.descriptions import graphql_interface, graphql_type


@graphql_interface
class Node:
    """Something that `node(id:)` finds again."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")


@graphql_type
class PageInfo:
    """What lies before and after a page (Relay cursor connections)."""

    has_next_page: bool = strawberry.field(description="Whether something follows the page.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes the page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first on the page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last on the page.")


class Edge(Protocol):
    """What every edge has."""

    cursor: str


def page_info(edges: Sequence[Edge], *, has_next: bool, has_previous: bool) -> PageInfo:
    """Make a `PageInfo` around edges."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
