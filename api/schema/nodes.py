"""What many types have in common: ids, pages."""

import strawberry

from api.schema.described import graphql_interface, graphql_type


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
