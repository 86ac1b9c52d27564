"""The SQL of passwords and one-time codes."""

import uuid
from dataclasses import dataclass, field

from catalog.db import Connection, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCredential:
    """What a person proves who they are by.

    Attributes:
        password: as Argon2's PHC string; None: they have none.
        totp_sealed: the secret of their one-time codes; None: they have none.
    """

    principal_id: uuid.UUID
    password: str | None = field(repr=False)
    totp_sealed: bytes | None = field(repr=False)


def _credential(row: Record) -> LocalCredential:
    return LocalCredential(
        principal_id=row["id"], password=row["password"], totp_sealed=row["totp_sealed"]
    )


CREDENTIALS_NAMED_SQL = """
SELECT p.id, c.password, c.totp_sealed
FROM principal AS p JOIN local_credential AS c ON c.principal_id = p.id
WHERE p.name = $1 AND p.ended_at IS NULL AND p.kind = 'person'
LIMIT 2
"""


async def credential_named(conn: Connection, name: str) -> LocalCredential | None:
    """Return the credential of the one person of this name; None: none has one, or several do."""
    rows = await conn.fetch(CREDENTIALS_NAMED_SQL, name)
    return _credential(rows[0]) if len(rows) == 1 else None


CREDENTIAL_OF_SQL = """
SELECT p.id, c.password, c.totp_sealed
FROM principal AS p LEFT JOIN local_credential AS c ON c.principal_id = p.id
WHERE p.id = $1
"""


async def credential_of(conn: Connection, principal_id: uuid.UUID) -> LocalCredential:
    """Return the credential of a person, which may be empty."""
    row = await conn.fetchrow(CREDENTIAL_OF_SQL, principal_id)
    assert row is not None  # noqa: S101 - whoever asks has seen the person
    return _credential(row)


STORE_HASH_SQL = """
INSERT INTO local_credential (principal_id, password) VALUES ($1, $2)
ON CONFLICT (principal_id) DO UPDATE SET password = excluded.password
"""


async def set_password(conn: Connection, principal_id: uuid.UUID, password: str) -> None:
    """Store the hash of a password."""
    await conn.execute(STORE_HASH_SQL, principal_id, password)


SET_TOTP_SQL = """
INSERT INTO local_credential (principal_id, totp_sealed, totp_step) VALUES ($1, $2, $3)
ON CONFLICT (principal_id) DO UPDATE
SET totp_sealed = excluded.totp_sealed, totp_step = excluded.totp_step
"""


async def set_totp(conn: Connection, principal_id: uuid.UUID, sealed: bytes, step: int) -> None:
    """Store a sealed secret of one-time codes, and the step of the code that proved it."""
    await conn.execute(SET_TOTP_SQL, principal_id, sealed, step)


CLEAR_TOTP_SQL = "UPDATE local_credential SET totp_sealed = NULL WHERE principal_id = $1"


async def clear_totp(conn: Connection, principal_id: uuid.UUID) -> None:
    """Remove the secret of somebody's one-time codes."""
    await conn.execute(CLEAR_TOTP_SQL, principal_id)


USE_STEP_SQL = """
UPDATE local_credential SET totp_step = $2 WHERE principal_id = $1 AND totp_step < $2
RETURNING true
"""


async def use_step(conn: Connection, principal_id: uuid.UUID, step: int) -> bool:
    """Use the codes of all steps up to one up; False: that one was used before."""
    return await conn.fetchval(USE_STEP_SQL, principal_id, step) is True
