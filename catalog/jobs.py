"""Queues work for the relay inside the transaction that made it necessary.

The queue is procrastinate's: its tasks are declared in `relay`, its tables are in our database, and
its SQL function takes part in our transaction. Only the names are known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.db import Connection

_DEFER_SQL = """
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW(queue, task, 0, lock, NULL, args, not_before)::procrastinate_job_to_defer_v1 ORDER BY n
))
FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[])
    WITH ORDINALITY AS job (queue, task, lock, args, not_before, n)
"""


class JobQueue(StrEnum):
    """The kinds of work, each with workers of its own, so that none waits for another kind."""

    INGEST = "ingest"
    BULK = "bulk"
    RECOMPUTE = "recompute"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. It may run more than once, so its task must not mind.

    Attributes:
        task: the name that `relay` declares it under.
        args: keyword arguments of the task, as JSON.
        lock: jobs with the same lock run one at a time, in the order of their ids.
        not_before: None for as soon as the transaction commits.
    """

    queue: JobQueue
    task: str
    args: Mapping[str, object]
    lock: str | None = None
    not_before: datetime | None = None


async def defer(conn: Connection, jobs: Sequence[Job]) -> list[int]:
    """Queue jobs; they exist once the caller's transaction commits. Return their ids in order."""
    if not jobs:
        return []
    return await conn.fetchval(
        _DEFER_SQL,
        [job.queue for job in jobs],
        [job.task for job in jobs],
        [job.lock for job in jobs],
        [job.args for job in jobs],
        [job.not_before for job in jobs],
    )
