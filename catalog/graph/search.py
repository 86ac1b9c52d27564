"""What a few letters find: codes that are so, codes that begin so, then what has such words.

One statement for each kind, with an index for each way to find it. Words are found by their
beginnings, in any order. What may be found at all is decided by whoever asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any, Final, cast

from catalog.access.rules import Narrowing
from catalog.db import Connection, Record
from catalog.graph.context import ReadContext
from catalog.graph.product_places import LIES_WITHIN, written_places
from catalog.graph.values import effective, label_of

#: At most so many of a kind.
MOST_OF_A_KIND: Final = 20
#: So many assets are looked at for somebody who may not see all of them.
ASSETS_LOOKED_AT: Final = 100
#: Of what has such words so many are looked at, of which the best are chosen. With fewer PostgreSQL
#: would rather read the whole table up to the first that fit, and of a rare word it is the whole.
_LOOKED_AT: Final = 500
#: Has PostgreSQL look rows up by their ids, where it would rather read the whole table.
_ONE_BY_ONE: Final = "OFFSET 0"


class FoundKind(StrEnum):
    """What can be found; an earlier kind comes first."""

    PRODUCT = "product"
    ASSET = "asset"
    LICENCE = "licence"
    COLLECTION = "collection"
    CATEGORY = "category"
    PRESET = "preset"
    TASK = "task"
    PERSON = "person"


class Match(IntEnum):
    """How well something fits; the best first."""

    EXACT = 0
    PREFIX = 1
    WORD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that fits.

    Attributes:
        id: by which the queries of its kind find it: a public id; of collections and presets the
            code, of people their id.
        code: its natural key; of a task its kind.
        label: what people call it, in the context's locale; None: nothing but its code.
        is_published: whether a product is, in the context; None: it is no product.
    """

    kind: FoundKind
    id: str
    code: str
    label: str | None
    match: Match
    is_published: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsSeen:
    """Which products may be found: of each, within one of these; None: all; empty: none.

    Attributes:
        published: on the context's channel.
        kept: published or not, and by names that are not published.
    """

    published: Sequence[Narrowing] | None
    kept: Sequence[Narrowing] | None


def _begins(code: str) -> str:
    """Return the condition that a code begins with the text, by an index of `text_pattern_ops`."""
    last = "(lower($1::text) || chr(1114111))"
    return f"lower({code}) ~>=~ lower($1::text) AND lower({code}) ~<~ {last}"


def _match(code: str) -> str:
    return (
        f"CASE WHEN lower({code}) = lower($1::text) THEN 0"
        f" WHEN starts_with(lower({code}), lower($1::text)) THEN 1 ELSE 2 END AS match"
    )


def _find_sql(  # noqa: PLR0913 - what differs between kinds
    table: str, key: str, *, found_id: str, code: str, words: str, label: str, where: str = "true"
) -> str:
    """Write the statement of a kind that is found in one table.

    Args:
        table: its name.
        key: the column that tells its rows apart.
        found_id: what it is found by later.
        code: what exact and beginning matches are of.
        words: of which each word is one.
        label: what people call it.
        where: what is searched; `$3` is the context's tree of categories, where it is named.
    """
    return f"""
WITH by_code AS (
    SELECT {key} FROM {table} WHERE {where} AND {_begins(code)}
    ORDER BY lower({code}) USING ~<~ LIMIT $2
), by_word AS (
    SELECT {key} FROM {table} WHERE {where} AND array_to_tsvector({words}) @@ words_query($1)
    LIMIT {_LOOKED_AT}
)
SELECT {found_id}::text AS id, {code} AS code, {label} AS label, {_match(code)}
FROM {table} WHERE {key} IN (SELECT {key} FROM by_code UNION SELECT {key} FROM by_word) AND {where}
ORDER BY match, lower({code}), id LIMIT $2
"""  # noqa: S608 - ours


FIND_LICENCES_SQL = _find_sql(
    "licence",
    "id",
    found_id="public_id",
    code="code",
    words="words_of(code || ' ' || licensor)",
    label="licensor",
)
FIND_COLLECTIONS_SQL = _find_sql(
    "collection",
    "id",
    found_id="code",
    code="code",
    words="words_of(code || ' ' || name)",
    label="name",
)
FIND_CATEGORIES_SQL = _find_sql(
    "category",
    "code",
    found_id="public_id",
    code="code",
    words="words_of(code) || words_in(label)",
    label="label",
    where="($3::text IS NULL OR tree = $3)",
)
FIND_PRESETS_SQL = _find_sql(
    "preset",
    "code",
    found_id="code",
    code="code",
    words="words_of(code)",
    label="NULL::text",
    where="state = 'current'",
)
FIND_TASKS_SQL = _find_sql(
    "task",
    "id",
    found_id="public_id",
    code="subject",
    words="words_of(coalesce(subject, '') || ' ' || cause)",
    label="cause",
    where="state = 'open'",
)
FIND_PEOPLE_SQL = _find_sql(
    "principal",
    "id",
    found_id="id",
    code="name",
    words="words_of(name)",
    label="name",
    where="kind = 'person' AND ended_at IS NULL",
)

