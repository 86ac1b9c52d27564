"""The SQL of sessions and of links that begin one."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from catalog.access.session_model import Login, Session
from catalog.db import Connection, Record
from catalog.principal import Principal


def _session(row: Record) -> Session:
    return Session(
        id=row["id"],
        principal=Principal(
            id=row["principal_id"], kind=row["kind"], name=row["name"], email=row["email"]
        ),
        login=Login(row["login"]),
        begun_at=row["begun_at"],
        used_at=row["used_at"],
        ends_at=row["ends_at"],
        address=row["address"],
    )


INSERT_SESSION_SQL = """
WITH person AS (
    UPDATE principal SET last_login_at = clock_timestamp()
    WHERE id = $3 AND ended_at IS NULL AND kind = 'person' RETURNING id
)
INSERT INTO session (id, hash, principal_id, login, ends_at, address)
SELECT $1, $2, id, $4, clock_timestamp() + $5::interval, $6 FROM person
RETURNING id
"""


async def insert_session(  # noqa: PLR0913 - the columns of a row
    conn: Connection,
    session_id: uuid.UUID,
    *,
    digest: bytes,
    principal_id: uuid.UUID,
    login: Login,
    lasts: timedelta,
    address: str | None,
) -> bool:
    """Store a session by the hash of its secret; False: there is no such person, or no longer."""
    return (
        await conn.fetchval(
            INSERT_SESSION_SQL, session_id, digest, principal_id, login.value, lasts, address
        )
    ) is not None


USE_SESSION_SQL = """
UPDATE session SET used_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL
"""
FIND_SESSION_SQL = """
SELECT s.id, s.login, s.begun_at, s.used_at, s.ends_at, s.address,
       p.id AS principal_id, p.kind, p.name, p.email,
       s.used_at < clock_timestamp() - interval '1 minute' AS is_use_due
FROM session AS s JOIN principal AS p ON p.id = s.principal_id
WHERE s.hash = $1 AND s.ended_at IS NULL AND p.ended_at IS NULL
  AND s.ends_at > clock_timestamp() AND s.used_at > clock_timestamp() - $2::interval
"""


async def find_session(conn: Connection, *, digest: bytes, idle: timedelta) -> Session | None:
    """Return the session with this hash, unless it or its person has ended, or it was idle.

    That it is in use is noted, at most once a minute.
    """
    row = await conn.fetchrow(FIND_SESSION_SQL, digest, idle)
    if row is None:
        return None
    if row["is_use_due"]:
        await conn.execute(USE_SESSION_SQL, row["id"])
    return _session(row)


LIST_SESSIONS_SQL = """
SELECT s.id, s.login, s.begun_at, s.used_at, s.ends_at, s.address,
       p.id AS principal_id, p.kind, p.name, p.email
FROM session AS s JOIN principal AS p ON p.id = s.principal_id
WHERE s.principal_id = ANY ($1) AND s.ended_at IS NULL AND s.ends_at > clock_timestamp()
  AND s.used_at > clock_timestamp() - $2::interval
ORDER BY s.begun_at DESC, s.id
"""


async def list_sessions(
    conn: Connection, people: Sequence[uuid.UUID], *, idle: timedelta
) -> list[Session]:
    """Return the sessions of people that have not ended, the newest first."""
    return [_session(row) for row in await conn.fetch(LIST_SESSIONS_SQL, list(people), idle)]


END_SESSION_SQL = """
UPDATE session SET ended_at = clock_timestamp() WHERE hash = $1 AND ended_at IS NULL
RETURNING id
"""


async def end_session(conn: Connection, *, digest: bytes) -> uuid.UUID | None:
    """End the session with this hash; None: there is none, or it has ended."""
    return await conn.fetchval(END_SESSION_SQL, digest)


END_SESSIONS_OF_SQL = """
UPDATE session SET ended_at = clock_timestamp()
WHERE ended_at IS NULL AND id IN (
    SELECT id FROM session WHERE principal_id = $1 AND ended_at IS NULL
    ORDER BY begun_at DESC, id DESC OFFSET $2
)
RETURNING id
"""


async def end_sessions_of(
    conn: Connection, principal_id: uuid.UUID, *, but_the_newest: int = 0
) -> list[uuid.UUID]:
    """End the sessions of a person, but for some; return those that ended."""
    rows = await conn.fetch(END_SESSIONS_OF_SQL, principal_id, but_the_newest)
    return [row["id"] for row in rows]


INSERT_LINK_SQL = """
INSERT INTO login_link (hash, principal_id, ends_at)
SELECT $1, id, clock_timestamp() + $3::interval
FROM principal WHERE id = $2 AND ended_at IS NULL AND kind = 'person' FOR SHARE
RETURNING ends_at
"""


async def insert_link(
    conn: Connection, *, digest: bytes, principal_id: uuid.UUID, lasts: timedelta
) -> bool:
    """Store a link by the hash of its secret; False: there is no such person, or no longer."""
    return await conn.fetchval(INSERT_LINK_SQL, digest, principal_id, lasts) is not None


LINK_NAME_SQL = """
SELECT p.name FROM login_link AS l JOIN principal AS p ON p.id = l.principal_id
WHERE l.hash = $1 AND l.ends_at > clock_timestamp() AND p.ended_at IS NULL
"""


async def link_name(conn: Connection, *, digest: bytes) -> str | None:
    """Return whom a link would log in; None: nobody, or no longer."""
    return await conn.fetchval(LINK_NAME_SQL, digest)


TAKE_LINK_SQL = """
DELETE FROM login_link WHERE hash = $1 AND ends_at > clock_timestamp() RETURNING principal_id
"""


async def take_link(conn: Connection, *, digest: bytes) -> uuid.UUID | None:
    """Use a link up, and return whom it logs in; None: it was used before, or is over."""
    return await conn.fetchval(TAKE_LINK_SQL, digest)


DELETE_LINKS_OF_SQL = "DELETE FROM login_link WHERE principal_id = $1"


async def delete_links_of(conn: Connection, principal_id: uuid.UUID) -> None:
    """End the links of a person."""
    await conn.execute(DELETE_LINKS_OF_SQL, principal_id)


FORGET_SESSIONS_SQL = """
DELETE FROM session WHERE ends_at < clock_timestamp() - interval '30 days'
"""
FORGET_LINKS_SQL = "DELETE FROM login_link WHERE ends_at < clock_timestamp()"


async def forget_over(conn: Connection) -> None:
    """Remove sessions a month after their end, and links that are over."""
    await conn.execute(FORGET_SESSIONS_SQL)
    await conn.execute(FORGET_LINKS_SQL)
