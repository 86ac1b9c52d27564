"""Codes that a filter names: one that there is not is refused, with those that there are.

Codes of options are not looked at: whether nothing has one, or only what is not visible yet, is
nobody's to know; neither are keys of products. What is no number or boolean, nothing can have.
"""

import difflib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import orjson

from catalog.db import Connection
from catalog.errors import InvalidInputError
from catalog.graph.context import ReadContext
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.publication.listing import FACET_TYPES
from catalog.publication.rules import text_of
from catalog.subjects import Subject

#: Codes that were met in filters and are there, some 150 bytes each.
MOST_KNOWN = 20_000
#: Events of attributes and families name nothing that rests on them: what is published is frozen,
#: and no edge need be purged. So what they say is read again after so long.
KNOWN_FOR_S = 60.0
_CATEGORIES = Subject("category:")
_MOST_NAMED = 30
_MOST_COMPARED = 200  # with a wrong code: 25 us each

_Noun: TypeAlias = Literal["attribute", "family", "category"]
_Code: TypeAlias = tuple[_Noun, str]
_FIELDS: Mapping[_Noun, str] = {
    "attribute": "attributes",
    "family": "family",
    "category": "categories",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCodes:
    """The codes of a filter, in its order.

    Attributes:
        values: what the filter asks for of attributes, each beside the code.
    """

    attributes: Sequence[str] = ()
    families: Sequence[str] = ()
    categories: Sequence[str] = ()
    values: Sequence[tuple[str, Sequence[str]]] = ()

    def __iter__(self) -> Iterator[_Code]:
        """Yield each with its noun."""
        for code in self.attributes:
            yield "attribute", code
        for code in self.families:
            yield "family", code
        for code in self.categories:
            yield "category", code


STORED_SQL = """
SELECT 'attribute' AS noun, code, type AS detail FROM attribute WHERE code = ANY ($1)
UNION ALL SELECT 'family', code, 'family' FROM family WHERE code = ANY ($2)
UNION ALL SELECT 'category', code, tree FROM category WHERE code = ANY ($3)
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


class FilterCodes:
    """Checks the codes of filters, and asks the database only for those not met within a minute.

    No command deletes an attribute, a family or a category, or gives an attribute another type; a
    category may move to another tree. A database that was restored or mended by hand may say
    something else of any of them.

    Args:
        most: codes that are remembered; none that there are not is.
        monotonic_s: the clock that the minute is measured by.
    """

    def __init__(
        self, most: int = MOST_KNOWN, *, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        lease = Lease(lease_s=KNOWN_FOR_S, monotonic_s=monotonic_s)
        self.kept: Kept[_Code, str] = Kept(most, rests_on=_rests_on, lease=lease)

    async def check(self, conn: Connection, context: ReadContext, named: NamedCodes) -> None:
        """Refuse codes that there are not, and what no attribute of its type can be filtered by.

        Args:
            conn: to the primary.
            context: whose channel, tree and instant decide what may be named instead.
            named: in the filter.

        Raises:
            InvalidInputError: at the first; the message names what there is, the likeliest first.
        """
        known = await self.kept.many(dict.fromkeys(named), partial(_read, conn))
        tree = context.channel.category_tree
        for noun, code in named:
            problem = _problem(noun, code, known.get((noun, code)), tree)
            if problem is not None:
                there_are = await _there_are(conn, context, noun, code)
                raise InvalidInputError(f"{problem}; {there_are}", field=f"filter.{_FIELDS[noun]}")
        for code, values in named.values:
            for each in values:
                _check_value(code, known["attribute", code], each)


def _rests_on(code: _Code, _: str) -> Sequence[Subject]:
    """Return what an event names: any change of a category may have moved those below it."""
    return (_CATEGORIES,) if code[0] == "category" else ()


async def _read(conn: Connection, codes: Sequence[_Code]) -> Mapping[_Code, str]:
    """Return the type of attributes, the tree of categories, and of families that they are some.

    No text is empty: to a memory with a lease that would be an absence, which it does not keep.
    """
    nouns: tuple[_Noun, ...] = "attribute", "family", "category"
    rows = await conn.fetch(
        STORED_SQL, *([code for noun, code in codes if noun == each] for each in nouns)
    )
    return {(row["noun"], row["code"]): row["detail"] for row in rows}


def _problem(noun: _Noun, code: str, detail: str | None, tree: str | None) -> str | None:
    if detail is None or (noun == "category" and tree not in {None, detail}):
        return f"there is no {noun} {code!r}"
    if noun == "attribute" and detail not in FACET_TYPES:
        return f"the attribute {code!r} is of the type {detail}, which is not filtered by"
    return None


def _check_value(code: str, type_: str | None, value: str) -> None:
    """Refuse what no value of a number or boolean is written like.

    Raises:
        InvalidInputError: at the filter's attributes.
    """
    if type_ == "boolean":
        hint = "" if value in {"true", "false"} else "true or false"
    elif type_ == "number":
        hint = _hint_of_number(value)
    else:
        return
    if hint:
        raise InvalidInputError(
            f"{value!r} is no {type_} as {code!r} has them: write {hint}", field="filter.attributes"
        )


def _hint_of_number(value: str) -> str:
    """Return how a number is written in filters; empty: as it is."""
    try:
        number: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return "digits, with a point if need be"
    written = text_of(number)
    return "" if written == value else written


async def _there_are(conn: Connection, context: ReadContext, noun: _Noun, code: str) -> str:
    """Say what may be named, the likeliest first; only what can be seen anyway."""
    channel = context.channel
    shown = await conn.fetchrow(
        SHOWN_SQL, channel.code, context.now, sorted(FACET_TYPES), channel.category_tree
    )
    assert shown is not None  # noqa: S101 - a SELECT without FROM has one row
    names: Sequence[str] = shown["families" if noun == "family" else _FIELDS[noun]]
    if not names:
        return "there are none here yet"
    alike = [each for each in names if each[:1].casefold() == code[:1].casefold()]
    likely = difflib.get_close_matches(code, alike[:_MOST_COMPARED], n=3)
    rest = [each for each in names if each not in likely]
    first = [*likely, *rest][:_MOST_NAMED]
    more = f" and {len(names) - len(first):,} more" if len(names) > len(first) else ""
    return f"there are: {', '.join(first)}{more}"
