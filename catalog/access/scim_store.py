"""The SQL of SCIM: resources as an identity provider wrote them, and the tokens it comes with."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from asyncpg import Record, UniqueViolationError

from catalog.db import Connection
from catalog.errors import ConflictError
from catalog.principal import Principal

ScimType: TypeAlias = Literal["User", "Group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimResource:
    """A user or a group.

    Attributes:
        id: of a user that of its principal.
        document: as the provider wrote it, without what is stored beside it.
        version: one more with each change.
        is_in_use: of a user whether the person is; of a group true.
    """

    id: uuid.UUID
    type: ScimType
    document: Mapping[str, Any] = field(repr=False)
    version: int
    created_at: datetime
    modified_at: datetime
    is_in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimDraft:
    """What is stored of a resource.

    Attributes:
        key: of a user the name that is unique, in lower case; None: of a group.
    """

    type: ScimType
    key: str | None
    external_id: str | None
    document: Mapping[str, Any] = field(repr=False)


def _resource(row: Record) -> ScimResource:
    return ScimResource(**row)


_COLUMNS = """id, type, document, version, created_at, modified_at,
NOT EXISTS (
    SELECT FROM principal AS p WHERE p.id = scim_resource.id AND p.ended_at IS NOT NULL
) AS is_in_use"""
INSERT_SCIM_SQL = f"""
INSERT INTO scim_resource (id, type, key, external_id, document) VALUES ($1, $2, $3, $4, $5)
RETURNING {_COLUMNS}
"""  # noqa: S608 - of constants


async def insert(conn: Connection, resource_id: uuid.UUID, draft: ScimDraft) -> ScimResource:
    """Store a resource.

    Raises:
        ConflictError: the name is another user's.
    """
    return await _write(conn, INSERT_SCIM_SQL, resource_id, draft)


UPDATE_SCIM_SQL = f"""
UPDATE scim_resource
SET key = $3, external_id = $4, document = $5, version = version + 1,
    modified_at = clock_timestamp()
WHERE id = $1 AND type = $2
RETURNING {_COLUMNS}
"""  # noqa: S608 - of constants


async def update(conn: Connection, resource_id: uuid.UUID, draft: ScimDraft) -> ScimResource:
    """Store the new state of a resource that is locked.

    Raises:
        ConflictError: the name is another user's.
    """
    return await _write(conn, UPDATE_SCIM_SQL, resource_id, draft)


async def _write(
    conn: Connection, sql: str, resource_id: uuid.UUID, draft: ScimDraft
) -> ScimResource:
    try:
        row = await conn.fetchrow(
            sql, resource_id, draft.type, draft.key, draft.external_id, draft.document
        )
    except UniqueViolationError as error:
        raise ConflictError("this userName is another user's", field="userName") from error
    assert row is not None  # noqa: S101 - it was inserted, or is locked
    return _resource(row)


FIND_SCIM_SQL = f"""
SELECT {_COLUMNS} FROM scim_resource
WHERE id = $1 AND type = $2
"""  # noqa: S608 - of constants
LOCK_SCIM_SQL = f"{FIND_SCIM_SQL} FOR UPDATE"


async def find(
    conn: Connection, resource_id: uuid.UUID, kind: ScimType, *, to_change: bool = False
) -> ScimResource | None:
    """Return a resource; `to_change`: and let nobody else change it meanwhile."""
    statement = LOCK_SCIM_SQL if to_change else FIND_SCIM_SQL
    row = await conn.fetchrow(statement, resource_id, kind)
    return _resource(row) if row else None


DELETE_SCIM_SQL = "DELETE FROM scim_resource WHERE id = $1"
LEAVE_GROUPS_SQL = """
UPDATE scim_resource AS g
SET document = jsonb_set(g.document, '{members}', (
        SELECT coalesce(jsonb_agg(m), '[]') FROM jsonb_array_elements(g.document -> 'members') AS m
        WHERE m ->> 'value' <> $1)),
    version = version + 1, modified_at = clock_timestamp()
WHERE g.type = 'Group'
  AND g.document -> 'members' @> jsonb_build_array(jsonb_build_object('value', $1::text))
