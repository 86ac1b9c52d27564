"""Looks again at files that were taken in before ingest read of them what it reads now."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import procrastinate
import structlog

from catalog.changes import Changes
from catalog.errors import InvalidInputError
from catalog.media.commands import complete_versions
from catalog.media.store import find_unread
from catalog.principal import RELAY
from catalog.storage.model import ObjectNotFoundError, ObjectStore
from imaging.ingest import Ingestor
from imaging.model import ProbedImage
from relay.periodic import add_periodic

log = structlog.get_logger(__name__)

_QUEUE = "ingest"
#: The next run goes on: a long one would keep a slot of the relay from what somebody waits for.
LONGEST_S = 300.0


@dataclass(frozen=True, slots=True)
class Rereading:
    """The periodic task of a relay; once everything has been looked at it asks one question."""

    changes: Changes
    store: ObjectStore
    ingestor: Ingestor

    def tasks(self) -> procrastinate.Blueprint:
        """Return it with its times, for the namespace `ingest`."""
        tasks = procrastinate.Blueprint()
        add_periodic(tasks, self.reread, queue=_QUEUE, name="reread", cron="*/10 * * * *")
        return tasks

    async def reread(self, timestamp: int) -> None:
        """Look at files that have no notice yet; one that the store has lost waits for it.

        Raises:
            StoreUnavailableError: the store cannot be asked; the next run goes on.
        """
        read, last, end_s = 0, "", time.monotonic() + LONGEST_S
        is_over = False
        while not is_over and (files := await self._find(after=last)):
            for last, key in files:
                read += await self._reread(last, key)
                if is_over := time.monotonic() >= end_s:
                    break
        if read:
            log.info("reread", files=read, due=timestamp)

    async def _find(self, *, after: str) -> list[tuple[str, str]]:
        async with self.changes.pool.acquire() as conn:
            return await find_unread(conn, after=after)

    async def _reread(self, sha256: str, key: str) -> bool:
        try:
            probed = await self._probe(await self.store.read(key), sha256)
        except ObjectNotFoundError:
            log.warning("original_missing", key=key)
            return False
        async with self.changes.begin(RELAY) as change:
            await complete_versions(
                change,
                sha256,
                notice=probed.notice if probed else "",
                placeholder=probed.placeholder if probed else None,
            )
        return True

    async def _probe(self, body: bytes, sha256: str) -> ProbedImage | None:
        """Return what it is; None: what is refused now was taken in all the same, and stays."""
        with tempfile.TemporaryDirectory(prefix="vitrine-reread-") as folder:
            path = Path(folder) / "original"
            await asyncio.to_thread(path.write_bytes, body)
            try:
                probed = await self.ingestor.probe(path)
            except InvalidInputError:
                return None
        return probed if probed.sha256 == sha256 else None