FIND_ASSETS_LIKE_SQL = f"""
WITH by_code AS (
    SELECT id FROM asset WHERE {_begins("code")} ORDER BY lower(code) USING ~<~ LIMIT $2
), by_word AS (
    SELECT id FROM asset
    WHERE array_to_tsvector(words_of(code || ' ' || slug)) @@ words_query($1)
    LIMIT {_LOOKED_AT}
), by_title AS (
    SELECT asset FROM asset_value WHERE key = 'title'
      AND array_to_tsvector(words_of(data #>> '{{}}')) @@ words_query($1) LIMIT {_LOOKED_AT}
), best AS (
    SELECT id, public_id, code, {_match("code")} FROM (
        SELECT id FROM by_code UNION SELECT id FROM by_word UNION SELECT asset FROM by_title
    ) AS found CROSS JOIN LATERAL (
        SELECT public_id, code FROM asset WHERE id = found.id {_ONE_BY_ONE}
    ) AS asset ORDER BY match, lower(code) LIMIT $2
)
SELECT public_id AS id, code, match, (
    SELECT jsonb_agg(jsonb_build_object('locale', locale, 'market', NULL, 'data', data))
    FROM asset_value WHERE asset = best.id AND key = 'title'
) AS names
FROM best ORDER BY match, lower(code)
"""  # noqa: S608 - ours

_PUBLISHED_NAMES = """
jsonb_path_query_array(document, '$.attributes[*] ? (@.code == "name").values[*]')
"""
_KEPT_NAMES = """(
    SELECT jsonb_agg(jsonb_build_object('locale', locale, 'market', market, 'data', data))
    FROM product_value
    WHERE owner = {} AND attribute = 'name' AND (channel IS NULL OR channel = $3)
)"""
_VISIBLE = "visible_from <= $4 AND (visible_until IS NULL OR visible_until > $4)"
_LIES_THERE = LIES_WITHIN.format(places="$5::jsonb", more="")
_IS_PUBLISHED_THERE = (
    f"EXISTS (SELECT FROM product AS p WHERE p.id = publication.product AND {_LIES_THERE})"
)


def _published_sql(where: str = "true") -> str:
    return f"""
WITH by_code AS (
    SELECT product, version, sku FROM publication
    WHERE channel = $3 AND ended_at IS NULL AND {_VISIBLE} AND {_begins("sku")} AND {where}
    ORDER BY lower(sku) USING ~<~ LIMIT $2
), by_word AS (
    SELECT product, version, sku FROM publication
    WHERE channel = $3 AND ended_at IS NULL AND {_VISIBLE} AND words @@ words_query($1, $3)
      AND {where}
    LIMIT {_LOOKED_AT}
), best AS (
    SELECT product, version, {_match("sku")}
    FROM (SELECT * FROM by_code UNION SELECT * FROM by_word) AS found
    ORDER BY match, lower(sku) LIMIT $2
)
SELECT public_id AS id, p.sku AS code, true AS is_published, match,
       {_PUBLISHED_NAMES} AS names, (
           SELECT {_PUBLISHED_NAMES} FROM publication
           WHERE product = p.ancestors[1] AND channel = $3 AND ended_at IS NULL
       ) AS names_above
FROM best JOIN publication AS p USING (product, version)
WHERE channel = $3 ORDER BY match, lower(p.sku)
"""  # noqa: S608 - ours


def _kept_sql(where: str = "true") -> str:
    return f"""
WITH by_code AS (
    SELECT id FROM product AS p
    WHERE {_begins("sku")} AND {where} ORDER BY lower(sku) USING ~<~ LIMIT $2
), by_word AS (
    SELECT owner FROM product_value WHERE attribute = 'name'
      AND array_to_tsvector(words_of(data #>> '{{}}')) @@ words_query($1) LIMIT {_LOOKED_AT}
), best AS (
    SELECT id, public_id, sku, parent, {_match("sku")}
    FROM (SELECT id FROM by_code UNION SELECT owner FROM by_word) AS found CROSS JOIN LATERAL (
        SELECT public_id, sku, parent FROM product AS p
        WHERE id = found.id AND {where} {_ONE_BY_ONE}
    ) AS product ORDER BY match, lower(sku) LIMIT $2
)
SELECT public_id AS id, sku AS code, match, {_KEPT_NAMES.format("best.id")} AS names,
       {_KEPT_NAMES.format("best.parent")} AS names_above, EXISTS (
    SELECT FROM publication
    WHERE product = best.id AND channel = $3 AND ended_at IS NULL AND {_VISIBLE}
) AS is_published
FROM best ORDER BY match, lower(sku)
"""  # noqa: S608 - ours


