"""Published products with their variants: one statement says which, whatever is asked for.

Their documents come from memory, or in one more statement for all that are not there.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.db import Connection, Record
from catalog.graph.context import ReadContext
from catalog.graph.published_documents import PublishedDocument, PublishedDocuments, Version
from catalog.subjects import Subject, product_subject, publication_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProduct:
    """One product as it was published on the context's channel.

    Attributes:
        ancestors: its models, nearest first.
        document: as `catalog/publication` froze it; of a variant beyond the wanted number only its
            outline.
        variants: those below it that are visible now, in the order of their options, as many as
            were wanted.
        variant_count: how many there are.
        options_below: what the visible variants of a model have on its axes, by axis; empty where
            that was not wanted.
    """

    id: uuid.UUID
    public_id: str
    sku: str
    kind: str
    ancestors: tuple[uuid.UUID, ...]
    document: PublishedDocument
    variants: tuple["PublishedProduct", ...] = ()
    variant_count: int = 0
    options_below: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantsWanted:
    """How much of the variants a selection needs.

    Attributes:
        documents: the most of them per product whose documents are needed.
        outlines: whether the outline of every one is needed too: its options, name and price.
        options: whether it is needed what they have on the axes of their model.
    """

    documents: int = 0
    outlines: bool = False
    options: bool = False

    @property
    def is_any(self) -> bool:
        """Whether any variant is loaded, and so how many there are is known."""
        return self.documents > 0 or self.outlines

    def limit(self, products: int) -> int:
        """Return the most rows a product on a page of so many."""
        if not self.outlines:
            return self.documents
        return max(self.documents, min(_MOST_OUTLINES, _MOST_OUTLINES_A_PAGE // max(1, products)))


#: A model with more variants is browsed by `products(filter: {models})`.
_MOST_OUTLINES = 1_000
_MOST_OUTLINES_A_PAGE = 10_000

#: Follows a CTE `root (place, product, public_id, sku, kind, ancestors, version)`; $1 is the
#: channel, $2 the instant, $3 the most variants a product.
AND_VARIANTS = """
SELECT place, 0 AS rank, product, public_id, sku, kind, ancestors, version, 0 AS variant_count
FROM root
UNION ALL
SELECT root.place, v.rank, v.product, v.public_id, v.sku, v.kind, v.ancestors, v.version,
       v.variant_count
FROM root CROSS JOIN LATERAL (
    SELECT p.product, p.public_id, p.sku, p.kind, p.ancestors, p.version,
           row_number() OVER (ORDER BY p.option_order, p.sku) AS rank,
           count(*) OVER () AS variant_count
    FROM publication AS p
    WHERE $3::int > 0 AND root.kind = 'MODEL'
      AND p.channel = $1 AND p.ended_at IS NULL AND p.kind = 'VARIANT'
      AND p.ancestors @> ARRAY[root.product]
      AND p.visible_from <= $2 AND (p.visible_until IS NULL OR p.visible_until > $2)
    ORDER BY p.option_order, p.sku LIMIT $3
) AS v
ORDER BY place, rank
"""

_FIND_PRODUCTS = """
WITH root AS (
    SELECT row_number() OVER (ORDER BY sku) AS place,
           product, public_id, sku, kind, ancestors, version
    FROM publication
    WHERE channel = $1 AND ended_at IS NULL
      AND visible_from <= $2 AND (visible_until IS NULL OR visible_until > $2)
      AND (sku = ANY ($4) OR public_id = ANY ($5) OR product = ANY ($6))
)
{and_variants}"""
FIND_PRODUCTS_SQL = _FIND_PRODUCTS.format(and_variants=AND_VARIANTS)


async def find_products(  # noqa: PLR0913 - three ways to name them
    conn: Connection,
    documents: PublishedDocuments,
    context: ReadContext,
    wanted: VariantsWanted,
    *,
    skus: Sequence[str] = (),
    ids: Sequence[str] = (),
    products: Sequence[uuid.UUID] = (),
) -> list[PublishedProduct]:
    """Return the products of these skus, public ids or ids that are published now, by sku."""
    rows = await conn.fetch(
        FIND_PRODUCTS_SQL,
        context.channel.code,
        context.now,
        wanted.limit(len(skus) + len(ids) + len(products)),
        list(skus),
        list(ids),
        list(products),
    )
    return await assemble(conn, documents, context, wanted, rows)


async def find_models(
    conn: Connection,
    documents: PublishedDocuments,
    context: ReadContext,
    wanted: VariantsWanted,
    products: Sequence[PublishedProduct],
) -> dict[uuid.UUID, PublishedProduct]:
    """Return the models of products and their variants that are published now, by id.

    In one statement for those that are not among the products themselves.
    """
    known = {each.id: each for each in products}
    shown = [each for product in products for each in (product, *product.variants)]
    missing = {model for each in shown for model in each.ancestors} - known.keys()
    if missing:
        found = await find_products(conn, documents, context, wanted, products=list(missing))
        known |= {each.id: each for each in found}
    return known


ANCESTORS_SQL = "SELECT public_id FROM product WHERE id = ANY ($1)"
NEXT_BOUNDARY_SQL = """
SELECT least(
    (SELECT min(visible_from) FROM publication WHERE ended_at IS NULL AND visible_from > $1),
    (SELECT min(visible_until) FROM publication WHERE ended_at IS NULL AND visible_until > $1))
