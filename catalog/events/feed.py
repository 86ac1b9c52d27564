"""The reader's end of the event log: a lease by question, events that invalidate, a true clock.

Each process that holds derived state runs one `Feed`. It asks the primary every 100 ms, and at
once on a NOTIFY. An answer proves nothing later than its question, so the lease runs from the
monotonic instant at which the answered statement was sent.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from catalog.clock import utc_now
from catalog.db import DATABASE_GONE, Connection, connect
from catalog.events import store
from catalog.events.model import FeedAnswer, Subject

log = structlog.get_logger(__name__)

_INTERVAL_S = 0.1
_RECONNECT_S = 0.2
_ALARM_OFFSET = timedelta(seconds=1)
_UNREADY_OFFSET = timedelta(seconds=30)


class Feed:
    """Brings the subjects of new events, the database's clock and overdue purge drivers.

    Args:
        url: of the primary; a direct connection, no replica and no transaction pooler.
        lease_s: how long after a question its answer may be relied upon.
        gateway: the row in `gateway` to report to; None: nobody waits for this reader.
        on_subjects: called with what changed, before the answer counts as applied.
        on_reset: called at start and after every reconnect: drop everything derived.
    """

    def __init__(
        self,
        url: str,
        *,
        lease_s: float,
        on_subjects: Callable[[Sequence[Subject]], None],
        on_reset: Callable[[], None],
        gateway: uuid.UUID | None = None,
    ) -> None:
        self._url = url
        self._lease_s = lease_s
        self._gateway = gateway
        self._on_subjects = on_subjects
        self._on_reset = on_reset
        self._wake = asyncio.Event()
        self._asked_at = -float("inf")
        self._offset = timedelta()
        self.overdue_drivers: frozenset[str] = frozenset()

    @property
    def is_usable(self) -> bool:
        """Whether derived state may be relied upon at this instant."""
        return time.monotonic() - self._asked_at <= self._lease_s

    @property
    def clock_offset_s(self) -> float:
        """How far the database's clock is ahead of this machine's."""
        return self._offset.total_seconds()

    @property
    def is_clock_sane(self) -> bool:
        """Whether the clocks differ by at most 30 s; otherwise the process is not ready."""
        return abs(self._offset) <= _UNREADY_OFFSET

    def now(self) -> datetime:
        """Return the local clock corrected by the database's."""
        return utc_now() + self._offset

    async def run(self) -> None:
        """Read until cancelled, reconnecting for as long as it takes."""
        while True:
            try:
                await self._read_one_connection()
            except DATABASE_GONE as error:
                log.warning("feed_lost", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_S)

    async def _read_one_connection(self) -> None:
        conn = await connect(self._url, application="vitrine-feed")
        try:
            await conn.add_listener(store.EVENTS_CHANNEL, self._on_notify)
            applied: str | None = None
            while True:
                self._wake.clear()
                applied = await self._ask(conn, applied)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _INTERVAL_S)
        except asyncio.CancelledError:
            if self._gateway is not None and not conn.is_closed():
                await store.leave(conn, self._gateway)
            raise
        finally:
            conn.terminate()

    def _on_notify(self, *_: object) -> None:
        self._wake.set()

    async def _ask(self, conn: Connection, applied: str | None) -> str:
        asked_at = time.monotonic()
        local = utc_now()
        answer = await asyncio.wait_for(
            store.ask(conn, applied=applied, gateway=self._gateway), self._lease_s
        )
        if answer.is_standby:
            raise ConnectionError("the feed reached a standby")
        if applied is None:
            # not before the first answer: what was loaded until its snapshot is not followed
            self._on_reset()
        self._apply(answer, asked_at=asked_at, local=local + (utc_now() - local) / 2)
        return answer.snapshot

    def _apply(self, answer: FeedAnswer, *, asked_at: float, local: datetime) -> None:
        offset = answer.now - local
        if abs(offset) > _ALARM_OFFSET:
            log.error("clock_offset", offset_s=offset.total_seconds())
        self._offset = offset
        if answer.subjects:
            self._on_subjects(answer.subjects)
        self.overdue_drivers = answer.overdue_drivers
        self._asked_at = asked_at
