"""The category trees, in one statement."""

from collections.abc import Mapping
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
