"""Jobs of the queue that are over are forgotten, those that failed later than the others."""

from catalog.changes import Changes
from catalog.db import Pool
from relay.housekeeping import Housekeeping

JOBS_SQL = """
WITH job AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, status)
    SELECT 'q', status || ' ' || days, status::procrastinate_job_status
    FROM unnest('{succeeded,failed,cancelled,aborted,todo,doing}'::text[]) AS status
    CROSS JOIN unnest('{0.9,1.1,29,31}'::float8[]) AS days
    RETURNING id, split_part(task_name, ' ', 2)::float8 AS days
)
INSERT INTO procrastinate_events (job_id, type, at)
SELECT id, 'deferred', now() - (days + age) * interval '1 day'
FROM job CROSS JOIN unnest('{0,40}'::float8[]) AS age
"""


async def test_jobs_that_are_over_are_forgotten(pool: Pool) -> None:
    await pool.execute(JOBS_SQL)
    await pool.execute("DELETE FROM procrastinate_events WHERE type <> 'deferred'")
    for _ in range(2):
        await Housekeeping(Changes(pool=pool)).forget(0)
        left = [row[0] for row in await pool.fetch("SELECT task_name FROM procrastinate_jobs")]
        kept = {"succeeded": ["0.9"], "todo": ["0.9", "1.1", "29", "31"]}
        kept["doing"] = kept["todo"]
        kept |= {each: ["0.9", "1.1", "29"] for each in ("failed", "cancelled", "aborted")}
        assert sorted(left) == sorted(f"{state} {days}" for state in kept for days in kept[state])
