"""The SQL of the purge queue: queueing, holding a driver, taking what is due, confirming it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import Connection
from catalog.ids import new_id
from catalog.purges.model import PurgeTimes
from catalog.purges.rules import LETTERS_OF_ANSWERS

PURGES_CHANNEL = "vitrine_purges"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeBatch:
    """What one request to a driver asks for.

    Attributes:
        id: the idempotency id of its request and of every retry of the same.
        tags: distinct, at most the driver's `max_batch`.
        attempts: how often the request was begun, this time included.
    """

    id: uuid.UUID
    tags: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The state of one driver's queue.

    Attributes:
        due: rows that are due and not confirmed.
        overdue_s: since when the oldest of them is due.
    """

    driver: str
    due: int
    overdue_s: float


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


HOLD_DRIVER_SQL = "SELECT pg_try_advisory_lock(hashtextextended('purge:' || $1, 0))"


async def hold_driver(conn: Connection, driver: str) -> bool:
    """Try to become the one holder of a driver, for as long as this connection lives."""
    return bool(await conn.fetchval(HOLD_DRIVER_SQL, driver))


_DUE_SQL = """
    SELECT p.id, p.tag, p.not_before FROM purge AS p
    WHERE p.driver = $1 AND p.state = 'pending' AND p.not_before <= clock_timestamp()
      AND NOT EXISTS (
          SELECT FROM purge AS inner_hop
          WHERE inner_hop.cause = p.cause AND inner_hop.tag = p.tag AND inner_hop.pass = p.pass
            AND inner_hop.driver = $2 AND inner_hop.state <> 'confirmed')
"""

TAKE_SQL = f"""
WITH due AS ({_DUE_SQL}), tags AS (
    SELECT tag FROM due GROUP BY tag ORDER BY min(not_before), min(id) LIMIT $3
), overtaken AS (
    SELECT batch FROM purge WHERE driver = $1 AND state = 'sent'
    GROUP BY batch HAVING bool_and(sent_at >= $5 AND tag IN (SELECT tag FROM tags))
), chosen AS (
    SELECT id FROM due JOIN tags USING (tag)
    UNION ALL
    SELECT id FROM purge JOIN overtaken USING (batch) WHERE driver = $1 AND state = 'sent'
)
UPDATE purge SET state = 'sent', batch = $4, attempts = 1, sent_at = clock_timestamp()
FROM chosen WHERE purge.id = chosen.id
RETURNING purge.tag
"""  # noqa: S608 - ours


async def take(
    conn: Connection, driver: str, *, max_batch: int, after: str | None, held_since: datetime
) -> PurgeBatch | None:
    """Take the tags that are due, the oldest first, as a new batch; None: nothing is due.

    All that is due of a tag goes together, whatever its causes and passes, and with it a batch that
    has failed and all of whose tags are asked for now: so a tag is asked for once.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
        max_batch: the most tags of a request.
        after: a driver whose hop stands behind this one's; a row waits until the same row of
            that driver is confirmed. None: nothing stands behind.
        held_since: from when on requests are of this holder, which has seen them fail. Those of the
            holder before may have been done: each is repeated under its id.
    """
    batch = new_id()
    rows = await conn.fetch(TAKE_SQL, driver, after, max_batch, batch, held_since)
    if not rows:
        return None
    return PurgeBatch(id=batch, tags=tuple(sorted({row["tag"] for row in rows})), attempts=1)


#: From a gateway's last report until its end is seen.
_MARGIN_S = 1.0

HASTEN_SQL = """
WITH hastened AS (
    UPDATE purge AS p SET not_before = clock_timestamp()
    FROM event AS e
    WHERE e.id = p.cause AND p.driver = $1 AND p.pass = 2 AND p.state = 'pending'
      AND p.not_before > clock_timestamp()
      AND NOT (left(p.tag, 1) = ANY ($2)
               AND EXISTS (SELECT FROM purge_driver AS d WHERE d.driver = $1 AND d.holds_answers))
      AND NOT EXISTS (
          SELECT FROM gateway
          WHERE seen_at > clock_timestamp() - $3::float8 * interval '1 second'
            AND (snapshot IS NULL OR NOT pg_visible_in_snapshot(e.xid8, snapshot)))
    RETURNING 1
)
SELECT EXISTS (SELECT FROM hastened) AS is_due,
       EXISTS (SELECT FROM purge WHERE driver = $1 AND pass = 2 AND state = 'pending')
       OR EXISTS (SELECT FROM purge
                  WHERE driver = $1 AND state = 'pending' AND not_before <= clock_timestamp())
       AS is_due_soon
"""


async def hasten(conn: Connection, driver: str, *, lease_s: float) -> tuple[bool, bool]:
    """Make due what every gateway has applied; return whether anything is, and may be soon.

    A purge that overtakes what gateways have read is undone by the next answer that was decided
    before, so the second pass is due when there is none any more. A gateway that was killed is not
    waited for once nothing that it knew can be proven: what its feed brought is for a lease, and
    so is what it read itself, of which it was heard at most a lease before. At a hop that holds
    answers of the api their tags wait for their time: no api says what it has applied.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
        lease_s: of the gateways.
    """
    silent_s = 2 * lease_s + _MARGIN_S
    row = await conn.fetchrow(HASTEN_SQL, driver, sorted(LETTERS_OF_ANSWERS), silent_s)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row["is_due"], row["is_due_soon"]


RETAKE_SQL = f"""
WITH due AS ({_DUE_SQL}), unconfirmed AS (
    SELECT batch FROM purge
    WHERE driver = $1 AND state = 'sent' AND batch <> ALL ($3::uuid[])
    GROUP BY batch HAVING NOT bool_and(sent_at >= $4 AND tag IN (SELECT tag FROM due))
    ORDER BY min(not_before), min(id) LIMIT 1
)
UPDATE purge SET attempts = attempts + 1, sent_at = clock_timestamp()
FROM unconfirmed WHERE purge.batch = unconfirmed.batch AND driver = $1 AND state = 'sent'
RETURNING purge.batch, purge.tag, purge.attempts
"""  # noqa: S608 - ours


async def retake(
    conn: Connection,
    driver: str,
    *,
    resting: Sequence[uuid.UUID],
    after: str | None,
    held_since: datetime,
) -> PurgeBatch | None:
    """Take a batch again, of which nobody knows whether its request arrived; None: there is none.

    Its tags are those of its first request. One that has failed and whose tags are all due once
    more, as for their next pass, is left to `take`.

    Args:
        conn: the one that holds the driver.
        driver: whose queue.
        resting: batches whose next try is not due yet.
        after: as in `take`.
        held_since: as in `take`.
    """
    rows = await conn.fetch(RETAKE_SQL, driver, after, list(resting), held_since)
    if not rows:
        return None
    return PurgeBatch(
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
FROM purge JOIN purge_driver USING (driver)
WHERE is_in_use AND state <> 'confirmed' AND not_before <= clock_timestamp()
GROUP BY driver
"""


async def waiting(conn: Connection) -> list[QueueState]:
    """Return the drivers in use that have rows due and not confirmed."""
    rows = await conn.fetch(WAITING_SQL)
    return [QueueState(**row) for row in rows]
