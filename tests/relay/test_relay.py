"""The relay: runs what is due, says how it is, and stops cleanly."""

import httpx2
import procrastinate
from pydantic import SecretStr

from catalog.db import Pool
from relay.app import create_app
from tests.support.serve import serve
from tests.support.waiting import eventually
from vitrine.settings import Settings


async def test_a_relay_is_ready_and_does_the_housekeeping(
    pool: Pool, database_url: str, process_database_url: str
) -> None:
    await pool.execute(
        "INSERT INTO gateway (id, seen_at) VALUES"
        " (gen_random_uuid(), now() - interval '2 hours'), (gen_random_uuid(), now())"
    )
    await pool.execute("INSERT INTO task (kind, cause, due_at) VALUES ('todo', 'late', now())")
    settings = Settings(database_url=SecretStr(process_database_url))
    async with serve(create_app(settings)) as base_url, httpx2.AsyncClient() as client:
        ready = await client.get(f"{base_url}/health/ready")
        assert (ready.status_code, ready.json()["checks"]) == (
            200,
            {"database": "ok", "queue": "ok"},
        )
        assert "vitrine_http_requests_total" in (await client.get(f"{base_url}/metrics")).text

        queue = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
        )
        async with queue.open_async():
            for name in ("forget", "attend"):
                task = queue.configure_task(f"housekeeping:{name}", queue="housekeeping")
                await task.defer_async(timestamp=0)

        async def done() -> bool:
            forgotten = await pool.fetchval("SELECT count(*) FROM gateway") == 1
            return forgotten and await pool.fetchval("SELECT escalated_at FROM task") is not None

        await eventually(done)
