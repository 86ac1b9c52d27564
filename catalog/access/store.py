"""The SQL of API keys."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record, UniqueViolationError

from catalog.access.model import ApiKey, KeyState, Scope, assignments_of
from catalog.access.role_store import find_assignments
from catalog.access.rules import Assignment
from catalog.db import Connection
from catalog.errors import ConflictError
from catalog.principal import Principal

_KEY = """
k.id, k.name, k.scopes, k.principal_id, k.owner_id, k.created_at, k.expires_at, k.last_used_at,
k.revoked_at, k.replaced_at, k.replaced_by, p.kind,
p.name AS principal_name, p.email, p.ended_at AS principal_ended_at
"""


async def _keys(conn: Connection, rows: Sequence[Record]) -> list[ApiKey]:
    """Make keys; what those without scopes may do is read from their principals."""
    unscoped = [row["principal_id"] for row in rows if not row["scopes"]]
    assigned = await find_assignments(conn, unscoped) if unscoped else {}
    keys: list[ApiKey] = []
    for row in rows:
        scopes = frozenset(Scope(scope) for scope in row["scopes"])
        principal = Principal(
            id=row["principal_id"],
            kind=row["kind"],
            name=row["principal_name"],
            email=row["email"],
            ended_at=row["principal_ended_at"],
        )
        keys.append(
            ApiKey(
                id=row["id"],
                name=row["name"],
                scopes=scopes,
                principal=principal,
                assignments=assignments_of(scopes) or assigned.get(principal.id, ()),
                owner=row["owner_id"],
                created_at=row["created_at"],
                expires_at=row["expires_at"],
                last_used_at=row["last_used_at"],
                revoked_at=row["revoked_at"],
                replaced_at=row["replaced_at"],
                replaced_by=row["replaced_by"],
            )
        )
    return keys


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


FIND_KEY_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE k.hash = $1 AND k.revoked_at IS NULL AND p.ended_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
"""  # noqa: S608 - ours


async def find(conn: Connection, *, digest: bytes) -> ApiKey | None:
    """Return the key with this hash, unless it was revoked, has expired, or its principal ended."""
    return next(iter(await _keys(conn, await conn.fetch(FIND_KEY_SQL, digest))), None)


IN_USE_SQL = """
SELECT EXISTS (SELECT FROM principal WHERE id = $1 AND ended_at IS NULL) OR EXISTS (
    SELECT FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
    WHERE k.id = $1 AND k.revoked_at IS NULL AND p.ended_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
)
"""


async def is_in_use(conn: Connection, known: uuid.UUID) -> bool:
    """Return whether an API key works, or a person or a service has not ended, by its id."""
    return bool(await conn.fetchval(IN_USE_SQL, known))


WORKING_KEYS_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE k.principal_id = $1 AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
"""  # noqa: S608 - ours


async def all_assignments(conn: Connection, principal: uuid.UUID) -> tuple[Assignment, ...]:
    """Return what a principal may do now: by its roles, and by any of its keys that work."""
    roles = await find_assignments(conn, [principal])
    keys = await _keys(conn, await conn.fetch(WORKING_KEYS_SQL, principal))
    return (
        *roles.get(principal, ()),
        *(assignment for key in keys for assignment in key.assignments),
    )


LIST_KEYS_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
ORDER BY k.created_at, k.id
"""  # noqa: S608 - ours


async def list_all(conn: Connection) -> list[ApiKey]:
    """Return every key, revoked ones too, oldest first."""
    return await _keys(conn, await conn.fetch(LIST_KEYS_SQL))


KEY_BY_ID_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id WHERE k.id = $1
"""  # noqa: S608 - ours


async def find_by_id(conn: Connection, key: uuid.UUID) -> ApiKey | None:
    """Return the key with this id, in use or not."""
    return next(iter(await _keys(conn, await conn.fetch(KEY_BY_ID_SQL, key))), None)


KEYS_OF_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE (k.principal_id = ANY ($1) OR k.owner_id = ANY ($1)) AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
ORDER BY k.created_at DESC, k.id DESC
"""  # noqa: S608 - ours


async def keys_of(conn: Connection, principals: Sequence[uuid.UUID]) -> list[ApiKey]:
    """Return the keys in use with which principals act, or which they own, the newest first."""
    return await _keys(conn, await conn.fetch(KEYS_OF_SQL, list(principals)))


