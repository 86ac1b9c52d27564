"""Jobs are deferred inside our transactions; the shape of procrastinate's function is pinned."""

from datetime import UTC, datetime

from procrastinate import App, PsycopgConnector

from catalog.db import Pool
from catalog.jobs import Job, JobQueue, defer


async def test_jobs_exist_only_once_the_transaction_commits(pool: Pool) -> None:
    job = Job(queue=JobQueue.INGEST, task="ingest", args={"asset": "7f3k2cq9"})
    async with pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await defer(conn, [job])
        assert await pool.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0
        await transaction.rollback()
        assert await pool.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0
        await defer(conn, [job])
    assert await pool.fetchval("SELECT count(*) FROM procrastinate_jobs") == 1


async def test_a_deferred_job_is_run_by_procrastinate_with_its_arguments(
    pool: Pool, database_url: str
) -> None:
    ran: list[object] = []
    app = App(connector=PsycopgConnector(conninfo=database_url))

    @app.task(name="record")
    async def record(**arguments: object) -> None:  # pyright: ignore[reportUnusedFunction] - by name
        ran.append(arguments)

    async with pool.acquire() as conn, conn.transaction():
        ids = await defer(
            conn,
            [
                Job(queue=JobQueue.BULK, task="record", args={"n": n, "of": ["ä"]}, lock="one")
                for n in range(3)
            ],
        )
    async with app.open_async():
        await app.run_worker_async(
            queues=[JobQueue.BULK], wait=False, install_signal_handlers=False
        )
    assert ids == sorted(ids)
    assert ran == [{"n": n, "of": ["ä"]} for n in range(3)]


async def test_no_jobs_cost_no_statement(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await defer(conn, []) == []


async def test_a_job_may_wait_for_its_time(pool: Pool) -> None:
    later = datetime(2030, 1, 1, tzinfo=UTC)
    job = Job(queue=JobQueue.WEBHOOKS, task="post", args={}, not_before=later)
    async with pool.acquire() as conn:
        await defer(conn, [job])
    assert await pool.fetchval("SELECT scheduled_at FROM procrastinate_jobs") == later


async def test_the_function_of_procrastinate_has_the_shape_that_is_called(pool: Pool) -> None:
    shape = await pool.fetch(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = 'procrastinate_job_to_defer_v1'::regclass ORDER BY attnum"
    )
    assert [tuple(row) for row in shape] == [
        ("queue_name", "character varying"),
        ("task_name", "character varying"),
        ("priority", "integer"),
        ("lock", "text"),
        ("queueing_lock", "text"),
        ("args", "jsonb"),
        ("scheduled_at", "timestamp with time zone"),
    ]
