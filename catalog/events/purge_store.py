"""The SQL of the purge queue: holding a driver, taking what is due, confirming what was done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import Connection
from catalog.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one request to a driver asks for.

    Attributes:
        id: of the batch and its pass; the idempotency id of its request and of every retry.
        tags: distinct, at most the driver's `max_batch`.
        attempts: how often the request was begun, this time included.
    """

    id: uuid.UUID
    tags: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The state of one driver's queue.

    Attributes:
        due: rows that are due and not confirmed.
        overdue_s: since when the oldest of them is due.
    """

    driver: str
    due: int
    overdue_s: float


HOLD_DRIVER_SQL = "SELECT pg_try_advisory_lock(hashtextextended('purge:' || $1, 0))"


async def hold_driver(conn: Connection, driver: str) -> bool:
    """Try to become the one holder of a driver, for as long as this connection lives."""
    return bool(await conn.fetchval(HOLD_DRIVER_SQL, driver))


TAKE_SQL = """
WITH due AS (
    SELECT p.id, p.tag, p.pass, p.not_before FROM purge AS p
    WHERE p.driver = $1 AND p.state = 'pending' AND p.not_before <= clock_timestamp()
      AND NOT EXISTS (
          SELECT FROM purge AS inner_hop
          WHERE inner_hop.cause = p.cause AND inner_hop.tag = p.tag AND inner_hop.pass = p.pass
            AND inner_hop.driver = $4 AND inner_hop.state <> 'confirmed')
), oldest AS (
    SELECT pass FROM due ORDER BY not_before, id LIMIT 1
), tags AS (
    SELECT tag FROM due JOIN oldest USING (pass) GROUP BY tag
    ORDER BY min(not_before), min(id) LIMIT $2
)
UPDATE purge SET state = 'sent', batch = $3, attempts = 1, sent_at = clock_timestamp()
FROM due JOIN oldest USING (pass) JOIN tags USING (tag)
WHERE purge.id = due.id
RETURNING purge.tag
"""


async def take(conn: Connection, driver: str, *, max_batch: int, after: str | None) -> Batch | None:
    """Take the oldest tags that are due, of one pass, as a new batch; None: nothing is due.

    Rows of the same tag and pass with other causes ride along, so a tag is asked for once.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
        max_batch: the most tags of a request.
        after: a driver whose hop stands behind this one's; a row waits until the same row of
            that driver is confirmed. None: nothing stands behind.
    """
    batch = new_id()
    rows = await conn.fetch(TAKE_SQL, driver, max_batch, batch, after)
    if not rows:
        return None
    return Batch(id=batch, tags=tuple(sorted({row["tag"] for row in rows})), attempts=1)


HASTEN_SQL = """
WITH waiting AS (
    SELECT p.id, e.xid8 FROM purge AS p JOIN event AS e ON e.id = p.cause
    WHERE p.driver = $1 AND p.pass = 2 AND p.state = 'pending'
      AND p.not_before > clock_timestamp()
      AND NOT EXISTS (SELECT FROM purge_driver AS d WHERE d.driver = $1 AND d.holds_answers)
), hastened AS (
    UPDATE purge SET not_before = clock_timestamp() FROM waiting
    WHERE purge.id = waiting.id AND NOT EXISTS (
        SELECT FROM gateway
        WHERE seen_at > clock_timestamp() - interval '1 hour'
          AND (snapshot IS NULL OR NOT pg_visible_in_snapshot(waiting.xid8, snapshot)))
    RETURNING 1
)
SELECT (SELECT count(*) FROM waiting) AS waiting, (SELECT count(*) FROM hastened) AS hastened
"""


async def hasten(conn: Connection, driver: str) -> tuple[bool, bool]:
    """Make due what every gateway has applied, and return whether anything is and more waits.

    A purge that overtakes the gateways' own news is undone by the next answer that was decided
    before, so the second pass is due when there is none any more. For a hop that holds answers of
    the api it waits for its time: no api says what it has applied.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
    """
    row = await conn.fetchrow(HASTEN_SQL, driver)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row["hastened"] > 0, row["waiting"] > row["hastened"]


RETAKE_SQL = """
WITH unconfirmed AS (
    SELECT batch FROM purge
    WHERE driver = $1 AND state = 'sent' AND batch <> ALL ($2::uuid[])
    ORDER BY not_before, id LIMIT 1
)
UPDATE purge SET attempts = attempts + 1, sent_at = clock_timestamp()
FROM unconfirmed WHERE purge.batch = unconfirmed.batch AND driver = $1 AND state = 'sent'
RETURNING purge.batch, purge.tag, purge.attempts
"""


async def retake(conn: Connection, driver: str, *, resting: Sequence[uuid.UUID]) -> Batch | None:
    """Take a batch again, of which nobody knows whether its request arrived; None: there is none.

    Its tags are those of its first request.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
        resting: batches whose next try is not due yet.
    """
    rows = await conn.fetch(RETAKE_SQL, driver, list(resting))
    if not rows:
        return None
    return Batch(
        id=rows[0]["batch"],
        tags=tuple(sorted({row["tag"] for row in rows})),
        attempts=rows[0]["attempts"],
    )


CONFIRM_SQL = """
UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp()
FROM event
WHERE event.id = purge.cause AND driver = $1 AND batch = $2 AND state = 'sent'
RETURNING extract(epoch FROM clock_timestamp() - event.time)::float8 AS age_s, pass
"""


async def confirm(conn: Connection, driver: str, batch: uuid.UUID) -> list[tuple[int, float]]:
    """Record that a batch is purged; return the pass of each row and its event's age in s."""
    rows = await conn.fetch(CONFIRM_SQL, driver, batch)
    return [(row["pass"], row["age_s"]) for row in rows]


WAITING_SQL = """
SELECT driver, count(*) AS due,
       extract(epoch FROM clock_timestamp() - min(not_before))::float8 AS overdue_s
FROM purge WHERE state <> 'confirmed' AND not_before <= clock_timestamp()
GROUP BY driver
"""


async def waiting(conn: Connection) -> list[Waiting]:
    """Return the drivers that have rows due and not confirmed."""
    rows = await conn.fetch(WAITING_SQL)
    return [Waiting(**row) for row in rows]
