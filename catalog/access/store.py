"""The SQL of API keys."""

from asyncpg import Record, UniqueViolationError

from catalog.access.model import ApiKey, Scope
from catalog.db import Connection
from catalog.errors import ConflictError
from catalog.principal import Principal


def _key(row: Record) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        principal=Principal(
            id=row["principal_id"], kind=row["kind"], name=row["principal_name"], email=row["email"]
        ),
        owner=row["owner_id"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )


INSERT_KEY_SQL = """
INSERT INTO api_key (id, name, hash, scopes, principal_id, owner_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def insert(conn: Connection, key: ApiKey, *, digest: bytes) -> None:
    """Store a key by the hash of its secret.

    Raises:
        ConflictError: a key of this name is in use.
    """
    try:
        await conn.execute(
            INSERT_KEY_SQL,
            key.id,
            key.name,
            digest,
            sorted(key.scopes),
            key.principal.id,
            key.owner,
            key.created_at,
            key.expires_at,
        )
    except UniqueViolationError as error:
        raise ConflictError(
            f"an API key named {key.name!r} is in use; revoke it first", field="name"
        ) from error


FIND_KEY_SQL = """
SELECT k.id, k.name, k.scopes, k.principal_id, k.owner_id, k.created_at,
       k.expires_at, k.last_used_at, k.revoked_at,
       p.kind, p.name AS principal_name, p.email
FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE k.hash = $1 AND k.revoked_at IS NULL AND p.ended_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
"""


async def find(conn: Connection, *, digest: bytes) -> ApiKey | None:
    """Return the key with this hash, unless it was revoked, has expired, or its principal ended."""
    row = await conn.fetchrow(FIND_KEY_SQL, digest)
    return _key(row) if row else None


LIST_KEYS_SQL = """
SELECT k.id, k.name, k.scopes, k.principal_id, k.owner_id, k.created_at,
       k.expires_at, k.last_used_at, k.revoked_at,
       p.kind, p.name AS principal_name, p.email
FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id ORDER BY k.created_at, k.id
"""


async def list_all(conn: Connection) -> list[ApiKey]:
    """Return every key, revoked ones too, oldest first."""
    return [_key(row) for row in await conn.fetch(LIST_KEYS_SQL)]


REVOKE_KEY_SQL = """
UPDATE api_key AS k SET revoked_at = clock_timestamp() FROM principal AS p
WHERE p.id = k.principal_id AND k.name = $1 AND k.revoked_at IS NULL
RETURNING k.id, k.name, k.scopes, k.principal_id, k.owner_id, k.created_at,
       k.expires_at, k.last_used_at, k.revoked_at,
       p.kind, p.name AS principal_name, p.email
"""


async def revoke(conn: Connection, name: str) -> ApiKey | None:
    """End the key of this name; None: there is none in use."""
    row = await conn.fetchrow(REVOKE_KEY_SQL, name)
    return _key(row) if row else None
