"""Jobs of a relay that is gone are given out again, whichever of them cannot be."""

from typing import Any

import procrastinate

from catalog.changes import Changes
from catalog.db import Pool
from relay.housekeeping import Housekeeping

#: Two jobs of nobody, the first of which waits in the queue once more, as the third.
JOBS_SQL = """
INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock) VALUES
    ('housekeeping', 'twice', 'doing', 'twice'), ('housekeeping', 'once', 'doing', 'once'),
    ('housekeeping', 'twice', 'todo', 'twice')
"""
STATES_SQL = "SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id"


async def test_a_job_that_waits_once_more_keeps_no_other_from_being_given_out(
    pool: Pool, database_url: str
) -> None:
    await pool.execute(JOBS_SQL)
    connector = procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
    queue = procrastinate.App(connector=connector)
    run: Any = type("Run", (), {"app": queue})
    async with queue.open_async():
        await Housekeeping(Changes(pool=pool)).recover(run, 0)
    states = [tuple(row) for row in await pool.fetch(STATES_SQL)]
    assert states == [("twice", "failed"), ("once", "todo"), ("twice", "todo")]
