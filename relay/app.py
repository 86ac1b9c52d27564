"""The relay's process: a worker of the job queue, and its health; wired here, and nowhere else."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import procrastinate
import structlog
from starlette.applications import Starlette

from catalog.errors import SettingsError
from catalog.sealing import MasterKeys
from catalog.work.commands import EXPORT, IMPORT
from catalog.work.commands import QUEUE as WORK_QUEUE
from imaging.ingest import open_ingestor
from imaging.opening import open_renditions
from relay.audit_sealing import AuditSealing
from relay.housekeeping import Housekeeping
from relay.ingest.rereading import Rereading
from relay.renditions.job import WarmUp
from relay.settings import RelaySettings
from relay.works.exporting import Export
from relay.works.forgetting import Forgetting
from relay.works.importing import Import
from relay.works.running import Works
from serving.process import Checks, ProcessApp, changes_on, open_process
from serving.redis import open_redis
from serving.stores import open_store

log = structlog.get_logger(__name__)

_CONCURRENCY = 4
_WORKS_AT_ONCE = 2
_CONNECTIONS = _CONCURRENCY + 3 * _WORKS_AT_ONCE  # an import holds its lock by one of its own
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
    url, keys = settings.owner_database(), _master_keys(settings)
    async with open_process("relay", url, checks, connections=_CONNECTIONS, keys=keys) as process:
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
                audit=AuditSealing(process.pool, store, keys).tasks(),
                work=Works(changes, {IMPORT: Import(store, url), EXPORT: Export(store)}).tasks(),
                forgetting=Forgetting(changes, store).tasks(),
            )
        )
        untyped: Any = queue  # its tasks are of any function
        others = sorted({each.queue for each in untyped.tasks.values()} - {WORK_QUEUE})
        # what takes long keeps nothing else waiting
        await process.run(
            _work(queue, others, _CONCURRENCY), _work(queue, [WORK_QUEUE], _WORKS_AT_ONCE)
        )
        process.check("queue", partial(_queue_answers, queue))
        await process.report("relay")
        yield


@asynccontextmanager
async def _open_queue(
    url: str, **tasks: procrastinate.Blueprint
) -> AsyncGenerator[procrastinate.App]:
    most = _CONCURRENCY + _WORKS_AT_ONCE + 4  # each of two workers listens, and beats
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=most)
    queue = procrastinate.App(connector=connector)
    for namespace, blueprint in tasks.items():
        queue.add_tasks_from(blueprint, namespace=namespace)
    async with queue.open_async():
        yield queue


def _master_keys(settings: RelaySettings) -> MasterKeys | None:
    """Return the master keys; None: the audit cannot be sealed here, which is said."""
    try:
        return settings.master_keys()
    except SettingsError as error:
        log.warning("audit_not_sealed", advice=error.message)
        return None


async def _work(queue: procrastinate.App, queues: Sequence[str], concurrency: int) -> None:
    await queue.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        fetch_job_polling_interval=_POLL_S,
        shutdown_graceful_timeout=_STOP_S,
        install_signal_handlers=False,
    )


async def _queue_answers(queue: procrastinate.App) -> str | None:
    return None if await queue.check_connection_async() else "the job queue has no tables"
