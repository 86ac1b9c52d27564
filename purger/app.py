"""The purger's process: one loop per driver, the boundaries and the watch, and its health."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware

from catalog.changes import Changes
from catalog.db import DATABASE_FAILED, Pool, open_pool
from catalog.reactions import reactions
from purger.boundaries import announce_boundaries
from purger.drivers.registry import open_drivers
from purger.loop import DriverLoop
from purger.settings import PurgerSettings
from purger.watch import watch_queues
from serving.health import Check, operations_routes
from serving.middleware import RequestMiddleware
from serving.tasks import run_in_background

log = structlog.get_logger(__name__)

_RESTART_S = 0.5
_REQUEST_TIMEOUT_S = 10.0


def create_app(settings: PurgerSettings) -> Starlette:
    """Make the purger's app; its lifespan does the work.

    Raises:
        SettingsError: no database is set.
    """
    url = settings.owner_database()
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with (
            open_pool(url, application="vitrine-purger", max_size=4) as pool,
            httpx.AsyncClient(timeout=_REQUEST_TIMEOUT_S, trust_env=False) as client,
            AsyncExitStack() as running,
        ):
            drivers = await running.enter_async_context(
                open_drivers(settings.purge_drivers, client)
            )
            names = [driver.name for driver in drivers]
            inner = {config.name: config.after for config in settings.purge_drivers}
            changes = Changes(
                pool=pool,
                reactions=reactions(warm_up=settings.warm_up),
                purge_times=settings.purge_times,
            )
            lease_s = settings.lease_s
            for work in (
                *(
                    DriverLoop(url, each, lease_s=lease_s, after=inner[each.name]).run
                    for each in drivers
                ),
                partial(announce_boundaries, url, changes),
                partial(watch_queues, pool, names),
            ):
                await running.enter_async_context(run_in_background(_keep_running(work)))
            checks["database"] = partial(_database_answers, pool)
            yield

    return Starlette(
        routes=operations_routes(checks),
        middleware=[Middleware(RequestMiddleware)],
        lifespan=lifespan,
    )


async def _keep_running(run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except DATABASE_FAILED as error:
            log.warning("purger_database_lost", error=type(error).__name__)
        except Exception:  # no purge is ever given up, whatever happened
            log.exception("purger_loop_failed")
        await asyncio.sleep(_RESTART_S)


async def _database_answers(pool: Pool) -> str | None:
    await pool.fetchval("SELECT 1")
    return None
