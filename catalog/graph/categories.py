"""The category trees as a whole, in one statement: for whoever goes down them."""

from collections.abc import Iterator, Mapping, Sequence

from catalog.db import Connection
from catalog.graph.category_paths import CategoryPath, PathStep

CHILDREN_SQL = "SELECT public_id, code, parent, label FROM category ORDER BY position, code"


async def load_children(conn: Connection) -> dict[str | None, list[PathStep]]:
    """Return every category by the code of the one above, in the order of positions.

    Roots stand under None. Trees have at most some thousands.
    """
    children: dict[str | None, list[PathStep]] = {}
    for row in await conn.fetch(CHILDREN_SQL):
        step = PathStep(public_id=row["public_id"], code=row["code"], label=row["label"])
        children.setdefault(row["parent"], []).append(step)
    return children


def ways_below(
    way: CategoryPath, children_of: Mapping[str | None, Sequence[PathStep]]
) -> Iterator[CategoryPath]:
    """Yield the ways to what is directly below a category, or to the roots below no way at all."""
    code = way[-1].code if way else None
    for step in children_of.get(code, ()):
        yield (*way, step)
