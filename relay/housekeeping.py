"""Periodic work: what is over is forgotten, lost jobs are given out again, late tasks escalate."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal

import procrastinate
import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from catalog.access import session_store
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.events import housekeeping_store, process_store
from catalog.events.store import database_now
from catalog.jobs import forget_jobs
from catalog.principal import RELAY
from catalog.tasks.commands import close_silent, escalate_overdue
from relay.periodic import add_periodic

log = structlog.get_logger(__name__)

QUEUE = "housekeeping"
_STALLED_AFTER_S = 60
#: Counters older by so many days are kept by the hour, and by the day.
_KEPT_BY: tuple[tuple[Literal["hour", "day"], int], ...] = (("hour", 7), ("day", 90))
#: Days that jobs of the queue are kept that are over.
DONE_JOBS_DAYS: Final = 1
FAILED_JOBS_DAYS: Final = 30
_JOBS_KEPT: Final[Mapping[tuple[str, ...], int]] = {
    ("succeeded",): DONE_JOBS_DAYS,
    ("failed", "cancelled", "aborted"): FAILED_JOBS_DAYS,
}
_MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """The periodic tasks of a relay; each may run twice without harm."""

    changes: Changes

    @property
    def pool(self) -> Pool:
        """Connections to the primary."""
        return self.changes.pool

    def tasks(self) -> procrastinate.Blueprint:
        """Return them with their times, for the namespace `housekeeping`."""
        tasks = procrastinate.Blueprint()
        every_minute = "* * * * *"
        add_periodic(tasks, self.forget, queue=QUEUE, name="forget", cron="*/10 * * * *")
        add_periodic(tasks, self.attend, queue=QUEUE, name="attend", cron=every_minute)
        add_periodic(
            tasks, self.recover, queue=QUEUE, name="recover", cron=every_minute, at_once=True
        )
        return tasks

    async def forget(self, timestamp: int) -> None:
        """Remove what is over, and keep old counters by the hour, still older ones by the day."""
        async with self.pool.acquire() as conn:
            gateways = await housekeeping_store.forget_silent_gateways(conn)
            processes = await process_store.forget_silent_processes(conn)
            purges = await housekeeping_store.forget_finished_purges(conn)
            await session_store.forget_over(conn)
            counters = jobs = 0
            for unit, days in _KEPT_BY:
                roll_up = partial(housekeeping_store.roll_up_counters, conn, unit, after_days=days)
                counters += await _until_none(roll_up)
            for states, days in _JOBS_KEPT.items():
                jobs += await _until_none(partial(forget_jobs, conn, states, after_days=days))
        log.info(
            "forgotten",
            gateways=gateways,
            processes=processes,
            purges=purges,
            counters=counters,
            jobs=jobs,
            due=timestamp,
        )

    async def recover(self, context: JobContext, timestamp: int) -> None:
        """Give jobs out again whose worker has shown no sign of life for a minute.

        One that waits in the queue once more already has failed: that other one is done.
        """
        jobs = context.app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_S):
            told = {"job_id": job.id, "task": job.task_name, "due": timestamp}
            try:
                await jobs.retry_job(job)
            except UniqueViolation:
                await jobs.finish_job(job, Status.FAILED, delete_job=False)
                log.warning("job_given_up", **told)
            except ConnectorException:  # perhaps it is over by now; the next ones go on
                log.warning("job_not_recovered", **told, exc_info=True)
            else:
                log.warning("job_recovered", **told)

    async def attend(self, timestamp: int) -> None:
        """Escalate tasks that are overdue, and close those that have not happened for long."""
        escalated = await self._each_batch(escalate_overdue)
        closed = await self._each_batch(close_silent)
        if escalated or closed:
            log.info("tasks_attended", escalated=escalated, closed=closed, due=timestamp)

    async def _each_batch(self, command: Callable[[Change, datetime], Awaitable[int]]) -> int:
        async def once() -> int:
            async with self.changes.begin(RELAY) as change:
                return await command(change, await database_now(change.conn))

        return await _until_none(once)


async def _until_none(work: Callable[[], Awaitable[int]]) -> int:
    """Do it until it finds nothing more, or the next time comes; return how much it found."""
    count = 0
    for _ in range(_MOST_ROUNDS):
        found = await work()
        count += found
        if not found:
            break
    return count