FIND_PUBLISHED_SQL = _published_sql()
FIND_PUBLISHED_WITHIN_SQL = _published_sql(_IS_PUBLISHED_THERE)
FIND_KEPT_SQL = _kept_sql()
FIND_KEPT_WITHIN_SQL = _kept_sql(_LIES_THERE)

_BY_KIND: Final[Mapping[FoundKind, str]] = {
    FoundKind.LICENCE: FIND_LICENCES_SQL,
    FoundKind.COLLECTION: FIND_COLLECTIONS_SQL,
    FoundKind.CATEGORY: FIND_CATEGORIES_SQL,
    FoundKind.PRESET: FIND_PRESETS_SQL,
    FoundKind.TASK: FIND_TASKS_SQL,
    FoundKind.PERSON: FIND_PEOPLE_SQL,
}


async def find(  # noqa: PLR0913 - what is looked for, and how much of it
    conn: Connection,
    text: str,
    kinds: Iterable[FoundKind],
    context: ReadContext,
    *,
    size: int,
    assets: int,
    products: ProductsSeen,
) -> list[Found]:
    """Return what fits, the best first; of assets those that may not be seen, too.

    Args:
        conn: to the database.
        text: as somebody wrote it; blanks around it do not count, and case does not.
        kinds: what is looked for.
        context: which channel's products and categories, and whose names.
        size: at most so many of a kind.
        assets: at most so many of them.
        products: which of them may be found.
    """
    text = text.strip()
    found: list[Found] = []
    for kind in kinds if text else ():
        if kind is FoundKind.PRODUCT:
            found += await _find_products(conn, text, context, size=size, seen=products)
        elif kind is FoundKind.ASSET:
            rows = await conn.fetch(FIND_ASSETS_LIKE_SQL, text, assets)
            found += [_found(kind, row, context) for row in rows]
        else:
            scope = [context.channel.category_tree] if kind is FoundKind.CATEGORY else []
            rows = await conn.fetch(_BY_KIND[kind], text, size, *scope)
            found += [_found(kind, row, context) for row in rows]
    return in_order(found)


def in_order(found: Iterable[Found]) -> list[Found]:
    """Return the best first; of those that fit alike in the order of kinds, then of codes."""
    places = list(FoundKind)
    return sorted(found, key=lambda each: (each.match, places.index(each.kind), each.code, each.id))


async def _find_products(
    conn: Connection, text: str, context: ReadContext, *, size: int, seen: ProductsSeen
) -> list[Found]:
    asked = (text, size, context.channel.code, context.now)
    rows: list[Record] = []
    for within, anywhere, narrowed in (
        (seen.published, FIND_PUBLISHED_SQL, FIND_PUBLISHED_WITHIN_SQL),
        (seen.kept, FIND_KEPT_SQL, FIND_KEPT_WITHIN_SQL),
    ):
        if within is None:
            rows += await conn.fetch(anywhere, *asked)
        elif within:
            rows += await conn.fetch(narrowed, *asked, written_places(within))
    found: dict[str, Found] = {}
    for row in rows:
        each = _found(FoundKind.PRODUCT, row, context)
        known = found.get(each.id)
        found[each.id] = each if known is None else replace(each, is_published=True)
    return in_order(found.values())[:size]


def _found(kind: FoundKind, row: Record, context: ReadContext) -> Found:
    fields: dict[str, Any] = dict(row)
    names = [fields.pop(each, None) or () for each in ("names", "names_above")]
    own_or_above = (_name(each, context) for each in names)
    label = fields.pop("label", None) or next(filter(None, own_or_above), None)
    if isinstance(label, dict):
        label = label_of(cast("dict[str, str]", label), context)
    match = Match(fields.pop("match"))
    code = fields.pop("code") or ""
    return Found(**fields, kind=kind, code=code, label=label, match=match)


def _name(values: Sequence[Mapping[str, Any]], context: ReadContext) -> str | None:
    chosen = effective(values, context)
    return chosen.data if chosen is not None and isinstance(chosen.data, str) else None
