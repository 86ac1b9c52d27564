"""Which assets renditions are made ahead for, and whose bytes stored renditions were made from."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import Connection
from catalog.errors import NotFoundError

ASSETS_SQL = """
SELECT named, (SELECT public_id FROM asset WHERE code = named OR public_id = named
               ORDER BY code = named DESC LIMIT 1) AS public_id
FROM unnest($1::text[]) WITH ORDINALITY AS given(named, place) ORDER BY place
"""


async def find_assets(conn: Connection, names: Sequence[str]) -> list[str]:
    """Return the public ids of assets that are named by code or public id.

    Raises:
        NotFoundError: there is no such asset.
    """
    rows = await conn.fetch(ASSETS_SQL, list(names))
    return _all_found("asset", [(row["named"], row["public_id"]) for row in rows])


PRODUCTS_SQL = """
SELECT named, (SELECT public_id FROM product WHERE sku = named OR public_id = named
               ORDER BY sku = named DESC LIMIT 1) AS public_id
FROM unnest($1::text[]) WITH ORDINALITY AS given(named, place) ORDER BY place
"""
OF_PRODUCTS_SQL = """
WITH RECURSIVE below AS (
    SELECT id FROM product WHERE public_id = ANY ($1)
    UNION
    SELECT p.id FROM product AS p JOIN below ON p.parent = below.id
)
SELECT DISTINCT a.public_id
FROM below
JOIN media_association AS m ON m.product = below.id AND m.status = 'approved'
JOIN asset AS a ON a.id = m.asset AND a.kind = 'image' AND a.current_version IS NOT NULL
ORDER BY a.public_id
"""


async def find_assets_of(conn: Connection, products: Sequence[str]) -> list[str]:
    """Return the public ids of all pictures of products and of what is below them.

    Args:
        conn: a connection.
        products: SKUs or public ids.

    Raises:
        NotFoundError: there is no such product.
    """
    rows = await conn.fetch(PRODUCTS_SQL, list(products))
    found = _all_found("product", [(row["named"], row["public_id"]) for row in rows])
    return [row["public_id"] for row in await conn.fetch(OF_PRODUCTS_SQL, found)]


# An embargo is no reason to wait: what is seen first is what everybody looks at.
HEROES_SQL = """
SELECT DISTINCT a.public_id
FROM publication AS p
JOIN media_association AS m ON m.product = p.product AND m.role = 'hero'
    AND m.status = 'approved' AND (m.channel IS NULL OR m.channel = p.channel)
JOIN asset AS a ON a.id = m.asset AND a.kind = 'image' AND a.current_version IS NOT NULL
JOIN asset_state AS s ON s.asset = a.id AND s.ended_at IS NULL
    AND s.status = 'approved' AND NOT s.legal_demand
WHERE p.ended_at IS NULL AND (p.visible_until IS NULL OR p.visible_until > clock_timestamp())
    AND ($1::text IS NULL OR p.public_id = $1)
ORDER BY a.public_id
"""


async def find_heroes(conn: Connection, product: str | None = None) -> list[str]:
    """Return the public ids of the hero images of all that is published, or of one product."""
    return [row["public_id"] for row in await conn.fetch(HEROES_SQL, product)]


SOURCES_OF_SQL = """
SELECT DISTINCT v.sha256 FROM asset AS a JOIN asset_version AS v ON v.asset = a.id
WHERE a.public_id = ANY ($1) ORDER BY v.sha256
"""


async def find_sources(conn: Connection, assets: Sequence[str]) -> list[str]:
    """Return the SHA-256 of the bytes of every version of assets, by their public ids."""
    return [row["sha256"] for row in await conn.fetch(SOURCES_OF_SQL, list(assets))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUse:
    """Assets some version of which has the bytes; by code."""

    sha256: str
    assets: tuple[str, ...]


USES_SQL = """
SELECT source, ARRAY(
    SELECT DISTINCT a.code FROM asset_version AS v JOIN asset AS a ON a.id = v.asset
    WHERE v.sha256 = source ORDER BY a.code
) AS assets
FROM unnest($1::text[]) AS given(source)
"""


async def find_uses(conn: Connection, sources: Sequence[str]) -> dict[str, SourceUse]:
    """Return who uses bytes, by their SHA-256; of bytes that no version has: nobody."""
    return {
        row["source"]: SourceUse(sha256=row["source"], assets=tuple(row["assets"]))
        for row in await conn.fetch(USES_SQL, list(sources))
    }


def _all_found(kind: str, named: Sequence[tuple[str, str | None]]) -> list[str]:
    found: list[str] = []
    for name, public_id in named:
        if public_id is None:
            raise NotFoundError(f"there is no {kind} {name!r}", field=f"{kind}s")
        found.append(public_id)
    return found
