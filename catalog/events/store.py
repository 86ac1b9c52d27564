"""The SQL of the event log and its feed."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from catalog.db import Connection
from catalog.events.model import Event, FeedAnswer, GatewayIdentity, RecordedEvent, Touch
from catalog.ids import new_id
from catalog.subjects import Subject

EVENTS_CHANNEL = "vitrine_events"

NOW_SQL = "SELECT clock_timestamp()"


async def database_now(conn: Connection) -> datetime:
    """Return the database's clock, by which all that is written is dated."""
    return await conn.fetchval(NOW_SQL)


APPEND_SQL = """
INSERT INTO event (id, type, subject, aggregate_version, subjects, data, actor)
SELECT id, type, subject, version, subjects, data, $2
FROM ROWS FROM (jsonb_to_recordset($1)
    AS (id uuid, type text, subject text, version bigint, subjects text[], data jsonb)
) WITH ORDINALITY AS e(id, type, subject, version, subjects, data, place)
ORDER BY place
RETURNING id, seq, xid8::text, time
"""


async def append(
    conn: Connection, events: Sequence[Event], *, actor: uuid.UUID
) -> list[RecordedEvent]:
    """Append events to the log, in their order, as what a principal did."""
    rows = await conn.fetch(
        APPEND_SQL,
        [
            {
                "id": new_id(),
                "type": event.type,
                "subject": event.subject,
                "version": event.version,
                "subjects": list(event.subjects),
                "data": dict(event.data),
            }
            for event in events
        ],
        actor,
    )
    return [
        RecordedEvent(id=row["id"], seq=row["seq"], xid8=row["xid8"], at=row["time"], event=event)
        for row, event in zip(rows, events, strict=True)
    ]


NOTIFY_SQL = "SELECT pg_notify($1, '')"


async def notify(conn: Connection, channel: str) -> None:
    """Wake the readers of a channel when the transaction commits."""
    await conn.execute(NOTIFY_SQL, channel)


ASK_SQL = """
SELECT clock_timestamp() AS now,
       pg_current_snapshot()::text AS snapshot,
       pg_is_in_recovery() AS is_standby,
       (
           SELECT jsonb_agg(jsonb_build_array(touched, xid)) FROM (
               SELECT DISTINCT unnest(subjects) AS touched, xid8::text::bigint AS xid
               FROM event, coalesce($1::text::pg_snapshot, pg_current_snapshot()) AS applied
               WHERE subjects <> '{}'
                 AND xid8 >= pg_snapshot_xmin(applied)
                 AND NOT pg_visible_in_snapshot(xid8, applied)
           ) AS new
       ) AS touches,
       ARRAY(
           SELECT DISTINCT driver FROM purge
           WHERE state <> 'confirmed' AND not_before < clock_timestamp() - interval '60 seconds'
       ) AS overdue_drivers,
       CASE WHEN $2::uuid IS NOT NULL AND NOT pg_is_in_recovery()
            THEN gateway_report($2::uuid, $1::text::pg_snapshot, secret => $3::uuid)::text
            END AS reported
"""


async def ask(
    conn: Connection, *, applied: str | None, gateway: GatewayIdentity | None
) -> FeedAnswer:
    """Ask the log what became visible since a snapshot, and report that snapshot as applied.

    The last snapshot is the cursor: an event is new if it is visible now and was not then. So a
    late commit behind a long transaction is found, and nothing is brought twice.

    Args:
        conn: to the primary.
        applied: the snapshot of the last answer that was applied; None: start from now.
        gateway: that reports; None for readers that nobody waits for.
    """
    named = (gateway.id, gateway.secret) if gateway else (None, None)
    row = await conn.fetchrow(ASK_SQL, applied, *named)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return FeedAnswer(
        now=row["now"],
        snapshot=row["snapshot"],
        is_standby=row["is_standby"],
        touches=tuple(Touch(Subject(subject), xid) for subject, xid in row["touches"] or ()),
        overdue_drivers=frozenset(row["overdue_drivers"]),
    )


SERVER_RUN_SQL = """
SELECT pg_postmaster_start_time()::text || ' ' || oid FROM pg_database
WHERE datname = current_database()
"""


async def server_run(conn: Connection) -> str:
    """Name the run of the server and the database, in which an xid8 means one transaction.

    Another server that takes over, or one that is restored, may give the same number again.
    """
    return str(await conn.fetchval(SERVER_RUN_SQL))


RECENT_SQL = """
SELECT xid8::text::bigint AS xid, subjects FROM event
WHERE subjects <> '{}' ORDER BY xid8 DESC LIMIT $1
"""


async def recent(conn: Connection, *, limit: int) -> tuple[int, list[Touch]]:
    """Return what the last events touched, and an xid8 above which none is missing.

    Args:
        conn: to the primary.
        limit: the most events that are read.
    """
    rows = await conn.fetch(RECENT_SQL, limit)
    complete_above = rows[-1]["xid"] if len(rows) == limit else 0
    return complete_above, [
        Touch(Subject(subject), row["xid"]) for row in rows for subject in row["subjects"]
    ]


LEAVE_SQL = "SELECT gateway_report($1, leaving => true, secret => $2)"


async def leave(conn: Connection, gateway: GatewayIdentity) -> None:
    """Remove a gateway's row at a clean stop."""
    await conn.execute(LEAVE_SQL, gateway.id, gateway.secret)


REPORT_SQL = """
SELECT gateway_report($1, NULL, $3::jsonb, $4::jsonb, $5::jsonb, secret => $2)
"""


async def report(
    conn: Connection,
    gateway: GatewayIdentity,
    *,
    denials: Sequence[dict[str, object]],
    egresses: Sequence[dict[str, object]],
    tasks: Sequence[dict[str, object]],
) -> None:
    """Add a gateway's counters, and what people have to look at, to what the database has."""
    await conn.execute(
        REPORT_SQL,
        gateway.id,
        gateway.secret,
        list(denials),
        list(egresses),
        list(tasks),
    )
