"""Where products and what hangs on them lie: what a role that is narrowed is held against."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from catalog.access.rules import EVERY, ActionPlace, Narrowing
from catalog.db import Connection
from catalog.graph.products import PublishedProduct

#: Of a product `p`: it lies in one of the places `w`, as `written_places` writes them; more may be
#: asked of the same place.
LIES_WITHIN = """EXISTS (
    SELECT FROM jsonb_to_recordset({places})
         AS w(families text[], categories text[], channels text[])
    WHERE (w.families IS NULL OR p.family = ANY (w.families))
      AND (w.categories IS NULL OR w.categories && categories_above(ARRAY(
          SELECT category FROM product_category
          WHERE product IN (p.id, p.parent, (SELECT parent FROM product WHERE id = p.parent)))))
      {more})"""
#: Of a publication of such a product, asked of the same place: that has its channel.
ON_ITS_CHANNELS = " AND (w.channels IS NULL OR channel = ANY (w.channels))"


def written_places(within: Iterable[Narrowing]) -> list[dict[str, list[str] | None]]:
    """Return families, categories and channels as `LIES_WITHIN` takes them; null is all."""
    return [
        {
            name: None if EVERY in codes else sorted(codes)
            for name, codes in (
                ("families", where.families),
                ("categories", where.categories),
                ("channels", where.channels),
            )
        }
        for where in within
    ]


PRODUCT_PLACES_SQL = """
WITH RECURSIVE line AS (
    SELECT id AS named, id, parent FROM product
    WHERE sku = ANY ($1) OR public_id = ANY ($2) OR id = ANY ($3)
    UNION ALL
    SELECT line.named, p.id, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT p.id, p.sku, p.public_id, p.family, categories_above(ARRAY(
    SELECT category FROM product_category AS c JOIN line ON line.id = c.product
    WHERE line.named = p.id)) AS categories
FROM product AS p
WHERE p.sku = ANY ($1) OR p.public_id = ANY ($2) OR p.id = ANY ($3)
"""


async def places_of_products(
    conn: Connection,
    *,
    skus: Sequence[str] = (),
    public_ids: Sequence[str] = (),
    ids: Sequence[uuid.UUID] = (),
) -> dict[object, ActionPlace]:
    """Return the family and the categories of products by whatever names each here.

    A product is in the categories of the models that it is below of, too.
    """
    found: dict[object, ActionPlace] = {}
    for row in await conn.fetch(PRODUCT_PLACES_SQL, list(skus), list(public_ids), list(ids)):
        place = ActionPlace(
            families=frozenset({row["family"]}), categories=frozenset(row["categories"])
        )
        found |= {row["sku"]: place} if skus else {}
        found |= {row["public_id"]: place} if public_ids else {}
        found |= {row["id"]: place} if ids else {}
    return found


ASSOCIATION_PLACES_SQL = """
SELECT public_id, product, locale, market, channel FROM media_association WHERE public_id = ANY ($1)
"""


async def places_of_associations(
    conn: Connection, ids: Sequence[str]
) -> Mapping[object, ActionPlace]:
    """Return where media associations lie, by their public ids."""
    rows = await conn.fetch(ASSOCIATION_PLACES_SQL, list(ids))
    products = await places_of_products(conn, ids=[row["product"] for row in rows])
    return {
        row["public_id"]: within(
            products[row["product"]],
            locale=row["locale"],
            market=row["market"],
            channel=row["channel"],
        )
        for row in rows
    }


def within(
    product: ActionPlace,
    *,
    locale: str | None = None,
    market: str | None = None,
    channel: str | None = None,
) -> ActionPlace:
    """Return the place of what hangs on a product, there alone or, None, everywhere."""
    return ActionPlace(
        families=product.families,
        categories=product.categories,
        locales=None if locale is None else frozenset({locale}),
        markets=None if market is None else frozenset({market}),
        channels=None if channel is None else frozenset({channel}),
    )


async def shown_within(
    conn: Connection, products: list[PublishedProduct], within: Sequence[Narrowing] | None
) -> list[PublishedProduct]:
    """Leave out products that lie in none of these families and categories; None: none of them."""
    if within is None or not products:
        return products
    places = await places_of_products(conn, ids=[each.id for each in products])
    return [
        each
        for each in products
        if any(
            _is_in(where.families, places[each.id].families)
            and _is_in(where.categories, places[each.id].categories)
            for where in within
        )
    ]


def _is_in(allowed: frozenset[str], touched: frozenset[str] | None) -> bool:
    return EVERY in allowed or not allowed.isdisjoint(touched or ())
