"""What of work is over is forgotten, with its files in the object store."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import procrastinate
import structlog

from catalog.changes import Changes
from catalog.events.store import database_now
from catalog.storage.model import ObjectStore
from catalog.work import store
from relay.housekeeping import QUEUE

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
        name = "forget_works"
        declare = tasks.task(queue=QUEUE, name="works", queueing_lock=name, lock=name)
        tasks.periodic(cron="17 * * * *")(declare(self.forget))
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
            works = await store.old_works(conn, now - timedelta(days=WORKS_DAYS), most=_AT_ONCE)
        for key in [each.key for each in uploads] + [each.result_key for each in works]:
            if key is not None:
                await self.objects.delete(key)
        async with pool.acquire() as conn:
            await store.forget_uploads(conn, [each.public_id for each in uploads])
            await store.forget_works(conn, [each.id for each in works])
        return len(uploads), len(works)
