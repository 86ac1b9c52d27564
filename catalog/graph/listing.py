"""Pages of products: filtered, in one of three orders, by keyset, with their variants.

One statement a page, variants included. A cursor holds the order and the key that a
page ends with, so pages stay right while products come and go.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from catalog.db import Connection
from catalog.graph.context import ReadContext, search_locale
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.graph.products import AND_VARIANTS_SQL, Published, VariantsWanted, assemble
from catalog.graph.published_documents import PublishedDocuments
from catalog.publication.listing import NO_MARKET


class OrderField(Enum):
    """What lists are sorted by; ties are broken by the product's id."""

    NAME = "sort_name"
    SKU = "sku"
    PUBLISHED_AT = "published_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Where a page begins or ends, exclusive: the sort key and the id of a product."""

    key: str | datetime
    product: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that a product has to meet together; None: any.

    Attributes:
        categories: one of these, or below one of them.
        kinds: None: one card a product, that is simple products and models that are in no other.
        facets: per attribute `code=value` alternatives, of which one has to hold.
        models: skus of models that the product is a variant of.
    """

    categories: tuple[str, ...] | None = None
    families: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    facets: tuple[tuple[str, ...], ...] = ()
    models: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list: `size` products from its start or, `backward`, from its end."""

    size: int
    order: OrderField = OrderField.NAME
    is_descending: bool = False
    after: Bound | None = None
    before: Bound | None = None
    is_backward: bool = False
    with_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of products with the cursor of each."""

    products: tuple[Published, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool
    total: int | None


def encode_cursor(order: OrderField, key: str | datetime, product: uuid.UUID) -> str:
    """Write a cursor of the list in an order."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return write_cursor(order.name, text, product.hex)


def decode_cursor(order: OrderField, cursor: str, *, field: str) -> Bound:
    """Read what `encode_cursor` wrote for this order.

    Raises:
        InvalidCursorError: it is anything else.
    """
    key, product = read_cursor(order.name, cursor, count=2, field=field)
    try:
        return Bound(
            key=_instant(key) if order is OrderField.PUBLISHED_AT else key,
            product=uuid.UUID(hex=product),
        )
    except (ValueError, OverflowError) as error:
        raise InvalidCursorError(field=field) from error


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant.astimezone(UTC)  # here, where what lies beyond all calendars is caught


_MATCHING_SQL = """
FROM search_document AS s
JOIN publication AS p ON p.product = s.product AND p.channel = s.channel AND p.ended_at IS NULL
WHERE s.channel = $1 AND s.locale = $5
  AND (s.markets IS NULL OR s.markets && $6)
  AND s.visible_from <= $2 AND (s.visible_until IS NULL OR s.visible_until > $2)
  AND ($7::text[] IS NULL OR s.categories && $7)
  AND ($8::text[] IS NULL OR s.family = ANY ($8))
  AND CASE WHEN $9::text[] IS NOT NULL THEN s.kind = ANY ($9)
           WHEN $11::text[] IS NOT NULL THEN s.kind = 'VARIANT'
           ELSE p.ancestors = '{}' END
  AND NOT EXISTS (
      SELECT FROM jsonb_array_elements($10::jsonb) AS facet
      WHERE NOT s.facets && ARRAY(SELECT jsonb_array_elements_text(facet)))
  AND ($11::text[] IS NULL OR p.ancestors && ARRAY(SELECT id FROM product WHERE sku = ANY ($11)))
"""

_PAGE_SQL = """
WITH page AS (
    SELECT s.product, s.{column} AS key, p.public_id, p.sku, p.kind, p.ancestors, p.version
    {matching}
      AND ($12::{type} IS NULL OR (s.{column}, s.product) > ($12, $13::uuid))
      AND ($14::{type} IS NULL OR (s.{column}, s.product) < ($14, $15::uuid))
    ORDER BY s.{column} {direction}, s.product {direction} LIMIT $16
), root AS (
    SELECT row_number() OVER (ORDER BY key {direction}, product {direction}) AS place, * FROM page
), shown AS ({and_variants})
SELECT shown.*, page.key, total.total
FROM (SELECT CASE WHEN $17 THEN (SELECT count(*) {matching}) END AS total) AS total
LEFT JOIN shown ON true
LEFT JOIN page ON page.product = shown.product AND shown.rank = 0
ORDER BY shown.place, shown.rank
"""

#: One statement an order and direction: keysets need both in the text. Closed, built from the enum.
LIST_PRODUCTS_SQL: Mapping[tuple[OrderField, bool], str] = {
    (order, is_descending): _PAGE_SQL.format(
        column=order.value,
        type="timestamptz" if order is OrderField.PUBLISHED_AT else "text",
        direction="DESC" if is_descending else "ASC",
        matching=_MATCHING_SQL,
        and_variants=AND_VARIANTS_SQL,
    )
    for order in OrderField
    for is_descending in (False, True)
}


async def list_products(
    conn: Connection,
    documents: PublishedDocuments,
    context: ReadContext,
    wanted: VariantsWanted,
    where: Filter,
    page: Page,
) -> Listed:
    """Return one page of what is published now, one card a product unless kinds are named."""
    scans_down = page.is_descending != page.is_backward
    low, high = page.after, page.before
    if page.is_descending:
        low, high = high, low
    rows = await conn.fetch(
        LIST_PRODUCTS_SQL[page.order, scans_down],
        context.channel.code,
        context.now,
        wanted.limit(page.size),
        wanted.documents,
        search_locale(context),
        [context.market.code if context.market else NO_MARKET],
        where.categories,
        where.families,
        where.kinds,
        where.facets,
        where.models,
        *_bound(low),
        *_bound(high),
        page.size + 1,
        page.with_total,
    )
    found = [row for row in rows if row["product"] is not None]
    products = await assemble(conn, documents, context, found)
    keys = {row["product"]: row["key"] for row in found if row["rank"] == 0}
    return _listed(products, keys, page, total=rows[0]["total"])


def _bound(bound: Bound | None) -> tuple[object, object]:
    return (None, None) if bound is None else (bound.key, bound.product)


def _listed(
    products: list[Published],
    keys: Mapping[uuid.UUID, str | datetime],
    page: Page,
    *,
    total: int | None,
) -> Listed:
    has_more = len(products) > page.size
    products = products[: page.size]
    if page.is_backward:
        products.reverse()
    return Listed(
        products=tuple(products),
        cursors=tuple(encode_cursor(page.order, keys[each.id], each.id) for each in products),
        has_next=page.before is not None if page.is_backward else has_more,
        has_previous=has_more if page.is_backward else page.after is not None,
        total=total,
    )
