"""What the audit says, by what was changed and by who changed it."""

import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.db import Connection

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A row: who changed what, when, from where and by what.

    Attributes:
        id: rises from row to row.
        event: id of the event.
        before, after: the fields that differ; both None where `data` says it all.
    """

    id: int
    event: uuid.UUID
    time: datetime
    actor: uuid.UUID
    address: str | None
    api_key: uuid.UUID | None
    session: uuid.UUID | None
    type: str
    subject: str
    data: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows; all that is given holds together.

    Attributes:
        subject: as `kind/name`.
        actor: who did it.
        since: from this instant on.
        until: before this instant.
    """

    subject: str | None = None
    actor: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


_CONDITIONS = """
($1::text IS NULL OR subject = $1) AND ($2::uuid IS NULL OR actor = $2)
AND ($3::timestamptz IS NULL OR time >= $3) AND ($4::timestamptz IS NULL OR time < $4)
"""
NEWEST_SQL = f"""
SELECT id, event, time, actor, address, api_key, session, type, subject, data, before, after
FROM audit WHERE {_CONDITIONS} AND ($5::bigint IS NULL OR id < $5) ORDER BY id DESC LIMIT $6
"""  # noqa: S608 - ours
ALL_SQL = f"""
SELECT id, event, time, actor, address, api_key, session, type, subject, data, before, after
FROM audit WHERE {_CONDITIONS} AND ($5::bigint IS NULL OR id > $5) ORDER BY id LIMIT $6
"""  # noqa: S608 - ours


async def newest_entries(
    conn: Connection, wanted: AuditFilter, *, before: int | None, limit: int
) -> list[AuditEntry]:
    """Return rows, the newest first, with ids below one; None: from the newest on."""
    return await _read(conn, NEWEST_SQL, wanted, before, limit)


async def all_entries(conn: Connection, wanted: AuditFilter) -> AsyncGenerator[AuditEntry]:
    """Yield rows, the oldest first."""
    last: int | None = None
    while found := await _read(conn, ALL_SQL, wanted, last, _AT_ONCE):
        for each in found:
            yield each
        last = found[-1].id


async def _read(
    conn: Connection, statement: str, wanted: AuditFilter, place: int | None, limit: int
) -> list[AuditEntry]:
    rows = await conn.fetch(
        statement, wanted.subject, wanted.actor, wanted.since, wanted.until, place, limit
    )
    return [AuditEntry(**dict(row)) for row in rows]
