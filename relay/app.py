"""The relay's process: a worker of the job queue, and its health; wired here, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import procrastinate
import structlog
from starlette.applications import Starlette

from catalog.errors import SettingsError
from imaging.ingest import open_ingestor
from imaging.opening import open_renditions
from relay.audit_sealing import AuditSealing
from relay.housekeeping import Housekeeping
from relay.ingest.rereading import Rereading
from relay.renditions.job import WarmUp
from relay.settings import RelaySettings
from serving.process import Checks, ProcessApp, changes_on, open_process
from serving.redis import open_redis
from serving.stores import open_store

log = structlog.get_logger(__name__)

_CONNECTIONS = 4
_CONCURRENCY = 4
_POLL_S = 1.0
_STOP_S = 10.0


def create_app(settings: RelaySettings) -> Starlette:
    """Make the relay's app; its lifespan does the work."""
    return ProcessApp(settings, partial(open_relay, settings))


@asynccontextmanager
async def open_relay(settings: RelaySettings, checks: Checks) -> AsyncGenerator[None]:
    """Work on the queue until the block ends.

    Raises:
        SettingsError: no database is set.
    """
    url = settings.owner_database()
    async with open_process("relay", url, checks, connections=_CONNECTIONS) as process:
        changes = changes_on(process.pool, settings)
        store = await process.open(open_store(settings))
        rereading = Rereading(changes, store, await process.open(open_ingestor(workers=1)))
        renditions = None
        if settings.warm_up:
            redis = await process.open(open_redis(settings))
            renditions = await process.open(
                open_renditions(settings, store, redis, threads=1, made_ahead=True)
            )
        queue = await process.open(
            _open_queue(
                url,
                housekeeping=Housekeeping(changes).tasks(),
                ingest=rereading.tasks(),
                renditions=WarmUp(process.pool, renditions).tasks(),
                audit=AuditSealing(process.pool, store, _master_key(settings)).tasks(),
            )
        )
        await process.run(_work(queue))
        process.check("queue", partial(_queue_answers, queue))
        yield


@asynccontextmanager
async def _open_queue(
    url: str, **tasks: procrastinate.Blueprint
) -> AsyncGenerator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=_CONCURRENCY + 2)
    queue = procrastinate.App(connector=connector)
    for namespace, blueprint in tasks.items():
        queue.add_tasks_from(blueprint, namespace=namespace)
    async with queue.open_async():
        yield queue


def _master_key(settings: RelaySettings) -> bytes | None:
    """Return the master key; None: the audit cannot be sealed here, which is said."""
    try:
        return settings.master_key_bytes()
    except SettingsError as error:
        log.warning("audit_not_sealed", advice=error.message)
        return None


async def _work(queue: procrastinate.App) -> None:
    await queue.run_worker_async(
        concurrency=_CONCURRENCY,
        fetch_job_polling_interval=_POLL_S,
        shutdown_graceful_timeout=_STOP_S,
        install_signal_handlers=False,
    )


async def _queue_answers(queue: procrastinate.App) -> str | None:
    return None if await queue.check_connection_async() else "the job queue has no tables"
