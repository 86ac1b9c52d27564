"""The SQL that finds frozen documents of versions again."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from catalog.db import Connection, Record
from catalog.publication.model import Covered, Document, FrozenPublication

# With a model comes what was live below it when that version of it ended, or is live with it.
FROZEN_SQL = """
WITH named AS (
    SELECT product, version, published_at, coalesce(ended_at, 'infinity') AS ended_at
    FROM publication WHERE product = ANY ($1) AND channel = $2 AND version = $3
)
SELECT product, version, kind, ancestors, document, copy_of, covered
FROM publication JOIN named USING (product, version) WHERE channel = $2
UNION ALL
SELECT * FROM (
    SELECT DISTINCT ON (p.product) p.product, p.version, p.kind, p.ancestors, p.document,
           p.copy_of, p.covered
    FROM publication AS p JOIN named ON p.ancestors @> ARRAY[named.product]
    WHERE p.product = ANY ($4) AND p.channel = $2 AND p.published_at < named.ended_at
      AND coalesce(p.ended_at, 'infinity') >= named.ended_at
    ORDER BY p.product, p.version DESC
) AS below
"""
LIVE_DOCUMENTS_SQL = """
SELECT product, version, kind, ancestors, document, copy_of, covered
FROM publication WHERE product = ANY ($1) AND channel = $2 AND ended_at IS NULL
"""


async def find_frozen(
    conn: Connection,
    named: Sequence[uuid.UUID],
    channel: str,
    version: int,
    below: Sequence[uuid.UUID] = (),
) -> dict[uuid.UUID, FrozenPublication]:
    """Return a version of products and, of `below`, what was published with it, by product.

    Args:
        conn: to the primary.
        named: products.
        channel: the code.
        version: of each of them that has it.
        below: products below them, none of them named.
    """
    rows = await conn.fetch(FROZEN_SQL, list(named), channel, version, list(below))
    return _frozen(rows)


async def find_live_documents(
    conn: Connection, products: Sequence[uuid.UUID], channel: str
) -> dict[uuid.UUID, FrozenPublication]:
    """Return what is published of products now, by product."""
    return _frozen(await conn.fetch(LIVE_DOCUMENTS_SQL, list(products), channel))


def _frozen(rows: Iterable[Record]) -> dict[uuid.UUID, FrozenPublication]:
    return {
        row["product"]: FrozenPublication(
            product=row["product"],
            version=row["version"],
            kind=row["kind"],
            ancestors=tuple(row["ancestors"]),
            document=row["document"],
            copy_of=row["copy_of"],
            covered=None if row["covered"] is None else Covered(**row["covered"]),
        )
        for row in rows
    }


#: A product, a channel and a version, in the order in which all versions are read.
VersionKey: TypeAlias = tuple[uuid.UUID, str, int]
NO_VERSION: Final[VersionKey] = (uuid.UUID(int=0), "", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A version with its checksum.

    Attributes:
        is_canonical: the checksum is that of the document as canonical JSON, not an older one.
    """

    key: VersionKey
    sku: str
    document: Document
    checksum: str
    is_canonical: bool


PAGE_OF_VERSIONS_SQL = """
SELECT product, channel, version, sku, document, checksum,
       content_digest IS NOT NULL AS is_canonical
FROM publication WHERE (product, channel, version) > ($1, $2, $3)
ORDER BY product, channel, version LIMIT $4
"""


async def page_of_versions(conn: Connection, after: VersionKey, limit: int) -> list[StoredVersion]:
    """Return versions of all products on all channels, live and ended, behind one of them."""
    return [
        StoredVersion(
            key=(row["product"], row["channel"], row["version"]),
            sku=row["sku"],
            document=row["document"],
            checksum=row["checksum"],
            is_canonical=row["is_canonical"],
        )
        for row in await conn.fetch(PAGE_OF_VERSIONS_SQL, *after, limit)
    ]
