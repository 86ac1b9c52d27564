"""The SQL of trusted documents."""

from collections.abc import Sequence

from catalog.db import Connection
from catalog.documents.model import Document, RegisteredDocument

INSERT_DOCUMENTS_SQL = """
INSERT INTO document (hash, text, name)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (hash) DO NOTHING
RETURNING hash
"""


async def insert(conn: Connection, documents: Sequence[Document]) -> frozenset[str]:
    """Store documents, and return the hashes of those that were not there yet.

    Args:
        conn: in a transaction.
        documents: each text once.
    """
    rows = await conn.fetch(
        INSERT_DOCUMENTS_SQL,
        [each.hash for each in documents],
        [each.text for each in documents],
        [each.name for each in documents],
    )
    return frozenset(row["hash"] for row in rows)


FIND_DOCUMENT_SQL = "SELECT text FROM document WHERE hash = $1"


async def find(conn: Connection, digest: str) -> str | None:
    """Return the text of a registered document; None: there is none of this hash."""
    return await conn.fetchval(FIND_DOCUMENT_SQL, digest)


LIST_DOCUMENTS_SQL = """
SELECT hash, name, registered_at FROM document ORDER BY name NULLS LAST, registered_at, hash
"""


async def list_all(conn: Connection) -> list[RegisteredDocument]:
    """Return every registered document, by name."""
    return [RegisteredDocument(**row) for row in await conn.fetch(LIST_DOCUMENTS_SQL)]


DELETE_DOCUMENTS_SQL = "DELETE FROM document WHERE hash = ANY($1::text[]) RETURNING hash"


async def delete(conn: Connection, digests: Sequence[str]) -> frozenset[str]:
    """Remove documents, and return the hashes of those that were there."""
    rows = await conn.fetch(DELETE_DOCUMENTS_SQL, list(digests))
    return frozenset(row["hash"] for row in rows)
