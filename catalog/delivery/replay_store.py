"""The SQL of what replays of delivery logs found."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.db import Connection

#: Of the last replays; those before are forgotten with their incidents.
REPLAYS_KEPT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReplay:
    """What a replay found.

    Attributes:
        id: of its row; the newest is the largest.
        incidents: how many; those that were longest overdue are kept one by one.
        report: as `vitrine replay --json` prints it, without `worst`.
    """

    id: int
    public_id: str
    ran_at: datetime
    ran_by: uuid.UUID
    incidents: int
    report: Mapping[str, Any]


ADD_REPLAY_SQL = """
INSERT INTO replay (public_id, ran_by, incidents, report) VALUES ($1, $2, $3, $4) RETURNING id
"""
ADD_INCIDENTS_SQL = """
INSERT INTO replay_incident (replay, number, incident)
SELECT $1, number, incident
FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS t(incident, number)
"""
FORGET_REPLAYS_SQL = """
DELETE FROM replay WHERE id < (SELECT min(id) FROM (
    SELECT id FROM replay ORDER BY id DESC LIMIT $1
) AS kept)
"""


async def add_replay(
    conn: Connection,
    public_id: str,
    report: Mapping[str, Any],
    worst: Sequence[Mapping[str, Any]],
    *,
    by: uuid.UUID,
) -> None:
    """Add what a replay found, and forget what is older than the last `REPLAYS_KEPT`."""
    added = await conn.fetchval(ADD_REPLAY_SQL, public_id, by, report["incidents"], dict(report))
    await conn.execute(ADD_INCIDENTS_SQL, added, [dict(each) for each in worst])
    await conn.execute(FORGET_REPLAYS_SQL, REPLAYS_KEPT)


LIST_REPLAYS_SQL = """
SELECT id, public_id, ran_at, ran_by, incidents, report FROM replay
WHERE ($1::bigint IS NULL OR id < $1) ORDER BY id DESC LIMIT $2
"""


async def list_replays(conn: Connection, *, before: int | None, size: int) -> list[StoredReplay]:
    """Return replays, the newest first, those with smaller ids than one; None: from the newest."""
    return [StoredReplay(**row) for row in await conn.fetch(LIST_REPLAYS_SQL, before, size)]


LIST_INCIDENTS_SQL = """
SELECT number, incident FROM replay_incident
WHERE replay = CASE WHEN $1::text IS NULL THEN (SELECT max(id) FROM replay)
                    ELSE (SELECT id FROM replay WHERE public_id = $1) END
  AND number > $2
ORDER BY number LIMIT $3
"""


async def list_incidents(
    conn: Connection, replay: str | None, *, after: int, size: int
) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the incidents of a replay with their numbers, the longest overdue first.

    Args:
        conn: to the primary.
        replay: its public id; None: of the last one.
        after: only those with larger numbers.
        size: at most so many.
    """
    rows = await conn.fetch(LIST_INCIDENTS_SQL, replay, after, size)
    return [(row["number"], row["incident"]) for row in rows]
