"""The category trees, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category with what is below it, in the order of positions."""

    code: str
    parent: str | None
    label: Mapping[str, str]
    children: tuple["Category", ...]


CATEGORIES_SQL = """
SELECT code, parent, label FROM category ORDER BY position, code
"""


async def load_categories(conn: Connection) -> dict[str, Category]:
    """Return every category by its code; trees have at most some thousands."""
    rows = await conn.fetch(CATEGORIES_SQL)
    below: dict[str | None, list[str]] = {}
    by_code = {row["code"]: row for row in rows}
    for row in rows:
        below.setdefault(row["parent"], []).append(row["code"])
    made: dict[str, Category] = {}

    def make(code: str) -> Category:
        row = by_code[code]
        made[code] = Category(
            code=code,
            parent=row["parent"],
            label=row["label"],
            children=tuple(make(each) for each in below.get(code, ())),
        )
        return made[code]

    for root in below.get(None, ()):
        make(root)
    return made


def children_of(
    by_code: Mapping[str, Category], parent: str | None, *, tree: str | None
) -> Sequence[Category]:
    """Return what is directly below a category, or the roots.

    Args:
        by_code: every category.
        parent: None: the root of the tree.
        tree: the root whose categories may be seen; None: all trees.
    """
    code = parent or tree
    if code is None:
        return [each for each in by_code.values() if each.parent is None]
    if code not in by_code or tree not in {None, _root_of(by_code[code], by_code)}:
        return ()
    return by_code[code].children


def _root_of(category: Category, by_code: Mapping[str, Category]) -> str:
    while category.parent is not None:
        category = by_code[category.parent]
    return category.code
