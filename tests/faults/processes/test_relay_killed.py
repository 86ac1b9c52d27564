"""The relay is killed in the middle of a job: delivery does not notice, and the job is done."""

import procrastinate
import pytest

from tests.faults.line import Line
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish
from tests.support.waiting import eventually

pytestmark = [needs_varnish, pytest.mark.asyncio(loop_scope="package")]

STATUS_SQL = "SELECT status::text FROM procrastinate_jobs WHERE id = $1"
SILENT_SQL = "SELECT count(*) FROM gateway WHERE seen_at < now() - interval '1 hour'"
FALL_SILENT_SQL = "INSERT INTO gateway (id, seen_at) VALUES (gen_random_uuid(), '2020-01-01')"
HOLD_SQL = "SELECT id FROM gateway WHERE seen_at < '2021-01-01' FOR UPDATE"
LONG_AGO_SQL = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"


async def test_a_relay_that_is_killed_in_a_job_leaves_delivery_alone_and_the_job_is_done(
    line: Line,
) -> None:
    pool, database_url = line.stage.pool, line.settings.owner_database()

    async def is_begun() -> bool:
        return await pool.fetchval(STATUS_SQL, job) == "doing"

    async def is_done() -> bool:
        silent = await pool.fetchval(SILENT_SQL)
        return silent == 0 and await pool.fetchval(STATUS_SQL, job) == "succeeded"

    async with trial(line) as running:
        async with pool.acquire() as conn, conn.transaction():
            while not await conn.fetch(HOLD_SQL):  # a job that is due at the start may be quicker
                await pool.execute(FALL_SILENT_SQL)
            job = await _defer(database_url, "forget")
            await eventually(is_begun)  # and waits for the row
            line.relay.kill()
        await running.withdraw()
        await running.sees_everywhere(410)
        await line.relay.start_again()
        await pool.execute(LONG_AGO_SQL)  # as if a minute without a sign of life had passed
        await _defer(database_url, "recover")
        await eventually(is_done)


async def _defer(database_url: str, task: str) -> int:
    """Queue a periodic task, as its time would."""
    connector = procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
    queue = procrastinate.App(connector=connector)
    async with queue.open_async():
        task_name = f"housekeeping:{task}"
        return await queue.configure_task(task_name, queue="housekeeping").defer_async(timestamp=0)
