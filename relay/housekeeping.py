"""Periodic work: what is over is forgotten, and jobs whose worker died are given out again."""

from dataclasses import dataclass
from typing import Literal

import procrastinate
import structlog
from procrastinate import JobContext

from catalog.db import Pool
from catalog.events import housekeeping_store

log = structlog.get_logger(__name__)

_QUEUE = "housekeeping"
_STALLED_AFTER_S = 60
#: Counters older by so many days are kept by the hour, and by the day.
_KEPT_BY: tuple[tuple[Literal["hour", "day"], int], ...] = (("hour", 7), ("day", 90))
_MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """The periodic tasks of a relay; each may run twice without harm."""

    pool: Pool

    def tasks(self) -> procrastinate.Blueprint:
        """Return them with their times, for the namespace `housekeeping`."""
        tasks = procrastinate.Blueprint()
        for cron, name, run in (
            ("*/10 * * * *", "forget", self.forget),
            ("* * * * *", "recover", self.recover),
        ):
            declare = tasks.task(queue=_QUEUE, name=name, queueing_lock=name, pass_context=True)
            tasks.periodic(cron=cron)(declare(run))
        return tasks

    async def forget(self, _: JobContext, timestamp: int) -> None:
        """Remove what is over, and keep old counters by the hour, still older ones by the day."""
        async with self.pool.acquire() as conn:
            gateways = await housekeeping_store.forget_silent_gateways(conn)
            purges = await housekeeping_store.forget_finished_purges(conn)
            counters = 0
            for unit, days in _KEPT_BY:
                for _round in range(_MOST_ROUNDS):
                    found = await housekeeping_store.roll_up_counters(conn, unit, after_days=days)
                    counters += found
                    if not found:
                        break
        log.info("forgotten", gateways=gateways, purges=purges, counters=counters, due=timestamp)

    async def recover(self, context: JobContext, timestamp: int) -> None:
        """Give jobs out again whose worker has shown no sign of life for a minute."""
        jobs = context.app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_S):
            log.warning("job_recovered", job_id=job.id, task=job.task_name, due=timestamp)
            await jobs.retry_job(job)
