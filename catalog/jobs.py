"""Jobs of the queue: deferred in the transaction of the change that they follow, and forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.db import Connection

#: A job that nobody waits for lets all others go first.
LAST = -10


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work for the relay.

    Attributes:
        task: `namespace:name`, as the relay declares it.
        args: what the task is called with.
        priority: higher ones go first.
    """

    queue: str
    task: str
    args: Mapping[str, object]
    priority: int = 0


DEFER_SQL = """
SELECT procrastinate_defer_jobs_v1(ARRAY[
    ROW($1, $2, $3, NULL, NULL, $4::jsonb, NULL)]::procrastinate_job_to_defer_v1[])
"""


async def defer(conn: Connection, job: Job) -> None:
    """Have a job done once the transaction has committed."""
    await conn.execute(DEFER_SQL, job.queue, job.task, job.priority, job.args)


FORGET_SQL = """
WITH finished AS (
    SELECT id FROM procrastinate_jobs AS j
    WHERE status::text = ANY ($1) AND NOT EXISTS (
        SELECT FROM procrastinate_events AS e
        WHERE e.job_id = j.id AND e.at >= clock_timestamp() - make_interval(days => $2))
    ORDER BY id LIMIT 1000
), gone AS (
    DELETE FROM procrastinate_jobs AS j USING finished WHERE j.id = finished.id RETURNING 1
)
SELECT count(*) FROM gone
"""


async def forget_jobs(conn: Connection, states: Sequence[str], *, after_days: int) -> int:
    """Remove jobs that are over and of which nothing was heard for so long; return how many.

    A bounded number at a time: call it again while it finds some.
    """
    return int(await conn.fetchval(FORGET_SQL, list(states), after_days))
