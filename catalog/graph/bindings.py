"""Where an asset is used: the products that it is bound to, published or not, for their keepers."""

from dataclasses import dataclass

from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetBinding:
    """An asset at a product.

    Attributes:
        id: public id of the association.
        product: public id.
        channel, market, locale: the only one that it is for; None: all.
        status: such as `approved`; others are not shown.
        is_published: whether the product, or one below it, is live where the asset is for.
    """

    id: str
    product: str
    sku: str
    role: str
    channel: str | None
    market: str | None
    locale: str | None
    status: str
    is_published: bool


LIST_BINDINGS_SQL = """
SELECT m.public_id AS id, p.public_id AS product, p.sku, m.role, m.channel, m.market, m.locale,
       m.status, EXISTS (
           SELECT FROM publication AS live
           WHERE (live.product = p.id OR live.ancestors @> ARRAY[p.id]) AND live.ended_at IS NULL
             AND (m.channel IS NULL OR live.channel = m.channel)
       ) AS is_published
FROM media_association AS m JOIN product AS p ON p.id = m.product
WHERE m.asset = (SELECT id FROM asset WHERE public_id = $1) AND (p.sku, m.public_id) > ($2, $3)
ORDER BY p.sku, m.public_id LIMIT $4
"""


async def list_bindings(
    conn: Connection, asset: str, *, after: tuple[str, str], size: int
) -> list[AssetBinding]:
    """Return where an asset is used, by sku.

    Args:
        conn: to the primary.
        asset: its public id.
        after: sku and id of the last one of the page before; empty: from the start.
        size: at most so many.
    """
    rows = await conn.fetch(LIST_BINDINGS_SQL, asset, *after, size)
    return [AssetBinding(**row) for row in rows]
