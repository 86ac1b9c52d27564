"""The SQL of API keys."""

from asyncpg import Record, UniqueViolationError

from catalog.access.model import ApiKey, Scope
from catalog.db import Connection
from catalog.errors import ConflictError


def _key(row: Record) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )


INSERT_KEY_SQL = """
INSERT INTO api_key (id, name, hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)
"""


async def insert(conn: Connection, key: ApiKey, *, digest: bytes) -> None:
    """Store a key by the hash of its secret.

    Raises:
        ConflictError: a key of this name is in use.
    """
    scopes = sorted(key.scopes)
    try:
        await conn.execute(INSERT_KEY_SQL, key.id, key.name, digest, scopes, key.created_at)
    except UniqueViolationError as error:
        raise ConflictError(
            f"an API key named {key.name!r} is in use; revoke it first", field="name"
        ) from error


FIND_KEY_SQL = """
SELECT id, name, scopes, created_at, revoked_at FROM api_key
WHERE hash = $1 AND revoked_at IS NULL
"""


async def find(conn: Connection, *, digest: bytes) -> ApiKey | None:
    """Return the key with this hash, unless it was revoked."""
    row = await conn.fetchrow(FIND_KEY_SQL, digest)
    return _key(row) if row else None


LIST_KEYS_SQL = """
SELECT id, name, scopes, created_at, revoked_at FROM api_key ORDER BY created_at, id
"""


async def list_all(conn: Connection) -> list[ApiKey]:
    """Return every key, revoked ones too, oldest first."""
    return [_key(row) for row in await conn.fetch(LIST_KEYS_SQL)]


REVOKE_KEY_SQL = """
UPDATE api_key SET revoked_at = clock_timestamp() WHERE name = $1 AND revoked_at IS NULL
RETURNING id, name, scopes, created_at, revoked_at
"""


async def revoke(conn: Connection, name: str) -> ApiKey | None:
    """End the key of this name; None: there is none in use."""
    row = await conn.fetchrow(REVOKE_KEY_SQL, name)
    return _key(row) if row else None
