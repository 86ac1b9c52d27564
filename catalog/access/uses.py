"""When keys were used last: noted in memory with each request, and written once a minute."""

import asyncio
import uuid
from datetime import datetime

import structlog

from catalog.access.store import note_uses
from catalog.db import DATABASE_FAILED, Pool

log = structlog.get_logger(__name__)

WRITTEN_EVERY_S = 60.0


class KeyUses:
    """The last use of each key since it was written."""

    def __init__(self) -> None:
        self._last: dict[uuid.UUID, datetime] = {}

    def note(self, key: uuid.UUID, at: datetime) -> None:
        """Note a use; costs no more than that."""
        self._last[key] = at

    async def write(self, pool: Pool) -> None:
        """Write what was noted, in one statement.

        Raises:
            DATABASE_FAILED: it is kept, and written the next time.
        """
        if not self._last:
            return
        noted, self._last = self._last, {}
        try:
            async with pool.acquire() as conn:
                await note_uses(conn, noted)
        except DATABASE_FAILED:
            self._last = noted | self._last
            raise

    async def keep_writing(self, pool: Pool, *, every_s: float = WRITTEN_EVERY_S) -> None:
        """Write once a minute until cancelled, and then once more."""
        try:
            while True:
                await asyncio.sleep(every_s)
                await self._try(pool)
        finally:
            await self._try(pool)

    async def _try(self, pool: Pool) -> None:
        try:
            await self.write(pool)
        except DATABASE_FAILED as error:
            log.warning("key_uses_not_written", error=type(error).__name__)
