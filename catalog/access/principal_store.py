"""The SQL of principals."""

import uuid
from collections.abc import Sequence

from asyncpg import Record, UniqueViolationError

from catalog.db import Connection
from catalog.errors import ConflictError
from catalog.principal import Principal


def _principal(row: Record) -> Principal:
    return Principal(**row)


INSERT_PRINCIPAL_SQL = """
INSERT INTO principal (id, kind, name, email, created_at) VALUES ($1, $2, $3, $4, $5)
"""


async def insert(conn: Connection, made: Principal) -> None:
    """Store a principal.

    Raises:
        ConflictError: a service in use has its name, or a person its address.
    """
    try:
        await conn.execute(
            INSERT_PRINCIPAL_SQL, made.id, made.kind, made.name, made.email, made.created_at
        )
    except UniqueViolationError as error:
        of = "name" if made.kind == "service" else "email"
        raise ConflictError(
            f"{getattr(made, of)!r} is the {of} of a {made.kind} in use", field=of
        ) from error


END_PRINCIPAL_SQL = """
UPDATE principal SET ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL
RETURNING id, kind, name, email, created_at, ended_at
"""


async def end(conn: Connection, principal: uuid.UUID) -> Principal | None:
    """End a principal; None: there is none in use."""
    row = await conn.fetchrow(END_PRINCIPAL_SQL, principal)
    return _principal(row) if row else None


DESCRIBE_PRINCIPAL_SQL = """
UPDATE principal SET name = $2, email = $3
WHERE id = $1 AND (name, email) IS DISTINCT FROM ($2, $3)
RETURNING id
"""
RESUME_PRINCIPAL_SQL = """
UPDATE principal SET ended_at = NULL WHERE id = $1 AND ended_at IS NOT NULL RETURNING id
"""


async def describe(
    conn: Connection, principal: uuid.UUID, *, name: str, email: str | None, field: str
) -> bool:
    """Write the name and the address of somebody; return whether they are others.

    Raises:
        ConflictError: somebody else in use has them; `field` is at fault.
    """
    return await _is_changed(conn, DESCRIBE_PRINCIPAL_SQL, principal, name, email, field=field)


async def resume(conn: Connection, principal: uuid.UUID, *, field: str) -> bool:
    """Let somebody be in use again; return whether they were not.

    Raises:
        ConflictError: somebody else in use has their address, or name, by now.
    """
    return await _is_changed(conn, RESUME_PRINCIPAL_SQL, principal, field=field)


async def _is_changed(conn: Connection, statement: str, *arguments: object, field: str) -> bool:
    try:
        return await conn.fetchval(statement, *arguments) is not None
    except UniqueViolationError as error:
        taken = "address" if "person" in f"{error.constraint_name}" else "name"
        raise ConflictError(f"somebody else has this {taken}", field=field) from error


REVOKE_KEYS_OF_SQL = """
UPDATE api_key SET revoked_at = clock_timestamp()
WHERE (principal_id = $1 OR owner_id = $1) AND revoked_at IS NULL RETURNING id
"""


async def revoke_keys_of(conn: Connection, principal: uuid.UUID) -> list[uuid.UUID]:
    """End the keys of a principal and those that it owns; return their ids."""
    return [row["id"] for row in await conn.fetch(REVOKE_KEYS_OF_SQL, principal)]


FIND_PRINCIPALS_SQL = """
SELECT id, kind, name, email, created_at, ended_at FROM principal WHERE id = ANY ($1)
"""


async def find(conn: Connection, ids: Sequence[uuid.UUID]) -> list[Principal]:
    """Return principals by their ids."""
    return [_principal(row) for row in await conn.fetch(FIND_PRINCIPALS_SQL, list(ids))]


FIND_NAMED_SQL = """
SELECT id, kind, name, email, created_at, ended_at FROM principal
WHERE ended_at IS NULL AND CASE
    WHEN $2::uuid IS NOT NULL THEN id = $2
    WHEN strpos($1, '@') > 0 THEN lower(email) = lower($1)
    ELSE name = $1 END
ORDER BY created_at, id LIMIT 2
"""


async def find_named(conn: Connection, who: str) -> list[Principal]:
    """Return up to two who are in use and have this id, else this address, else this name.

    What could be an id or an address is no name: anyone may be named as another is addressed.
    """
    try:
        by_id = uuid.UUID(who)
    except ValueError:
        by_id = None
    return [_principal(row) for row in await conn.fetch(FIND_NAMED_SQL, who, by_id)]


FIND_PERSON_WITH_ROLE_SQL = """
SELECT id, kind, name, email, created_at, ended_at FROM principal AS p
WHERE kind = 'person' AND name = $1 AND ended_at IS NULL AND EXISTS (
    SELECT FROM principal_role AS r
    WHERE r.principal = p.id AND r.role = $2 AND r.ended_at IS NULL)
ORDER BY created_at, id LIMIT 1
"""


async def find_person_with_role(conn: Connection, name: str, role: str) -> Principal | None:
    """Return the person in use of this name who has a role, of several the first."""
    row = await conn.fetchrow(FIND_PERSON_WITH_ROLE_SQL, name, role)
    return _principal(row) if row else None


FIND_SERVICE_SQL = """
SELECT id, kind, name, email, created_at, ended_at FROM principal
WHERE name = $1 AND kind = 'service' AND ended_at IS NULL
"""


async def find_service(conn: Connection, name: str) -> Principal | None:
    """Return the service in use of this name."""
    row = await conn.fetchrow(FIND_SERVICE_SQL, name)
    return _principal(row) if row else None


LIST_PRINCIPALS_SQL = """
SELECT id, kind, name, email, created_at, ended_at FROM principal ORDER BY created_at, id
"""


async def list_all(conn: Connection) -> list[Principal]:
    """Return every principal, ended ones too, oldest first."""
    return [_principal(row) for row in await conn.fetch(LIST_PRINCIPALS_SQL)]
