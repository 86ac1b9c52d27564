"""What of work is over is forgotten, with its files in the object store."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import procrastinate
import structlog

from catalog.bulk.store import forget_runs
from catalog.changes import Changes
from catalog.events.store import database_now
from catalog.storage.model import ObjectStore
from catalog.work import store
from relay.housekeeping import QUEUE
from relay.periodic import add_periodic

log = structlog.get_logger(__name__)

UPLOADS_DAYS: Final = 7
WORKS_DAYS: Final = 30
_AT_ONCE = 100
_MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The periodic task; it may run twice without harm: files go first, then what names them."""

    changes: Changes
    objects: ObjectStore

    def tasks(self) -> procrastinate.Blueprint:
        """Return it with its time, for the namespace `forgetting`."""
        tasks = procrastinate.Blueprint()
        add_periodic(tasks, self.forget, queue=QUEUE, name="works", cron="17 * * * *")
        return tasks

    async def forget(self, timestamp: int) -> None:
        """Remove files that were brought, and works, that are older than they are kept."""
        uploads = works = 0
        for _round in range(_MOST_ROUNDS):
            found = await self._forget_some()
            uploads, works = uploads + found[0], works + found[1]
            if not any(found):
                break
        if uploads or works:
            log.info("works_forgotten", uploads=uploads, works=works, due=timestamp)

    async def _forget_some(self) -> tuple[int, int]:
        """Return how many files that were brought, and works, are forgotten now."""
        pool = self.changes.pool
        async with pool.acquire() as conn:
            now = await database_now(conn)
            uploads = await store.old_uploads(
                conn, now - timedelta(days=UPLOADS_DAYS), most=_AT_ONCE
            )
            long_ago = now - timedelta(days=WORKS_DAYS)
            works = await store.old_works(conn, long_ago, most=_AT_ONCE)
            await forget_runs(conn, long_ago)
        results = [key for each in works for key in each.result_keys]
        for key in [each.key for each in uploads] + results:
            await self.objects.delete(key)
        async with pool.acquire() as conn:
            await store.forget_uploads(conn, [each.public_id for each in uploads])
            await store.forget_works(conn, [each.id for each in works])
        return len(uploads), len(works)