_STATE = """
CASE WHEN k.revoked_at IS NOT NULL THEN 'ended'
     WHEN k.expires_at <= clock_timestamp() THEN 'expired'
     WHEN k.replaced_at IS NOT NULL THEN 'replaced' ELSE 'in_use' END
"""
PAGE_OF_KEYS_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE ($1::uuid IS NULL OR k.principal_id = $1 OR k.owner_id = $1)
  AND ($2::uuid IS NULL OR k.owner_id = $2) AND ($3::text IS NULL OR {_STATE} = $3)
  AND ($4::timestamptz IS NULL OR (k.created_at, k.id) < ($4, $5))
ORDER BY k.created_at DESC, k.id DESC LIMIT $6
"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """Which keys; all that is given holds together.

    Attributes:
        of: who acts with them, or owns them.
        owner: who owns them.
        before: when the one before was made, and its id.
    """

    of: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    state: KeyState | None = None
    before: tuple[datetime, uuid.UUID] | None = None


async def page_of_keys(conn: Connection, wanted: KeyFilter, *, size: int) -> list[ApiKey]:
    """Return keys, the newest first, at most so many."""
    made, last = wanted.before or (None, None)
    state = None if wanted.state is None else wanted.state.value
    rows = await conn.fetch(PAGE_OF_KEYS_SQL, wanted.of, wanted.owner, state, made, last, size)
    return await _keys(conn, rows)


END_KEY_SQL = f"""
UPDATE api_key AS k SET revoked_at = clock_timestamp() FROM principal AS p
WHERE p.id = k.principal_id AND k.revoked_at IS NULL AND (k.id = $1 OR k.replaced_at IS NOT NULL
      AND k.name = (SELECT name FROM api_key WHERE id = $1 AND replaced_at IS NULL
                    AND revoked_at IS NULL))
RETURNING {_KEY}
"""  # noqa: S608 - ours


async def end(conn: Connection, key: uuid.UUID) -> list[ApiKey]:
    """End a key and those that it replaced; empty: it has ended already."""
    return await _keys(conn, await conn.fetch(END_KEY_SQL, key))


REVOKE_KEY_SQL = f"""
UPDATE api_key AS k SET revoked_at = clock_timestamp() FROM principal AS p
WHERE p.id = k.principal_id AND k.name = $1 AND k.revoked_at IS NULL
RETURNING {_KEY}
"""  # noqa: S608 - ours


async def revoke(conn: Connection, name: str) -> list[ApiKey]:
    """End the key of this name and those that it replaced, the oldest first; empty: none is."""
    ended = await _keys(conn, await conn.fetch(REVOKE_KEY_SQL, name))
    return sorted(ended, key=lambda each: (each.created_at, each.id))


LOCK_KEY_SQL = f"""
SELECT {_KEY} FROM api_key AS k JOIN principal AS p ON p.id = k.principal_id
WHERE k.name = $1 AND k.revoked_at IS NULL AND k.replaced_at IS NULL FOR UPDATE OF k
"""  # noqa: S608 - ours


async def lock(conn: Connection, name: str) -> ApiKey | None:
    """Return the key of this name, and keep others from changing it; None: there is none in use."""
    return next(iter(await _keys(conn, await conn.fetch(LOCK_KEY_SQL, name))), None)


REPLACE_KEY_SQL = """
UPDATE api_key SET replaced_at = clock_timestamp(), replaced_by = $3,
    expires_at = least(expires_at, clock_timestamp() + $2)
WHERE id = $1 RETURNING expires_at
"""


async def replace(
    conn: Connection, key: uuid.UUID, by: uuid.UUID, *, overlap: timedelta
) -> datetime:
    """Free the name of a key for another, and let it end after a while; return when."""
    ends = await conn.fetchval(REPLACE_KEY_SQL, key, overlap, by)
    assert isinstance(ends, datetime)  # noqa: S101 - whoever replaces a key has locked it
    return ends


USED_SQL = """
UPDATE api_key AS k SET last_used_at = used.at
FROM unnest($1::uuid[], $2::timestamptz[]) AS used(id, at)
WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)
"""


async def note_uses(conn: Connection, used: Mapping[uuid.UUID, datetime]) -> None:
    """Write when keys were used last, unless a later use is written."""
    await conn.execute(USED_SQL, list(used), list(used.values()))
