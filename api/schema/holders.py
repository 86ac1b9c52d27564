"""Pages of licences and of collections, for those who manage rights."""

from collections.abc import Callable
from typing import TypeVar

from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.nodes import Edge, PageInfo, page_info
from catalog.graph.cursors import read_cursor, write_cursor
from catalog.graph.holders import CURSOR_NAMES, Listed, list_holders

MadeEdge = TypeVar("MadeEdge", bound=Edge)


async def list_page(
    info: Info,
    listed: type[Listed],
    edge: Callable[[Listed, str], MadeEdge],
    *,
    first: int | None,
    after: str | None,
) -> tuple[list[MadeEdge], PageInfo]:
    """Read a page of holders by code.

    Args:
        info: of the field.
        listed: which holders.
        edge: makes an edge of a holder and its cursor.
        first: at most so many.
        after: the cursor that it begins behind.

    Raises:
        ForbiddenError: the reader has not the scope `manage.rights`.
        InvalidCursorError: `after` is no cursor of this list.
        PageSizeError: more was asked for than a page holds.
    """
    size = PAGE.size(first)
    name = CURSOR_NAMES[listed]
    (code,) = read_cursor(name, after, count=1, field="after") if after else [""]
    async with info.context.services.pool.acquire() as conn:
        found = await list_holders(conn, listed, after=code, size=size + 1)
    edges = [edge(each, write_cursor(name, each.code)) for each in found[:size]]
    return edges, page_info(edges, has_next=len(found) > size, has_previous=after is not None)
