"""The SQL of the queue for people; gateways add to it through `gateway_report`."""

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
