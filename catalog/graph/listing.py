"""Pages of products: filtered, in one of three orders, by keyset, with their variants.

One statement a page, variants included. A cursor holds the order and the key that a
page ends with, so pages stay right while products come and go.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from catalog.access.rules import EVERY, Narrowing
from catalog.db import Connection
from catalog.graph.context import ReadContext, search_locale
from catalog.graph.cursors import InvalidCursorError, read_cursor, read_instant, write_cursor
from catalog.graph.products import AND_VARIANTS, PublishedProduct, VariantsWanted, assemble
from catalog.graph.published_documents import PublishedDocuments
from catalog.publication.listing import NO_MARKET
from catalog.statement_values import StatementValues

_GTIN_DIGITS = 14
#: By the index `publication_gtin`, and first: PostgreSQL keeps no statistics of how rare each is.
_WITH_GTINS = f"""p.product = ANY (ARRAY(
    SELECT product FROM publication WHERE channel = $1 AND ended_at IS NULL
      AND lpad(document ->> 'gtin', {_GTIN_DIGITS}, '0') = ANY ({{}}::text[])))"""  # noqa: S608


class OrderField(Enum):
    """What lists are sorted by; ties are broken by the product's id."""

    NAME = "sort_name"
    SKU = "sku"
    PUBLISHED_AT = "published_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBound:
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
        skus, ids, gtins: keys of the product; where one is named, products are of any kind.
        within: families and categories that the reader may read; one of them has to fit.
    """

    categories: tuple[str, ...] | None = None
    families: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    facets: tuple[tuple[str, ...], ...] = ()
    models: tuple[str, ...] | None = None
    skus: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    gtins: tuple[str, ...] | None = None
    within: tuple[Narrowing, ...] | None = None

    @property
    def names_products(self) -> bool:
        """Whether it is of certain products, by their keys."""
        return any(keys is not None for keys in (self.skus, self.ids, self.gtins))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which part of a list: `size` products from its start or, `backward`, from its end."""

    size: int
    order: OrderField = OrderField.NAME
    is_descending: bool = False
    after: PageBound | None = None
    before: PageBound | None = None
    is_backward: bool = False
    with_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """A page of products.

    Attributes:
        keys: that each is sorted by.
    """

    products: tuple[PublishedProduct, ...]
    order: OrderField
    keys: tuple[str | datetime, ...]
    has_next: bool
    has_previous: bool
    total: int | None

    def cursor(self, place: int) -> str:
        """Write the cursor of a product on the page."""
        return encode_cursor(self.order, self.keys[place], self.products[place].id)


def encode_cursor(order: OrderField, key: str | datetime, product: uuid.UUID) -> str:
    """Write a cursor of the list in an order."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return write_cursor(order.name, text, product.hex)


def decode_cursor(order: OrderField, cursor: str, *, field: str) -> PageBound:
    """Read what `encode_cursor` wrote for this order.

    Raises:
        InvalidCursorError: it is anything else.
    """
    key, product = read_cursor(order.name, cursor, count=2, field=field)
    try:
        return PageBound(
            key=read_instant(key, field=field) if order is OrderField.PUBLISHED_AT else key,
            product=uuid.UUID(hex=product),
        )
    except ValueError as error:
        raise InvalidCursorError(field=field) from error


_MATCHING = """
FROM search_document AS s
JOIN publication AS p ON p.product = s.product AND p.channel = s.channel AND p.ended_at IS NULL
WHERE s.channel = $1 AND s.visible_from <= $2
  AND (s.visible_until IS NULL OR s.visible_until > $2)
