"""The SQL of the event log and its feed."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from catalog.db import Connection
from catalog.events.model import (
    Event,
    FeedAnswer,
    GatewayIdentity,
    PurgeTimes,
    Recorded,
    Subject,
    Touch,
)
from catalog.ids import new_id

EVENTS_CHANNEL = "vitrine_events"
PURGES_CHANNEL = "vitrine_purges"

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
RETURNING id, seq, xid8::text
"""


async def append(conn: Connection, events: Sequence[Event], *, actor: str) -> list[Recorded]:
    """Append events to the log, in their order."""
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
        Recorded(id=row["id"], seq=row["seq"], xid8=row["xid8"], event=event)
        for row, event in zip(rows, events, strict=True)
    ]


QUEUE_PURGES_SQL = """
WITH queued AS (
    INSERT INTO purge (tag, cause, pass, driver, not_before)
    SELECT t.tag, t.cause, p.pass, d.driver,
           clock_timestamp() + p.after_s * interval '1 second'
    FROM unnest($1::text[], $2::uuid[], $3::boolean[]) AS t(tag, cause, is_of_answers)
    JOIN purge_driver AS d ON d.is_in_use AND (d.holds_answers OR NOT t.is_of_answers),
         (VALUES (1, 0), (2, $4::float8), (3, $5::float8)) AS p(pass, after_s)
    RETURNING 1
)
SELECT count(pg_notify($6, '')) > 0 FROM (SELECT FROM queued LIMIT 1) AS anything
"""


async def queue_purges(
    conn: Connection,
    tags: Sequence[tuple[str, uuid.UUID]],
    tags_of_answers: Sequence[tuple[str, uuid.UUID]],
    *,
    times: PurgeTimes,
) -> bool:
    """Queue all passes of every (tag, cause) for the drivers that stand in the database.

    Args:
        conn: in a transaction.
        tags: for every driver.
        tags_of_answers: for those alone that clear a hop of the api.
        times: of the passes.

    Returns:
        Whether there is a driver to queue anything for; purgers are woken then.
    """
    queued = [*tags, *tags_of_answers]
    return bool(
        await conn.fetchval(
            QUEUE_PURGES_SQL,
            [tag for tag, _ in queued],
            [cause for _, cause in queued],
            [number >= len(tags) for number in range(len(queued))],
            times.second_s,
            times.last_s,
            PURGES_CHANNEL,
        )
    )


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
    exceptions: Sequence[dict[str, object]],
) -> None:
    """Add a gateway's counters and broken sources to what the database has."""
    await conn.execute(
        REPORT_SQL,
        gateway.id,
        gateway.secret,
        list(denials),
        list(egresses),
        list(exceptions),
    )


DARK_AT_GATEWAYS_SQL = """
SELECT clock_timestamp() WHERE NOT EXISTS (
    SELECT FROM gateway
    WHERE seen_at > clock_timestamp() - interval '1 hour'
      AND (seen_at < clock_timestamp() - $2::float8 * interval '1 second'
           OR snapshot IS NULL OR NOT pg_visible_in_snapshot($1::text::xid8, snapshot)))
"""


async def dark_at_gateways(conn: Connection, xid8: str, *, lease_s: float) -> datetime | None:
    """Return an instant, now, at which every gateway has applied the transaction; None: not yet."""
    return await conn.fetchval(DARK_AT_GATEWAYS_SQL, xid8, lease_s)


DARK_AT_EDGES_SQL = """
SELECT count(*) FILTER (WHERE state <> 'confirmed') AS waiting, max(confirmed_at) AS dark_at
FROM purge JOIN purge_driver USING (driver)
WHERE is_in_use AND cause = ANY ($1) AND pass = 2
"""


async def dark_at_edges(
    conn: Connection, causes: Sequence[uuid.UUID]
) -> tuple[bool, datetime | None]:
    """Return whether purges of events still wait, and when the last was confirmed.

    Those count that were sent once every gateway had applied the change, for what was purged
    before may have been stored again; and those of drivers in use, for nobody confirms any other.
    """
    row = await conn.fetchrow(DARK_AT_EDGES_SQL, list(causes))
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row["waiting"] > 0, row["dark_at"]
