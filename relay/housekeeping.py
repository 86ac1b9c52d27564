"""Periodic work: what is over is forgotten, lost jobs are given out again, late tasks escalate."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import procrastinate
import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from catalog.access import session_store
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.events import housekeeping_store
from catalog.events.store import database_now
from catalog.principal import RELAY
from catalog.tasks.commands import close_silent, escalate_overdue

log = structlog.get_logger(__name__)

QUEUE = "housekeeping"
_STALLED_AFTER_S = 60
#: Counters older by so many days are kept by the hour, and by the day.
_KEPT_BY: tuple[tuple[Literal["hour", "day"], int], ...] = (("hour", 7), ("day", 90))
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
        for cron, name, run in (
            ("*/10 * * * *", "forget", self.forget),
            ("* * * * *", "recover", self.recover),
            ("* * * * *", "attend", self.attend),
        ):
            lock = None if name == "recover" else name  # that of a relay that is gone frees itself
            declare = tasks.task(
                queue=QUEUE, name=name, queueing_lock=name, lock=lock, pass_context=True
            )
            tasks.periodic(cron=cron)(declare(run))
        return tasks

    async def forget(self, _: JobContext, timestamp: int) -> None:
        """Remove what is over, and keep old counters by the hour, still older ones by the day."""
        async with self.pool.acquire() as conn:
            gateways = await housekeeping_store.forget_silent_gateways(conn)
            purges = await housekeeping_store.forget_finished_purges(conn)
            await session_store.forget_over(conn)
            counters = 0
            for unit, days in _KEPT_BY:
                for _round in range(_MOST_ROUNDS):
                    found = await housekeeping_store.roll_up_counters(conn, unit, after_days=days)
                    counters += found
                    if not found:
                        break
        log.info("forgotten", gateways=gateways, purges=purges, counters=counters, due=timestamp)

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

    async def attend(self, _: JobContext, timestamp: int) -> None:
        """Escalate tasks that are overdue, and close those that have not happened for long."""
        escalated = await self._each_batch(escalate_overdue)
        closed = await self._each_batch(close_silent)
        if escalated or closed:
            log.info("tasks_attended", escalated=escalated, closed=closed, due=timestamp)

    async def _each_batch(self, command: Callable[[Change, datetime], Awaitable[int]]) -> int:
        count = 0
        for _round in range(_MOST_ROUNDS):
            async with self.changes.begin(RELAY) as change:
                found = await command(change, await database_now(change.conn))
            count += found
            if not found:
                break
        return count
