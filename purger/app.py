"""The purger's process: one loop per driver, the boundaries and the watch, and its health.

Everything is wired here, and nowhere else.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx2
import structlog
from starlette.applications import Starlette

from catalog.db import DATABASE_FAILED
from purger.boundaries import announce_boundaries
from purger.drivers.registry import open_drivers
from purger.loop import DriverLoop
from purger.settings import PurgerSettings
from purger.watch import watch_queues
from serving.process import Checks, ProcessApp, changes_on, open_process

log = structlog.get_logger(__name__)

_CONNECTIONS = 4
_RESTART_S = 0.5
_REQUEST_TIMEOUT_S = 10.0


def create_app(settings: PurgerSettings) -> Starlette:
    """Make the purger's app; its lifespan does the work."""
    return ProcessApp(settings, partial(open_purger, settings))


@asynccontextmanager
async def open_purger(settings: PurgerSettings, checks: Checks) -> AsyncGenerator[None]:
    """Purge until the block ends.

    Raises:
        SettingsError: no database is set.
    """
    url = settings.owner_database()
    async with open_process("purger", url, checks, connections=_CONNECTIONS) as process:
        client = httpx2.AsyncClient(timeout=_REQUEST_TIMEOUT_S, trust_env=False)
        drivers = await process.open(
            open_drivers(settings.purge_drivers, await process.open(client))
        )
        inner = {config.name: config.after for config in settings.purge_drivers}
        works = (
            *(
                DriverLoop(url, each, lease_s=settings.lease_s, after=inner[each.name]).run
                for each in drivers
            ),
            partial(announce_boundaries, url, changes_on(process.pool, settings)),
            partial(watch_queues, process.pool, [driver.name for driver in drivers]),
        )
        await process.run(*map(_keep_running, works))
        await process.report("purger")
        yield


async def _keep_running(run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except DATABASE_FAILED as error:
            log.warning("purger_database_lost", error=type(error).__name__)
        except Exception:  # no purge is ever given up, whatever happened
            log.exception("purger_loop_failed")
        await asyncio.sleep(_RESTART_S)
