"""Jobs of the queue, deferred in the transaction of the change that they follow."""

from collections.abc import Mapping
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