"""

_PAGE = """
WITH page AS (
    SELECT s.product, s.{column} AS key, p.public_id, p.sku, p.kind, p.ancestors, p.version
    {matching}{within}
    ORDER BY s.{column} {direction}, s.product {direction} LIMIT {limit}
), root AS (
    SELECT row_number() OVER (ORDER BY key {direction}, product {direction}) AS place, * FROM page
), shown AS ({and_variants})
SELECT shown.*, page.key, counted.total
FROM (SELECT {total}) AS counted (total)
LEFT JOIN shown ON true
LEFT JOIN page ON page.product = shown.product AND shown.rank = 0
ORDER BY shown.place, shown.rank
"""


def page_statement(
    context: ReadContext, wanted: VariantsWanted, where: Filter, page: PageRequest
) -> tuple[str, Sequence[object]]:
    """Write the statement of a page, and its values."""
    scans_down = page.is_descending != page.is_backward
    values = StatementValues(context.channel.code, context.now, wanted.limit(page.size))
    matching = _MATCHING + _all_of(_conditions(values, context, where))
    within = _all_of(_bounds(values, page))
    text = _PAGE.format(
        column=page.order.value,
        matching=matching,
        within=within,
        direction="DESC" if scans_down else "ASC",
        limit=values.add("{}", page.size + 1),
        and_variants=AND_VARIANTS,
        total=f"count(*) {matching}" if page.with_total else "NULL::bigint",
    )
    return text, values.all


def _all_of(conditions: Iterable[str]) -> str:
    return "".join(f"  AND {each}\n" for each in conditions)


def _conditions(values: StatementValues, context: ReadContext, where: Filter) -> Iterator[str]:
    yield values.add("s.locale = {}", search_locale(context))
    markets = [context.market.code if context.market else NO_MARKET]
    yield values.add("(s.markets IS NULL OR s.markets && {}::text[])", markets)
    if where.categories is not None:
        yield values.add("s.categories && {}::text[]", where.categories)
    if where.families is not None:
        yield values.add("s.family = ANY ({}::text[])", where.families)
    for alternatives in where.facets:
        yield values.add("s.facets && {}::text[]", alternatives)
    if where.kinds is not None:
        yield values.add("s.kind = ANY ({}::text[])", where.kinds)
    elif where.models is not None:
        yield "s.kind = 'VARIANT'"
    elif not where.names_products:
        yield "p.ancestors = '{}'"
    if where.models is not None:
        models = "SELECT id FROM product WHERE sku = ANY ({}::text[])"
        yield values.add(f"p.ancestors && ARRAY({models})", where.models)
    yield from _keys(values, where)
    if where.within is not None:
        yield f"({' OR '.join(_lies_in(values, each) for each in where.within) or 'false'})"


def _lies_in(values: StatementValues, narrowing: Narrowing) -> str:
    parts = ["true"]
    if EVERY not in narrowing.families:
        parts.append(values.add("s.family = ANY ({}::text[])", sorted(narrowing.families)))
    if EVERY not in narrowing.categories:
        parts.append(values.add("s.categories && {}::text[]", sorted(narrowing.categories)))
    return f"({' AND '.join(parts)})"


def _keys(values: StatementValues, where: Filter) -> Iterator[str]:
    if where.skus is not None:
        yield values.add("p.sku = ANY ({}::text[])", where.skus)
    if where.ids is not None:
        yield values.add("p.public_id = ANY ({}::text[])", where.ids)
    if where.gtins is not None:
        # as GS1 compares them: one number, with leading zeros up to 14 digits or without
        padded = [each.rjust(_GTIN_DIGITS, "0") for each in where.gtins]
        yield values.add(_WITH_GTINS, padded)


def _bounds(values: StatementValues, page: PageRequest) -> Iterator[str]:
    low, high = page.after, page.before
    if page.is_descending:
        low, high = high, low
    kind = "timestamptz" if page.order is OrderField.PUBLISHED_AT else "text"
    for bound, compares in ((low, ">"), (high, "<")):
        if bound is not None:
            beyond = f"(s.{page.order.value}, s.product) {compares} ({{}}::{kind}, {{}}::uuid)"
            yield values.add(beyond, bound.key, bound.product)


async def list_products(
    conn: Connection,
    documents: PublishedDocuments,
    context: ReadContext,
    wanted: VariantsWanted,
    where: Filter,
    page: PageRequest,
) -> ProductPage:
    """Return one page of what is published now, one card a product unless kinds are named."""
    text, values = page_statement(context, wanted, where, page)
    rows = await conn.fetch(text, *values)
    found = [row for row in rows if row["product"] is not None]
    products = await assemble(conn, documents, context, wanted, found)
    keys = {row["product"]: row["key"] for row in found if row["rank"] == 0}
    return _listed(products, keys, page, total=rows[0]["total"])


def _listed(
    products: list[PublishedProduct],
    keys: Mapping[uuid.UUID, str | datetime],
    page: PageRequest,
    *,
    total: int | None,
) -> ProductPage:
    has_more = len(products) > page.size
    products = products[: page.size]
    if page.is_backward:
        products.reverse()
    return ProductPage(
        products=tuple(products),
        order=page.order,
        keys=tuple(keys[each.id] for each in products),
        has_next=page.before is not None if page.is_backward else has_more,
        has_previous=has_more if page.is_backward else page.after is not None,
        total=total,
    )
