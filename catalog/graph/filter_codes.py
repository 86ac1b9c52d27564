"""Codes that a filter names: a list that finds nothing says so where it is for a code alone.

Codes of options are not looked at: whether nothing has one, or only what is not visible yet, is
nobody's to know.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import Connection
from catalog.errors import InvalidInputError
from catalog.graph.context import ReadContext
from catalog.publication.listing import FACET_TYPES

_MOST_NAMED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCodes:
    """The codes of a filter, in its order."""

    attributes: Sequence[str] = ()
    families: Sequence[str] = ()
    categories: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.attributes or self.families or self.categories)


STORED_SQL = """
SELECT (SELECT jsonb_object_agg(code, type) FROM attribute WHERE code = ANY ($1)) AS attributes,
       ARRAY(SELECT code FROM family WHERE code = ANY ($2)) AS families,
       ARRAY(SELECT code FROM category
             WHERE code = ANY ($3) AND ($4::text IS NULL OR tree = $4)) AS categories
"""

#: What is visible on the channel $1 at the instant $2: families, read one by one from their index,
#: and those of their attributes whose types ($3) can be filtered.
SHOWN_SQL = """
WITH RECURSIVE listed AS (
    (SELECT family FROM search_document WHERE channel = $1 ORDER BY family LIMIT 1)
    UNION ALL
    SELECT (SELECT s.family FROM search_document AS s
            WHERE s.channel = $1 AND s.family > listed.family ORDER BY s.family LIMIT 1)
    FROM listed WHERE listed.family IS NOT NULL
), shown AS (
    SELECT family FROM listed WHERE EXISTS (
        SELECT FROM search_document AS s
        WHERE s.channel = $1 AND s.family = listed.family AND s.visible_from <= $2
          AND (s.visible_until IS NULL OR s.visible_until > $2))
)
SELECT ARRAY(SELECT family FROM shown ORDER BY family) AS families,
       ARRAY(SELECT DISTINCT a.code FROM shown
             JOIN family_attribute AS f ON f.family = shown.family
             JOIN attribute AS a ON a.code = f.attribute
             WHERE a.type = ANY ($3) ORDER BY a.code) AS attributes,
       ARRAY(SELECT code FROM category
             WHERE $4::text IS NULL OR tree = $4 ORDER BY path LIMIT 1000) AS categories
"""


async def check_codes(conn: Connection, context: ReadContext, named: NamedCodes) -> None:
    """Refuse codes that there are not, and attributes whose type cannot be filtered.

    Args:
        conn: to the primary.
        context: whose channel, tree and instant decide what may be named instead.
        named: in the filter.

    Raises:
        InvalidInputError: at the first; the message names what there is, the likeliest first.
    """
    tree = context.channel.category_tree
    row = await conn.fetchrow(
        STORED_SQL, list(named.attributes), list(named.families), list(named.categories), tree
    )
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    types: dict[str, str] = row["attributes"] or {}
    wrong = next(
        (
            (noun, field, code, code in types)
            for noun, field, codes, known in (
                ("attribute", "attributes", named.attributes, _filterable(types)),
                ("family", "family", named.families, row["families"]),
                ("category", "categories", named.categories, row["categories"]),
            )
            for code in codes
            if code not in known
        ),
        None,
    )
    if wrong is not None:
        noun, field, code, is_stored = wrong
        shown = await conn.fetchrow(
            SHOWN_SQL, context.channel.code, context.now, sorted(FACET_TYPES), tree
        )
        assert shown is not None  # noqa: S101 - as above
        names = shown["families" if field == "family" else field]
        problem = (
            f"the attribute {code!r} is of the type {types[code]}, which is not filtered by"
            if is_stored and noun == "attribute"
            else f"there is no {noun} {code!r}"
        )
        raise InvalidInputError(f"{problem}; {_there_are(code, names)}", field=f"filter.{field}")


def _filterable(types: dict[str, str]) -> set[str]:
    return {code for code, kind in types.items() if kind in FACET_TYPES}


def _there_are(code: str, names: Sequence[str]) -> str:
    if not names:
        return "there are none here yet"
    likely = difflib.get_close_matches(code, names, n=3)
    rest = [each for each in names if each not in likely]
    shown = [*likely, *rest][:_MOST_NAMED]
    more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
    return f"there are: {', '.join(shown)}{more}"
