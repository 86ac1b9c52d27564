"""The purger as a process: killed at any point it loses nothing, and its health tells the truth."""

import asyncio
import json
import os
import signal
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import httpx2
import pytest
from starlette.responses import Response

from purger.app import create_app
from tests.purger.conftest import PurgeApi, Queue, until
from tests.support.ports import free_port
from tests.support.processes import run_vitrine
from tests.support.serve import serve
from vitrine.settings import load_settings

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgcHVyZ2UgQVBJ"

WAITING_SQL = """
SELECT count(*) > 0 FROM pg_stat_activity
WHERE application_name = 'vitrine-purger cdn' AND wait_event_type = 'Lock'
  AND datname = current_database()
"""
END_PURGER_SQL = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE application_name = 'vitrine-purger cdn' AND datname = current_database()
"""


class Purger:
    """Runs `vitrine purger` against the test's database and purge API."""

    def __init__(self, database_url: str, api: PurgeApi, home: Path) -> None:
        self.port = free_port()
        self.log = home / "log"
        self._env = {
            "VITRINE_HOME": str(home),
            "VITRINE_DATABASE_URL": database_url,
            "VITRINE_PURGER_PORT": str(self.port),
            "VITRINE_PURGE_DRIVERS": json.dumps([
                {"name": "cdn", "kind": "webhook", "url": api.url, "secret": SECRET}
            ]),
        }

    def run(self) -> AbstractContextManager[Popen[bytes]]:
        return run_vitrine("purger", env=self._env, log=self.log)


@pytest.fixture
def purger(database_url: str, purge_api: PurgeApi, tmp_path: Path) -> Purger:
    return Purger(database_url, purge_api, tmp_path)


async def test_a_purger_killed_while_its_request_is_out_repeats_it_under_the_same_id(
    purger: Purger, purge_api: PurgeApi, queue: Queue
) -> None:
    async def never_answer(_: list[str]) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    purge_api.answer = never_answer
    await queue.add("aaaa", "bbbb")
    with purger.run() as process:
        await until(lambda: _asked(purge_api, 1), timeout_s=60)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    purge_api.answer = None
    with purger.run():
        await until(lambda: _is_confirmed(queue, {"a-aaaa", "a-bbbb"}), timeout_s=60)
    first, second = purge_api.requests
    assert first == second


async def test_a_purger_killed_between_the_answer_and_its_note_repeats_the_request(
    purger: Purger, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa")
    async with queue.pool.acquire() as conn, conn.transaction():

        async def answer_while_nothing_can_be_noted(_: list[str]) -> Response:
            await conn.execute("SELECT FROM purge FOR UPDATE")
            return Response(status_code=204)

        purge_api.answer = answer_while_nothing_can_be_noted
        with purger.run() as process:
            await until(lambda: _waits_for_lock(queue), timeout_s=60)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        await queue.pool.execute(END_PURGER_SQL)
    assert await queue.confirmed() == set()
    purge_api.answer = None
    with purger.run():
        await until(lambda: _is_confirmed(queue, {"a-aaaa"}), timeout_s=60)
    first, second = purge_api.requests
    assert first == second


async def test_health_and_metrics_tell_of_the_queue(
    database_url: str, purge_api: PurgeApi, queue: Queue, tmp_path: Path
) -> None:
    await queue.add("aaaa")
    await queue.add("bbbb", drivers=("gone",))
    settings = load_settings(
        home=tmp_path,
        database_url=database_url,
        purge_drivers=[{"name": "cdn", "kind": "webhook", "url": purge_api.url, "secret": SECRET}],
    )
    async with serve(create_app(settings)) as base, httpx2.AsyncClient(base_url=base) as client:
        assert (await client.get("/health/live")).status_code == 200
        await until(lambda: _is_confirmed(queue, {"a-aaaa"}))
        assert (await client.get("/health/ready")).json()["status"] == "ready"
        metrics = (await client.get("/metrics")).text
    assert 'vitrine_purge_requests_confirmed_total{driver="cdn"}' in metrics
    assert 'vitrine_purge_event_to_confirmed_seconds_count{driver="cdn",purge_pass="1"}' in metrics
    assert 'vitrine_purge_queue_depth{driver="gone"} 1.0' in metrics  # and nobody works on it


async def _asked(api: PurgeApi, count: int) -> bool:
    return len(api.requests) >= count


async def _is_confirmed(queue: Queue, tags: set[str]) -> bool:
    return await queue.confirmed() == tags


async def _waits_for_lock(queue: Queue) -> bool:
    return bool(await queue.pool.fetchval(WAITING_SQL))
