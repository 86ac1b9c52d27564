"""The relay's process: a worker of the job queue, and its health; wired here."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import procrastinate
from starlette.applications import Starlette
from starlette.middleware import Middleware

from catalog.db import open_pool
from imaging.opening import open_renditions
from imaging.stored import StoredRenditions
from relay.housekeeping import Housekeeping
from relay.renditions.job import WarmUp
from relay.settings import RelaySettings
from serving.health import Check, operations_routes
from serving.middleware import RequestMiddleware
from serving.redis import open_redis
from serving.stores import open_store
from serving.tasks import run_in_background

_CONCURRENCY = 4
_POLL_S = 1.0
_STOP_S = 10.0


def create_app(settings: RelaySettings) -> Starlette:
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
            _open_renditions(settings) as renditions,
            _open_queue(url, Housekeeping(pool), WarmUp(pool, renditions)) as queue,
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
async def _open_renditions(settings: RelaySettings) -> AsyncGenerator[StoredRenditions | None]:
    if not settings.warm_up:
        yield None
        return
    async with (
        open_store(settings) as store,
        open_redis(settings) as redis,
        open_renditions(settings, store, redis, threads=1) as renditions,
    ):
        yield renditions


@asynccontextmanager
async def _open_queue(
    url: str, housekeeping: Housekeeping, warm_up: WarmUp
) -> AsyncGenerator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=_CONCURRENCY + 2)
    queue = procrastinate.App(connector=connector)
    queue.add_tasks_from(housekeeping.tasks(), namespace="housekeeping")
    queue.add_tasks_from(warm_up.tasks(), namespace="renditions")
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
