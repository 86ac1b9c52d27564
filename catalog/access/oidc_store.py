"""The SQL of logins at an identity provider: those under way, and who is meant by its subjects."""

import uuid
from datetime import timedelta

from catalog.db import Connection
from catalog.principal import Principal

FORGET_ATTEMPTS_SQL = "DELETE FROM login_attempt WHERE ends_at < clock_timestamp()"
INSERT_ATTEMPT_SQL = """
INSERT INTO login_attempt (hash, next, ends_at) VALUES ($1, $2, clock_timestamp() + $3::interval)
ON CONFLICT (hash) DO UPDATE SET next = excluded.next, ends_at = excluded.ends_at
"""


async def insert_attempt(conn: Connection, digest: bytes, to: str, *, lasts: timedelta) -> None:
    """Store a login that begins, and forget those that never came back."""
    await conn.execute(FORGET_ATTEMPTS_SQL)
    await conn.execute(INSERT_ATTEMPT_SQL, digest, to, lasts)


TAKE_ATTEMPT_SQL = """
DELETE FROM login_attempt WHERE hash = $1 AND ends_at > clock_timestamp() RETURNING next
"""


async def take_attempt(conn: Connection, digest: bytes) -> str | None:
    """Use a login that began up, and return where it leads; None: there is none, or no longer."""
    return await conn.fetchval(TAKE_ATTEMPT_SQL, digest)


FIND_SUBJECT_SQL = """
SELECT p.id, p.kind, p.name, p.email
FROM oidc_identity AS i JOIN principal AS p ON p.id = i.principal_id
WHERE i.issuer = $1 AND i.subject = $2 AND p.ended_at IS NULL
"""


async def find_subject(conn: Connection, issuer: str, subject: str) -> Principal | None:
    """Return who in use is meant by a subject."""
    row = await conn.fetchrow(FIND_SUBJECT_SQL, issuer, subject)
    return Principal(**row) if row else None


PERSON_OF_EMAIL_SQL = """
SELECT id FROM principal WHERE kind = 'person' AND ended_at IS NULL AND lower(email) = lower($1)
FOR NO KEY UPDATE
"""


async def person_of_email(conn: Connection, email: str) -> uuid.UUID | None:
    """Return the person in use with an address, and let nobody else link them meanwhile."""
    return await conn.fetchval(PERSON_OF_EMAIL_SQL, email)


IS_LINKED_SQL = """
SELECT EXISTS (SELECT FROM oidc_identity WHERE issuer = $1 AND principal_id = $2)
"""


async def is_linked(conn: Connection, issuer: str, principal_id: uuid.UUID) -> bool:
    """Return whether a subject of an issuer means somebody already."""
    return await conn.fetchval(IS_LINKED_SQL, issuer, principal_id) is True


LINK_SUBJECT_SQL = """
INSERT INTO oidc_identity (issuer, subject, principal_id) VALUES ($1, $2, $3)
ON CONFLICT (issuer, subject) DO UPDATE
SET principal_id = excluded.principal_id, linked_at = clock_timestamp()
"""


async def link_subject(
    conn: Connection, issuer: str, subject: str, principal_id: uuid.UUID
) -> None:
    """Say who is meant by a subject from now on."""
    await conn.execute(LINK_SUBJECT_SQL, issuer, subject, principal_id)
