"""The relay's process: a worker of the job queue, and its health; wired here."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import procrastinate
from starlette.applications import Starlette
from starlette.middleware import Middleware

from catalog.db import Pool, open_pool
from relay.housekeeping import Housekeeping
from serving.health import Check, operations_routes
from serving.middleware import RequestMiddleware
from serving.settings import Settings
from serving.tasks import run_in_background

_CONCURRENCY = 4
_POLL_S = 1.0
_STOP_S = 10.0


def create_app(settings: Settings) -> Starlette:
    """Make the relay's app; its lifespan does the work.

    Raises:
        SettingsError: no database is set.
    """
    url = settings.owner_database()
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with (
            open_pool(url, application="vitrine-relay", max_size=4) as pool,
            _open_queue(url, pool) as queue,
            run_in_background(_work(queue)),
        ):
            checks["queue"] = partial(_queue_answers, queue)
            yield

    return Starlette(
        routes=operations_routes(checks),
        middleware=[Middleware(RequestMiddleware)],
        lifespan=lifespan,
    )


@asynccontextmanager
async def _open_queue(url: str, pool: Pool) -> AsyncGenerator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=_CONCURRENCY + 2)
    queue = procrastinate.App(connector=connector)
    queue.add_tasks_from(Housekeeping(pool).tasks(), namespace="housekeeping")
    async with queue.open_async():
        yield queue


async def _work(queue: procrastinate.App) -> None:
    await queue.run_worker_async(
        concurrency=_CONCURRENCY,
        fetch_job_polling_interval=_POLL_S,
        shutdown_graceful_timeout=_STOP_S,
        install_signal_handlers=False,
    )


async def _queue_answers(queue: procrastinate.App) -> str | None:
    return None if await queue.check_connection_async() else "the job queue has no tables"