"""


async def subjects_of(
    conn: Connection,
    context: ReadContext,
    products: Sequence[PublishedProduct],
    public_ids: Mapping[uuid.UUID, str],
) -> set[Subject]:
    """Return what an event has to name for the products of an answer to be out of date.

    Their publications, and the media that hang on them, their variants and their models.

    Args:
        conn: for the public ids of models that are not known.
        context: its channel.
        products: of the answer.
        public_ids: of products and models, as far as they are known.
    """
    shown = [each for product in products for each in (product, *product.variants)]
    named = {*public_ids.values(), *(each.public_id for each in shown)}
    models = {each for product in shown for each in product.ancestors}
    models -= {*public_ids, *(each.id for each in shown)}
    if models:
        named |= {row["public_id"] for row in await conn.fetch(ANCESTORS_SQL, list(models))}
    channel = context.channel.code
    return {
        *(publication_subject(each, channel) for each in named),
        *(product_subject(each) for each in named),
    }


async def next_boundary(conn: Connection, now: datetime) -> datetime | None:
    """Return when the next publication begins or ends, on any channel; None: none is known."""
    return await conn.fetchval(NEXT_BOUNDARY_SQL, now)


async def assemble(
    conn: Connection,
    documents: PublishedDocuments,
    context: ReadContext,
    wanted: VariantsWanted,
    rows: Sequence[Record],
) -> list[PublishedProduct]:
    """Put documents into rows of `AND_VARIANTS`, and the variants below their products.

    Args:
        conn: for documents that are not in memory.
        documents: that are.
        context: its channel.
        wanted: of which variants documents are needed, and of which outlines.
        rows: in the order of place and rank.
    """
    whole = [_version(row) for row in rows if row["rank"] <= wanted.documents]
    outlined = [_version(row) for row in rows if row["rank"] > wanted.documents]
    found = await documents.get(conn, context.channel.code, whole, outlined)
    products = _assembled(rows, found)
    return await _with_options(conn, context, wanted, products) if wanted.options else products


OPTIONS_SQL = """
SELECT DISTINCT model.id AS model, own.key AS axis, own.value
FROM unnest($3::uuid[]) AS model(id)
JOIN publication AS p ON p.ancestors @> ARRAY[model.id] AND p.channel = $1
    AND p.ended_at IS NULL AND p.kind = 'VARIANT'
    AND p.visible_from <= $2 AND (p.visible_until IS NULL OR p.visible_until > $2)
CROSS JOIN LATERAL jsonb_each_text(p.options) AS own
"""


async def _with_options(
    conn: Connection,
    context: ReadContext,
    wanted: VariantsWanted,
    products: Sequence[PublishedProduct],
) -> list[PublishedProduct]:
    """Add what visible variants have on the axes of their models.

    Where all of them are loaded they say it themselves; else one more statement does.
    """
    below: dict[uuid.UUID, dict[str, set[str]]] = {}
    asked: list[uuid.UUID] = []
    for each in products:
        if not wanted.is_any or len(each.variants) < each.variant_count:
            asked += [each.id] if each.kind == "MODEL" else []
            continue
        for variant in each.variants:
            for axis, code in variant.document["options"].items():
                below.setdefault(each.id, {}).setdefault(axis, set()).add(code)
    if asked:
        for row in await conn.fetch(OPTIONS_SQL, context.channel.code, context.now, asked):
            below.setdefault(row["model"], {}).setdefault(row["axis"], set()).add(row["value"])
    return [
        replace(each, options_below={axis: frozenset(codes) for axis, codes in used.items()})
        if (used := below.get(each.id))
        else each
        for each in products
    ]


def _version(row: Record) -> Version:
    return row["product"], row["version"]


def _assembled(
    rows: Sequence[Record], found: Mapping[Version, PublishedDocument]
) -> list[PublishedProduct]:
    products: list[PublishedProduct] = []
    place = end = 0
    while place < len(rows):
        end = place + 1
        while end < len(rows) and rows[end]["rank"] > 0:
            end += 1
        below = rows[place + 1 : end]
        variants = tuple(_published(row, found) for row in below)
        count = below[0]["variant_count"] if below else 0
        products.append(_published(rows[place], found, variants, count))
        place = end
    return products


def _published(
    row: Record,
    found: Mapping[Version, PublishedDocument],
    variants: tuple[PublishedProduct, ...] = (),
    count: int = 0,
) -> PublishedProduct:
    return PublishedProduct(
        id=row["product"],
        public_id=row["public_id"],
        sku=row["sku"],
        kind=row["kind"],
        ancestors=tuple(row["ancestors"]),
        document=found[_version(row)],
        variants=variants,
        variant_count=count,
    )
