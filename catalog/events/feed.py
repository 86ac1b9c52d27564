"""The reader's end of the event log: a lease by question, events that invalidate, a true clock.

Each process that holds derived state runs one `Feed`. It asks the primary every 100 ms, and at
once on a NOTIFY. An answer proves nothing later than its question, so the lease runs from the
monotonic instant at which the answered statement was sent.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from prometheus_client import Gauge

from catalog.clock import ClockOffset, Clocks
from catalog.db import DATABASE_FAILED, DATABASE_GONE
from catalog.events.log import EventLog, OpenLog
from catalog.events.model import FeedAnswer, Touch

log = structlog.get_logger(__name__)

_INTERVAL_S = 0.1
_RECONNECT_S = 0.2
#: A slow answer is waited for beyond the lease, without which nothing is delivered meanwhile: to
#: connect anew would empty the index, and its reads would slow a busy database down further.
_LOST_AFTER_S = 3.0
_LEAVE_S = 1.0
_ALARM_OFFSET = timedelta(seconds=1)
_UNREADY_OFFSET = timedelta(seconds=30)
_SURE_S = 0.005
_FIRST_QUESTIONS = 10  # at most, one after the other, until an answer is quick enough

_CLOCK_OFFSET = Gauge(
    "vitrine_clock_offset_seconds", "How far the database's clock is ahead of this machine's."
)
_CLOCK_ERROR = Gauge(
    "vitrine_clock_error_seconds",
    "How far that may be off, by the quickest of its answers and the drift of clocks since.",
)
_WATERMARK_AGE = Gauge(
    "vitrine_feed_watermark_age_seconds",
    "How long the oldest open transaction has been seen to hold the event log's watermark back.",
)


class Feed:
    """Brings what new events touch, the database's clock and overdue purge drivers.

    Args:
        open_log: connects to the log of the primary.
        lease_s: how long after a question its answer may be relied upon.
        on_touched: called with what changed, before the answer counts as applied.
        on_reset: called at start and after every reconnect: drop everything derived.
        clocks: of this machine.

    Attributes:
        overdue_drivers: whose oldest purge is more than 60 s overdue.
        snapshot: of the last answer: every event that is visible in it has been applied.
    """

    def __init__(
        self,
        open_log: OpenLog,
        *,
        lease_s: float,
        on_touched: Callable[[Sequence[Touch]], None],
        on_reset: Callable[[], None],
        clocks: Clocks = Clocks(),  # noqa: B008 - frozen
    ) -> None:
        self._open_log = open_log
        self._lease_s = lease_s
        self._on_touched = on_touched
        self._on_reset = on_reset
        self._clocks = clocks
        self._wake = asyncio.Event()
        self._answered = asyncio.Event()
        # Two instants: the lease runs from the last question that proved something, but whether a
        # question proves anything depends on when the one before it was asked.
        self._asked_at = self._last_asked_at = -float("inf")
        self._offset = ClockOffset(clocks)
        self._answers = 0
        self._open_since: dict[str, float] = {}  # by transaction id
        self.overdue_drivers: frozenset[str] = frozenset()
        self.snapshot: str | None = None

    @property
    def left_s(self) -> float:
        """Return how long derived state may still be relied upon; negative: it may not."""
        return self._lease_s - self.lag_s

    @property
    def lag_s(self) -> float:
        """Return since when nothing is known of the log; without end before the first answer."""
        return self._clocks.monotonic_s() - self._asked_at

    @property
    def is_usable(self) -> bool:
        """Whether derived state may be relied upon at this instant."""
        return self.left_s >= 0

    @property
    def is_clock_sane(self) -> bool:
        """Whether the clocks differ by at most 30 s; otherwise the process is not ready."""
        return abs(self._offset.value) <= _UNREADY_OFFSET

    def now(self) -> datetime:
        """Return the local clock corrected by the database's, once that is known."""
        return self._clocks.utc() + self._offset.value

    @property
    def clock_error_s(self) -> float:
        """Return how far `now` may be off the database's clock."""
        return self._offset.error_s

    async def first_answer(self) -> None:
        """Wait until the database's clock is known: before, `now` may be wrong by any amount."""
        await self._answered.wait()

    async def run(self) -> None:
        """Read until cancelled, reconnecting for as long as it takes."""
        _CLOCK_ERROR.set_function(lambda: self.clock_error_s)
        while True:
            try:
                await self._read_one_connection()
            except DATABASE_FAILED as error:
                write = log.warning if isinstance(error, DATABASE_GONE) else log.error
                write("feed_lost", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_S)

    async def _read_one_connection(self) -> None:
        async with self._open_log(self._wake.set) as event_log:
            try:
                await self._follow(event_log)
            except asyncio.CancelledError:
                await self._leave(event_log)
                raise

    async def _follow(self, event_log: EventLog) -> None:
        applied: str | None = None
        while True:
            # Before the question: a NOTIFY that comes during it may be of a commit that its answer
            # does not show, and must cut the next wait short.
            self._wake.clear()
            answer = await self._ask(event_log, applied)
            applied = answer.snapshot
            if not self._is_clock_sure():
                continue
            self._answered.set()
            if answer.touches or not self.is_usable:
                continue  # what was applied is reported by the next question, and waited for
            with suppress(TimeoutError):
                async with asyncio.timeout(_INTERVAL_S):
                    await self._wake.wait()

    def _is_clock_sure(self) -> bool:
        return self.clock_error_s <= _SURE_S or self._answers >= _FIRST_QUESTIONS

    async def _leave(self, event_log: EventLog) -> None:
        try:
            async with asyncio.timeout(_LEAVE_S):
                await event_log.leave()
        except DATABASE_FAILED as error:
            # The row stays until housekeeping removes it; purges wait for it for a lease at most.
            log.warning("feed_not_left", error=type(error).__name__)

    async def _ask(self, event_log: EventLog, applied: str | None) -> FeedAnswer:
        asked_at = self._clocks.monotonic_s()
        async with asyncio.timeout(max(self._lease_s, _LOST_AFTER_S)):
            answer = await event_log.ask(applied)
        came_at = self._clocks.monotonic_s()
        if answer.is_standby:
            raise ConnectionError("the feed reached a standby")
        if applied is None:
            # Not before the first answer: nothing follows changes of what was loaded until its
            # snapshot, so all of that has to go.
            self._on_reset()
        self._offset.add_answer(answer.now, asked_s=asked_at, came_s=came_at)
        self._apply(answer, asked_at=asked_at, is_first=applied is None)
        return answer

    def _apply(self, answer: FeedAnswer, *, asked_at: float, is_first: bool) -> None:
        offset = self._offset.value
        if abs(offset) > _ALARM_OFFSET:
            log.error("clock_offset", offset_s=offset.total_seconds())
        _CLOCK_OFFSET.set(offset.total_seconds())
        _WATERMARK_AGE.set(self._watermark_age_s(answer.snapshot, asked_at))
        # In this order, and without an await between: code that sees the new snapshot or a longer
        # lease must find everything forgotten that the answer names.
        if answer.touches:
            self._on_touched(answer.touches)
        self.snapshot = answer.snapshot
        self.overdue_drivers = answer.overdue_drivers
        # Purges do not wait for a reader that has asked nothing for a lease: after such a gap one
        # may have gone out while this question was on its way, before its change was applied here.
        # So this answer extends no lease yet; the next question, within a lease of this one, does.
        if is_first or asked_at - self._last_asked_at <= self._lease_s:
            self._asked_at = asked_at
        self._last_asked_at = asked_at
        self._answers += 1

    def _watermark_age_s(self, snapshot: str, asked_at: float) -> float:
        # `xmin:xmax:xip,…`: what ran at the snapshot. Since when, pg_stat_activity shows nothing
        # with a gateway's rights, so the age is that since this feed first saw the transaction.
        running = filter(None, snapshot.rpartition(":")[2].split(","))
        self._open_since = {xid: self._open_since.get(xid, asked_at) for xid in running}
        return asked_at - min(self._open_since.values(), default=asked_at)
