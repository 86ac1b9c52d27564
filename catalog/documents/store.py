"""The SQL of trusted documents."""

from catalog.db import Connection

FIND_DOCUMENT_SQL = "SELECT text FROM document WHERE hash = $1"


async def find(conn: Connection, digest: str) -> str | None:
    """Return the text of a registered document; None: there is none of this hash."""
    return await conn.fetchval(FIND_DOCUMENT_SQL, digest)
