"""The job that seals the audit, every minute."""

from dataclasses import asdict, dataclass, field

import procrastinate
import structlog

from catalog.audit.sealing import keep_head, last_head, seal_audit
from catalog.audit.seals import Head
from catalog.db import Pool
from catalog.storage.model import ObjectStore

log = structlog.get_logger(__name__)

_QUEUE = "housekeeping"
_WITHIN_S = 30.0


@dataclass(slots=True)
class AuditSealing:
    """Seals what was written, and tells the newest head to the object store and the log.

    Attributes:
        master_key: None: nothing is sealed by this relay.
    """

    pool: Pool
    objects: ObjectStore
    master_key: bytes | None = field(repr=False)
    _kept: Head | None = None

    def tasks(self) -> procrastinate.Blueprint:
        """Return the task with its times, for the namespace `audit`."""
        tasks = procrastinate.Blueprint()
        declare = tasks.task(queue=_QUEUE, name="seal", queueing_lock="audit:seal")
        tasks.periodic(cron="* * * * *")(declare(self.seal))
        return tasks

    async def seal(self, timestamp: int) -> None:
        """Seal what no open transaction can come before; again and again without harm."""
        if self.master_key is None:
            return
        async for head in seal_audit(self.pool, self.master_key, within_s=_WITHIN_S):
            log.info("audit_sealed", due=timestamp, **asdict(head))
        async with self.pool.acquire() as conn:
            head = await last_head(conn)
        if head is not None and head != self._kept:
            await keep_head(self.objects, head)
            self._kept = head
