"""Measures the queues and raises the alarm: a purge that is late leaves pictures lit."""

import asyncio
from collections.abc import Sequence

import structlog

from catalog.db import Pool
from catalog.purges import store as purge_store
from purger import metrics

log = structlog.get_logger(__name__)

_INTERVAL_S = 5.0
_ALARM_S = 30.0


async def watch_queues(pool: Pool, drivers: Sequence[str]) -> None:
    """Measure until cancelled.

    Args:
        pool: to the primary.
        drivers: those of the settings, measured besides those in use. One in use that no purger
            has in its settings raises the alarm like any other.
    """
    known = set(drivers)
    while True:
        async with pool.acquire() as conn:
            queues = {each.driver: each for each in await purge_store.waiting(conn)}
        known.update(queues)
        for name in known:
            queue = queues.get(name)
            metrics.DEPTH.labels(name).set(queue.due if queue else 0)
            metrics.OVERDUE_S.labels(name).set(queue.overdue_s if queue else 0)
            if queue and queue.overdue_s > _ALARM_S:
                log.error(
                    "purge_overdue", driver=name, due=queue.due, overdue_s=round(queue.overdue_s)
                )
        await asyncio.sleep(_INTERVAL_S)
