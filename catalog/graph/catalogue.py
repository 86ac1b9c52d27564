"""Every product as it is kept, published or not, the one that changed last first: for its keepers.

Not what readers see: that is frozen in publications, and listed by `listing`.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from catalog.access.rules import Narrowing
from catalog.db import Connection, Record
from catalog.graph.context import ReadContext
from catalog.graph.product_places import LIES_WITHIN, ON_ITS_CHANNELS, written_places
from catalog.graph.values import effective
from catalog.statement_values import StatementValues, all_of


class PublicationState(Enum):
    """Whether products are published; of several channels on any.

    Attributes:
        CHANGED: published, and changed since; what was published from an older version counts.
    """

    PUBLISHED = "EXISTS ({})"
    UNPUBLISHED = "NOT EXISTS ({})"
    CHANGED = "EXISTS ({} AND (published_at < p.updated_at OR copy_of IS NOT NULL))"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPublication:
    """A publication of a product that is live: visible, or to be.

    Attributes:
        visible_until: None: until it is taken back.
        has_changed: the product did after it was published, or that was of an older version; what
            the channel shows of it may still be the same.
    """

    channel: str
    version: int
    published_at: datetime
    visible_from: datetime
    visible_until: datetime | None
    has_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProduct:
    """A product as it is kept.

    Attributes:
        family: its code.
        parent: the sku of the model above.
        label: its name, or that of a model above; None: it has none in the locale.
    """

    id: uuid.UUID
    public_id: str
    sku: str
    kind: str
    family: str
    parent: str | None
    label: str | None
    revision: int
    updated_at: datetime
    publications: tuple[KeptPublication, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFilter:
    """Which products; what is None is not asked.

    Attributes:
        state: by the publications on `channel`, or on any.
        within: where whoever asks has the right to see them, one of these, and their publications
            on its channels; None: everywhere.
        search: what skus begin with, or words of names.
    """

    state: PublicationState | None = None
    channel: str | None = None
    within: Sequence[Narrowing] | None = None
    families: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    search: str | None = None


_LIVE = """
SELECT FROM publication
WHERE product = p.id AND ended_at IS NULL
  AND (visible_until IS NULL OR visible_until > now()){channels}"""
_LIKE = """p.id IN (
    SELECT id FROM product
    WHERE lower(sku) ~>=~ lower({0}::text) AND lower(sku) ~<~ (lower({0}::text) || chr(1114111))
    UNION SELECT owner FROM product_value
    WHERE attribute = 'name'
      AND array_to_tsvector(words_of(data #>> '{{}}')) @@ words_query({0}))"""
_NAMES = """(
    SELECT jsonb_agg(jsonb_build_object('locale', locale, 'market', market, 'data', data))
    FROM product_value WHERE owner = {} AND attribute = 'name' AND channel IS NULL
)"""
_PAGE = f"""
WITH page AS (
    SELECT id, public_id, sku, kind, family, parent, revision, updated_at FROM product AS p
    WHERE {{where}} ORDER BY updated_at DESC, id DESC LIMIT {{limit}}
)
SELECT p.id, p.public_id, p.sku, p.kind, p.family, model.sku AS parent, p.revision, p.updated_at,
       {_NAMES.format("p.id")} AS names, {_NAMES.format("model.id")} AS names_above,
       {_NAMES.format("model.parent")} AS names_on_top, (
    SELECT jsonb_agg(jsonb_build_array(
        channel, version, published_at, visible_from, visible_until, copy_of) ORDER BY channel)
    FROM publication
    WHERE product = p.id AND ended_at IS NULL
      AND (visible_until IS NULL OR visible_until > now()){{channels}}
) AS publications
FROM page AS p LEFT JOIN product AS model ON model.id = p.parent
ORDER BY p.updated_at DESC, p.id DESC
"""  # noqa: S608 - ours
_COUNT = "SELECT count(*) FROM product AS p WHERE {where}"


def _conditions(wanted: CatalogueFilter, values: StatementValues) -> Iterator[str]:
    if wanted.state is not None:
        there = _on_channels(wanted, values)
        if wanted.channel is not None:
            there += values.add(" AND channel = {}", wanted.channel)
        yield wanted.state.value.format(_LIVE.format(channels=there))
    if wanted.families is not None:
        yield values.add("p.family = ANY ({}::text[])", list(wanted.families))
    if wanted.kinds is not None:
        yield values.add("p.kind = ANY ({}::text[])", list(wanted.kinds))
    if wanted.search is not None:
        yield _LIKE.format(values.add("{}", wanted.search))
    if wanted.within is not None:
        yield _lies_within(wanted.within, values)


def _on_channels(wanted: CatalogueFilter, values: StatementValues) -> str:
    """Return the condition on the channels whose publications are told."""
    if wanted.within is None:
        return ""
    return f" AND {_lies_within(wanted.within, values, more=ON_ITS_CHANNELS)}"


def _lies_within(within: Sequence[Narrowing], values: StatementValues, *, more: str = "") -> str:
    return LIES_WITHIN.format(places=values.add("{}", written_places(within)), more=more)


def page_statement(
    wanted: CatalogueFilter, *, after: tuple[datetime, uuid.UUID] | None, size: int
) -> tuple[str, Sequence[object]]:
    """Write the statement of a page, and its values."""
    values = StatementValues()
    where = [*_conditions(wanted, values)]
    if after is not None:
        where.append(values.add("(p.updated_at, p.id) < ({}::timestamptz, {}::uuid)", *after))
    text = _PAGE.format(
        where=all_of(where), limit=values.add("{}", size), channels=_on_channels(wanted, values)
    )
    return text, values.all


async def list_catalogue(
    conn: Connection,
    wanted: CatalogueFilter,
    context: ReadContext,
    *,
    after: tuple[datetime, uuid.UUID] | None,
    size: int,
) -> list[KeptProduct]:
    """Return products, the one that changed last first, at most so many.

    Args:
        conn: to the primary.
        wanted: which.
        context: whose locale and market their labels are read in.
        after: when the last one of the page before changed, and its id.
        size: the most that are returned.
    """
    text, values = page_statement(wanted, after=after, size=size)
    return [_product(row, context) for row in await conn.fetch(text, *values)]


async def count_catalogue(conn: Connection, wanted: CatalogueFilter) -> int:
    """Return how many products these are."""
    values = StatementValues()
    where = all_of(_conditions(wanted, values))
    return await conn.fetchval(_COUNT.format(where=where), *values.all)


def _product(row: Record, context: ReadContext) -> KeptProduct:
    fields: dict[str, Any] = dict(row)
    names = [fields.pop(each) or () for each in ("names", "names_above", "names_on_top")]
    publications = fields.pop("publications") or ()
    return KeptProduct(
        **fields,
        label=next(filter(None, (_name(each, context) for each in names)), None),
        publications=tuple(_publication(each, row["updated_at"]) for each in publications),
    )


def _name(values: Sequence[Mapping[str, Any]], context: ReadContext) -> str | None:
    chosen = effective(values, context)
    return chosen.data if chosen is not None and isinstance(chosen.data, str) else None


def _publication(row: Sequence[Any], updated_at: datetime) -> KeptPublication:
    channel, version, published, begins, ends, copy_of = row
    published_at = datetime.fromisoformat(published)
    return KeptPublication(
        channel=channel,
        version=version,
        published_at=published_at,
        visible_from=datetime.fromisoformat(begins),
        visible_until=None if ends is None else datetime.fromisoformat(ends),
        has_changed=copy_of is not None or published_at < updated_at,
    )
