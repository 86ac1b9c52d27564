"""How the database stands, and what waits in it: jobs, and rows of the audit without a seal."""

from dataclasses import dataclass
from datetime import datetime

from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHealth:
    """What the database says of itself and of its queues.

    Attributes:
        version: of PostgreSQL.
        size_bytes: on its disk.
        connections, most_connections: open now, and at the most.
        jobs_waiting: that are due, and that no relay has begun.
        oldest_job_at: since when the oldest of them waits; None: none does.
        jobs_running: that a relay does.
        jobs_failed: that ended with a failure and are kept for a look.
        sealed_at: when the audit was sealed last; None: never.
        unsealed: rows of the audit that came after the last sealed one.
    """

    version: str
    size_bytes: int
    connections: int
    most_connections: int
    jobs_waiting: int
    oldest_job_at: datetime | None
    jobs_running: int
    jobs_failed: int
    sealed_at: datetime | None
    unsealed: int


DATABASE_HEALTH_SQL = """
SELECT current_setting('server_version') AS version,
       pg_database_size(current_database()) AS size_bytes,
       (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database) AS connections,
       current_setting('max_connections')::bigint AS most_connections,
       (SELECT count(*) FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
       ) AS jobs_waiting,
       (SELECT min(coalesce(scheduled_at, deferred.at))
        FROM procrastinate_jobs AS j CROSS JOIN LATERAL (
            SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id
        ) AS deferred
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
       ) AS oldest_job_at,
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') AS jobs_running,
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed') AS jobs_failed,
       (SELECT sealed_at FROM audit_seal ORDER BY number DESC LIMIT 1) AS sealed_at,
       (SELECT count(*) FROM audit WHERE id > coalesce(
           (SELECT last_id FROM audit_seal ORDER BY number DESC LIMIT 1), 0)) AS unsealed
"""


async def database_health(conn: Connection) -> DatabaseHealth:
    """Ask the database."""
    row = await conn.fetchrow(DATABASE_HEALTH_SQL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return DatabaseHealth(**row)