"""


async def delete(conn: Connection, resource_id: uuid.UUID) -> None:
    """Remove a resource, also from the groups that it was a member of."""
    await conn.execute(DELETE_SCIM_SQL, resource_id)
    await conn.execute(LEAVE_GROUPS_SQL, f"{resource_id}")


COUNT_SCIM_SQL = "SELECT count(*) FROM scim_resource WHERE type = $1"
PAGE_SCIM_SQL = f"""
SELECT {_COLUMNS} FROM scim_resource
WHERE type = $1 ORDER BY id OFFSET $2 LIMIT $3
"""  # noqa: S608 - of constants


async def count(conn: Connection, kind: ScimType) -> int:
    """Return how many resources of a type there are."""
    return int(await conn.fetchval(COUNT_SCIM_SQL, kind))


async def page(
    conn: Connection, kind: ScimType, *, offset: int, limit: int | None
) -> Sequence[ScimResource]:
    """Return a page of the resources of a type, by their ids."""
    return [_resource(row) for row in await conn.fetch(PAGE_SCIM_SQL, kind, offset, limit)]


NEXT_SCIM_SQL = f"""
SELECT {_COLUMNS} FROM scim_resource
WHERE type = $1 AND id > $2 ORDER BY id LIMIT $3
"""  # noqa: S608 - of constants


async def after(
    conn: Connection, kind: ScimType, last: uuid.UUID, *, limit: int
) -> Sequence[ScimResource]:
    """Return resources of a type whose ids come after one."""
    return [_resource(row) for row in await conn.fetch(NEXT_SCIM_SQL, kind, last, limit)]


KEYED_SCIM_SQL = f"""
SELECT {_COLUMNS} FROM scim_resource
WHERE type = $1 AND (key = $2 OR external_id = $3 OR id = $4) ORDER BY id
"""  # noqa: S608 - of constants


async def keyed(
    conn: Connection,
    kind: ScimType,
    *,
    key: str | None = None,
    external_id: str | None = None,
    resource_id: uuid.UUID | None = None,
) -> Sequence[ScimResource]:
    """Return the resources of a type by a name, an id of the provider, or an id of ours."""
    rows = await conn.fetch(KEYED_SCIM_SQL, kind, key, external_id, resource_id)
    return [_resource(row) for row in rows]


UNCLAIMED_PERSON_SQL = """
SELECT id FROM principal AS p
WHERE kind = 'person' AND ended_at IS NULL AND lower(email) = lower($1)
  AND NOT EXISTS (SELECT FROM scim_resource WHERE id = p.id)
"""


async def unclaimed_person(conn: Connection, email: str) -> uuid.UUID | None:
    """Return the person in use with an address whom no identity provider keeps yet."""
    return await conn.fetchval(UNCLAIMED_PERSON_SQL, email)


HOLDS_ROLES_SQL = """
SELECT EXISTS (SELECT FROM principal_role WHERE principal = $1 AND ended_at IS NULL)
"""
HAS_ADDRESS_SQL = """
SELECT lower(email) IS NOT DISTINCT FROM lower($2::text) FROM principal WHERE id = $1
"""


async def holds_roles(conn: Connection, person: uuid.UUID) -> bool:
    """Return whether a person has roles."""
    return await conn.fetchval(HOLDS_ROLES_SQL, person) is True


async def has_address(conn: Connection, person: uuid.UUID, email: str | None) -> bool:
    """Return whether this is a person's address; None: whether they have none."""
    return await conn.fetchval(HAS_ADDRESS_SQL, person, email) is True


IN_USE_SQL = "SELECT ended_at IS NULL FROM principal WHERE id = $1"


async def is_in_use(conn: Connection, person: uuid.UUID) -> bool:
    """Return whether a person is in use."""
    return await conn.fetchval(IN_USE_SQL, person) is True


INSERT_BEARER_SQL = "INSERT INTO scim_token (hash, principal_id) VALUES ($1, $2)"
END_BEARERS_SQL = """
UPDATE scim_token SET ended_at = clock_timestamp()
WHERE ended_at IS NULL AND hash IN (
    SELECT hash FROM scim_token WHERE ended_at IS NULL ORDER BY created_at DESC, hash OFFSET $1
)
RETURNING true
"""


async def insert_token(conn: Connection, digest: bytes, principal_id: uuid.UUID) -> None:
    """Store a token by its hash."""
    await conn.execute(INSERT_BEARER_SQL, digest, principal_id)


async def end_tokens(conn: Connection, *, but_the_newest: int) -> int:
    """End tokens, but for some; return how many ended."""
    return len(await conn.fetch(END_BEARERS_SQL, but_the_newest))


BEARER_SQL = """
SELECT p.id, p.kind, p.name FROM scim_token AS t JOIN principal AS p ON p.id = t.principal_id
WHERE t.hash = $1 AND t.ended_at IS NULL AND p.ended_at IS NULL
"""


async def principal_of_token(conn: Connection, digest: bytes) -> Principal | None:
    """Return who comes with a token; None: nobody, or no longer."""
    row = await conn.fetchrow(BEARER_SQL, digest)
    return Principal(**row) if row else None
