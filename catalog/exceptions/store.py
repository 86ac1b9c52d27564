"""The SQL of the queue for people; gateways add to it through `gateway_report`."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.db import Connection, Record
from catalog.exceptions.model import ExceptionState, QueuedException

LIST_SQL = """
SELECT id, kind, subject, cause, count, state, first_at, last_at FROM exception
WHERE state = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_exceptions(
    conn: Connection, state: ExceptionState, *, before: int | None, size: int
) -> list[QueuedException]:
    """Return exceptions in a state, the newest first.

    Args:
        conn: to the database.
        state: the one they are in.
        before: only those with smaller ids.
        size: the most that are returned.
    """
    rows = await conn.fetch(LIST_SQL, state, before, size)
    return [_exception(row) for row in rows]


def _exception(row: Record) -> QueuedException:
    fields: dict[str, Any] = {**row, "state": ExceptionState(row["state"])}
    return QueuedException(**fields)


ADD_SQL = """
INSERT INTO exception (kind, subject, cause)
SELECT $1, subject, cause FROM unnest($2::text[], $3::text[]) AS x(subject, cause)
ON CONFLICT (kind, subject, cause) WHERE state = 'open'
    DO UPDATE SET count = exception.count + 1, last_at = clock_timestamp()
"""
RESOLVE_SQL = """
UPDATE exception SET state = 'resolved'
WHERE state = 'open' AND kind = $1 AND subject = ANY ($2)
"""


async def add_exceptions(conn: Connection, kind: str, causes: Mapping[str, str]) -> None:
    """Queue what a person has to look at, each by its subject; what is open already counts on."""
    if causes:
        await conn.execute(ADD_SQL, kind, list(causes), list(causes.values()))


async def resolve_exceptions(conn: Connection, kind: str, subjects: Sequence[str]) -> None:
    """Close what is open of some subjects: its cause is gone."""
    if subjects:
        await conn.execute(RESOLVE_SQL, kind, list(subjects))
