"""The job that seals the audit, every minute."""

from dataclasses import asdict, dataclass

import procrastinate
import structlog

from catalog.audit.sealing import keep_head, seal_audit, unsealed
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.sealing import MasterKeys
from catalog.storage.model import ObjectStore
from relay.periodic import add_periodic

log = structlog.get_logger(__name__)

#: Of its own: a relay without the key works on it no more than it has the task.
_QUEUE = "audit"
_WITHIN_S = 30.0
#: What is older and has no seal is held up by a transaction that does not end.
_HELD_UP_S = 300.0


@dataclass(frozen=True, slots=True)
class AuditSealing:
    """Seals what was written, and tells the newest head to the object store and the log.

    Attributes:
        master_keys: None: this relay has no such task.
    """

    pool: Pool
    objects: ObjectStore
    master_keys: MasterKeys | None

    def tasks(self) -> procrastinate.Blueprint:
        """Return the task with its times, for the namespace `audit`."""
        tasks = procrastinate.Blueprint()
        if self.master_keys is not None:
            add_periodic(tasks, self.seal, queue=_QUEUE, name="seal", cron="* * * * *")
        return tasks

    async def seal(self, timestamp: int) -> None:
        """Seal what no open transaction can come before; again and again without harm."""
        if self.master_keys is None:
            return
        async for head in seal_audit(self.pool, self.master_keys, within_s=_WITHIN_S):
            log.info("audit_sealed", due=timestamp, **asdict(head))
        async with self.pool.acquire() as conn:
            rows, age_s = await unsealed(conn)
        if age_s > _HELD_UP_S:
            advice = "end the oldest open transaction of the database"
            log.warning("audit_held_up", rows=rows, oldest_s=round(age_s), advice=advice)
        try:
            lacking = await keep_head(self.pool, self.objects)
        except InvalidInputError as error:
            log.error("audit_head_unreadable", fault=error.message)  # noqa: TRY400 - no bug of ours
            return
        if lacking is not None:
            advice = "run vitrine audit verify, or accept-restore if you restored the database"
            log.error("audit_cut_off", advice=advice, **asdict(lacking))
