"""The SQL that finds which drafts a preview has to freeze."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import Connection
from catalog.statement_values import StatementValues


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsWanted:
    """Which drafts a read may show; what is None is not asked.

    Attributes:
        skus, ids: of products, with all that is above and below them; None: those of a list, that
            is all that changed since they were published, or never were.
        shows_taken_back: whether these are shown though they were taken back, as publishing them
            by their own skus would.
        families, categories: of a list, as drafts have them or as they are published.
    """

    skus: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    shows_taken_back: bool = False
    families: Sequence[str] | None = None
    categories: Sequence[str] | None = None

    @property
    def is_list(self) -> bool:
        """Whether no product is named."""
        return self.skus is None and self.ids is None


NAMED_SQL = """
WITH RECURSIVE line AS (
    SELECT id, parent, sku, true AS is_named FROM product
    WHERE sku = ANY ($1) OR public_id = ANY ($2)
    UNION
    SELECT p.id, p.parent, p.sku, false FROM product AS p JOIN line ON p.id = line.parent
)
SELECT sku, bool_or(is_named) AS is_named FROM line GROUP BY sku
"""


async def find_named(conn: Connection, wanted: DraftsWanted) -> dict[str, bool]:
    """Return the skus of the products that are named and of their models: whether they are."""
    rows = await conn.fetch(NAMED_SQL, list(wanted.skus or ()), list(wanted.ids or ()))
    return {row["sku"]: row["is_named"] for row in rows}


_CHANGED = """
SELECT top.sku, count(*) OVER () AS products FROM product AS p
LEFT JOIN publication AS live
  ON live.product = p.id AND live.channel = {channel} AND live.ended_at IS NULL
LEFT JOIN product AS model ON model.id = p.parent
JOIN product AS top ON top.id = coalesce(model.parent, p.parent, p.id)
WHERE (live.product IS NULL OR live.published_at < p.updated_at OR live.copy_of IS NOT NULL){where}
LIMIT {limit}
"""
_OF_FAMILIES = """ AND (p.family = ANY ({families}::text[]) OR EXISTS (
    SELECT FROM search_document AS s
    WHERE s.product = top.id AND s.channel = {channel} AND s.family = ANY ({families}::text[])))"""
_IN_CATEGORIES = """ AND ({categories}::text[] && categories_above(ARRAY(
        SELECT category FROM product_category WHERE product IN (p.id, p.parent, top.id)))
    OR EXISTS (
        SELECT FROM search_document AS s
        WHERE s.product IN (p.id, top.id) AND s.channel = {channel}
          AND s.categories && {categories}::text[]))"""


def changed_statement(
    channel: str, wanted: DraftsWanted, limit: int
) -> tuple[str, Sequence[object]]:
    """Write the statement that finds the drafts of a list, and its values."""
    values = StatementValues()
    at = values.add("{}", channel)
    where = ""
    if wanted.families is not None:
        families = values.add("{}", list(wanted.families))
        where += _OF_FAMILIES.format(families=families, channel=at)
    if wanted.categories is not None:
        categories = values.add("{}", list(wanted.categories))
        where += _IN_CATEGORIES.format(categories=categories, channel=at)
    text = _CHANGED.format(channel=at, where=where, limit=values.add("{}", limit))
    return text, values.all


async def find_changed(
    conn: Connection, channel: str, wanted: DraftsWanted, limit: int
) -> tuple[list[str], int]:
    """Return the skus of products or their topmost models, and how many products it is about.

    Args:
        conn: to the primary.
        channel: where they changed since they were published, or never were.
        wanted: of a list.
        limit: the most products whose skus are returned.
    """
    text, values = changed_statement(channel, wanted, limit)
    rows = await conn.fetch(text, *values)
    return list(dict.fromkeys(row["sku"] for row in rows)), rows[0]["products"] if rows else 0
