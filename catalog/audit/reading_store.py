"""What the audit says, by what was changed and by who changed it."""

import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from catalog.db import Connection
from catalog.reach import Reach
from catalog.statement_values import StatementValues, all_of

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
        reach: what they see who look; None: all.
    """

    subject: str | None = None
    actor: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    reach: Reach | None = None


_COLUMNS = "id, event, time, actor, address, api_key, session, type, subject, data, before, after"
#: Each has an index that begins with it, and ends with time and id, by which pages go on.
_CONDITIONS: Final[Mapping[str, str]] = {
    "subject": "subject = {}",
    "actor": "actor = {}",
    "since": "time >= {}",
    "until": "time < {}",
}
_WITHIN = "subject_lies_within({}, {})"
_BEHIND = "(time, id) {} (SELECT time, id FROM audit WHERE id = {{}})"


def list_sql(
    wanted: AuditFilter, size: int, *, behind: int | None, newest_first: bool
) -> tuple[str, list[object]]:
    """Return the statement that lists rows by time, and its values.

    Args:
        wanted: which.
        size: the most that it returns.
        behind: id of the row behind which they begin; None: at the start.
        newest_first: and the oldest last.
    """
    values = StatementValues(size)
    conditions = values.asked(_CONDITIONS, asdict(wanted))
    if wanted.reach is not None:
        mine = values.add("actor = {}", wanted.reach.principal)
        if wanted.subject is not None:
            within = values.add(_WITHIN, wanted.subject, wanted.reach.slices)
            mine = f"({mine} OR {within})"
        conditions.append(mine)
    if behind is not None:
        conditions.append(values.add(_BEHIND.format("<" if newest_first else ">"), behind))
    order = "time DESC, id DESC" if newest_first else "time, id"
    where = all_of(conditions)
    statement = f"SELECT {_COLUMNS} FROM audit WHERE {where} ORDER BY {order} LIMIT $1"  # noqa: S608 - ours
    return statement, values.all


async def newest_entries(
    conn: Connection, wanted: AuditFilter, *, before: int | None, limit: int
) -> list[AuditEntry]:
    """Return rows, the newest first, before that of an id; None: from the newest on."""
    return await _read(conn, *list_sql(wanted, limit, behind=before, newest_first=True))


async def all_entries(conn: Connection, wanted: AuditFilter) -> AsyncGenerator[AuditEntry]:
    """Yield rows, the oldest first."""
    last: int | None = None
    while found := await _read(conn, *list_sql(wanted, _AT_ONCE, behind=last, newest_first=False)):
        for each in found:
            yield each
        last = found[-1].id


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChange:
    """A row without what only those may read who read the audit.

    Attributes:
        id: rises from row to row.
        event: id of the event.
    """

    id: int
    event: uuid.UUID
    time: datetime
    actor: uuid.UUID
    type: str
    subject: str


RECENT_CHANGES_SQL = """
SELECT id, event, time, actor, type, subject
FROM unnest($1::text[]) AS kind CROSS JOIN LATERAL (
    SELECT id, event, time, actor, type, subject FROM audit
    WHERE split_part(subject, '/', 1) = kind AND ($2::bigint IS NULL OR id < $2)
    ORDER BY id DESC LIMIT $3
) AS newest ORDER BY id DESC LIMIT $3
"""


async def recent_changes(
    conn: Connection, kinds: Sequence[str], *, before: int | None, limit: int
) -> list[RecentChange]:
    """Return the last changes of these kinds of subjects, the newest first.

    Args:
        conn: to the primary.
        kinds: what subjects begin with, such as `product`.
        before: only rows with smaller ids; None: from the newest on.
        limit: the most that are returned.
    """
    rows = await conn.fetch(RECENT_CHANGES_SQL, list(kinds), before, limit)
    return [RecentChange(**row) for row in rows]


#: What subjects are called whose ids are no words. $1 ids, $2 those of them that are UUIDs.
NAMES_SQL = """
SELECT 'asset/' || public_id AS subject, code AS name FROM asset WHERE public_id = ANY ($1)
UNION ALL SELECT 'licence/' || public_id, code FROM licence WHERE public_id = ANY ($1)
UNION ALL SELECT 'association/' || m.public_id, o.sku
FROM media_association AS m JOIN product AS o ON o.id = m.product WHERE m.public_id = ANY ($1)
UNION ALL SELECT 'principal/' || id, name FROM principal WHERE id = ANY ($2)
UNION ALL SELECT 'api_key/' || id, name FROM api_key WHERE id = ANY ($2)
UNION ALL SELECT 'session/' || s.id, p.name
FROM session AS s JOIN principal AS p ON p.id = s.principal_id WHERE s.id = ANY ($2)
"""


async def names_of_subjects(conn: Connection, subjects: Iterable[str]) -> dict[str, str]:
    """Return what subjects are called now; absent: their ids are words, or they are gone.

    Args:
        conn: to the primary.
        subjects: as `kind/id`.
    """
    wanted = {*subjects}
    ids = {each.partition("/")[2] for each in wanted}
    uuids = [found for each in ids if (found := _uuid(each)) is not None]
    rows = await conn.fetch(NAMES_SQL, list(ids), uuids)
    return {row["subject"]: row["name"] for row in rows if row["subject"] in wanted}


SUBJECT_BY_CODE_SQL = """
SELECT 'asset/' || public_id FROM asset WHERE $1 = 'asset' AND code = $2
UNION ALL SELECT 'licence/' || public_id FROM licence WHERE $1 = 'licence' AND code = $2
"""


async def subject_of(conn: Connection, name: str) -> str:
    """Return the subject that somebody means by `asset/CODE` or `licence/CODE`, else the same."""
    kind, _, code = name.partition("/")
    return await conn.fetchval(SUBJECT_BY_CODE_SQL, kind, code) or name


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


async def _read(conn: Connection, statement: str, values: Sequence[object]) -> list[AuditEntry]:
    return [AuditEntry(**dict(row)) for row in await conn.fetch(statement, *values)]
