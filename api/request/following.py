"""Live changes: one reader of the event log in the process, and everybody who follows it.

The reader sleeps while nobody follows. The feed wakes it when something became visible; it reads
that once and hands each event to those who want it. A follower that does not take what it is given
is ended rather than waited for, and resumes from where it was.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import prometheus_client
import structlog

from catalog.db import DATABASE_FAILED, Pool
from catalog.errors import VitrineError
from catalog.events.snapshot import Snapshot
from catalog.graph.changes import (
    AssetProgress,
    LogEntry,
    LogPlace,
    changes,
    check_place,
    current_snapshot,
    purge_progress,
)
from catalog.subjects import Subject

log = structlog.get_logger(__name__)

MAX_WAITING = 256
_RETRY_S = 0.5
_PURGES_EVERY_S = 0.25

_FOLLOWERS = prometheus_client.Gauge(
    "vitrine_graphql_followers", "Subscriptions that are open, by what they follow.", ("what",)
)

_READS = prometheus_client.Counter(
    "vitrine_graphql_changes_reads", "Times that the log was read for all who follow."
)
_TOO_SLOW = prometheus_client.Counter(
    "vitrine_graphql_followers_too_slow", "Subscriptions that were ended with TOO_SLOW."
)

#: Whether a follower is told of an event.
Wants: TypeAlias = Callable[[LogEntry], bool]


class TooSlowError(VitrineError):
    """A follower did not take what it was given."""

    code = "TOO_SLOW"

    def __init__(self) -> None:
        super().__init__(
            f"more than {MAX_WAITING} events wait to be taken: subscribe again with `after`, "
            "the id of the last one that came"
        )


class _Inbox:
    """What waits to be taken by one follower."""

    def __init__(self, wants: Wants) -> None:
        self._wants = wants
        self._waiting: asyncio.Queue[LogEntry] = asyncio.Queue(MAX_WAITING)
        self._is_over = False

    def put(self, entry: LogEntry) -> None:
        if self._is_over or not self._wants(entry):
            return
        try:
            self._waiting.put_nowait(entry)
        except asyncio.QueueFull:
            self._is_over = True
            _TOO_SLOW.inc()

    async def take(self) -> LogEntry:
        if self._is_over and self._waiting.empty():
            raise TooSlowError
        return await self._waiting.get()


class LiveChanges:
    """Reads the event log once for all who follow it.

    Args:
        pool: to the primary.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._wake = asyncio.Event()
        self._starting = asyncio.Lock()
        self._followers = 0
        self._inboxes: set[_Inbox] = set()
        self._seen: Snapshot | None = None  # None: nobody follows

    @property
    def followers(self) -> int:
        """Return how many follow."""
        return self._followers

    @property
    def awaiting(self) -> int:
        """Return how many of them have been told all that is known, and wait for more."""
        return len(self._inboxes)

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Read on: something became visible."""
        if subjects:
            self._wake.set()

    def reset(self) -> None:
        """Read on: something may have become visible."""
        self._wake.set()

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._read()
            except DATABASE_FAILED as error:
                log.warning("changes_not_read", error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)
                self._wake.set()

    async def _read(self) -> None:
        since = self._seen
        if since is None:
            return
        async with self._pool.acquire() as conn:
            until = await current_snapshot(conn)
        _READS.inc()
        entries = [each async for each in changes(self._pool, since, until)]
        if self._seen is not since:
            return  # the last follower left meanwhile
        self._seen = until
        for entry in entries:
            for inbox in self._inboxes:
                inbox.put(entry)

    async def follow(self, after: LogPlace | None, wants: Wants) -> AsyncGenerator[LogEntry]:
        """Yield events as they become visible; those behind a place first, none of them twice.

        Args:
            after: None: begin now.
            wants: which events; called for each that the process reads.

        Raises:
            UnknownEventError: `after` is no place of this log.
            EventTooOldError: it is too far back.
            TooSlowError: too many wait to be taken.
        """
        with self._joined("changes"):
            seen = await self._start()
            if after is not None:
                async with self._pool.acquire() as conn:
                    await check_place(conn, after)
                # of its own event there may be parts that have not been seen
                async for entry in changes(
                    self._pool, after.since, after.until, after_seq=after.seq - 1
                ):
                    if wants(entry):
                        yield entry
                seen = after.until
            while seen is not (now := self._now()):
                async for entry in changes(self._pool, seen, now):
                    if wants(entry):
                        yield entry
                seen = now
            # nothing was awaited since: what the reader brings from here on is what is missing
            inbox = _Inbox(wants)
            self._inboxes.add(inbox)
            try:
                while True:
                    entry = await inbox.take()
                    # another process may have been ahead of this one
                    if after is None or not after.until.holds(entry.xid):
                        yield entry
            finally:
                self._inboxes.discard(inbox)

    @contextmanager
    def _joined(self, what: str) -> Generator[None]:
        self._followers += 1
        _FOLLOWERS.labels(what).inc()
        try:
            yield
        finally:
            _FOLLOWERS.labels(what).dec()
            self._followers -= 1
            if not self._followers:
                self._seen = None

    async def _start(self) -> Snapshot:
        async with self._starting:  # whoever waited finds what the first one read
            if self._seen is None:
                async with self._pool.acquire() as conn:
                    self._seen = await current_snapshot(conn)
            return self._seen

    def _now(self) -> Snapshot:
        assert self._seen is not None  # noqa: S101 - it is there while somebody follows
        return self._seen


class LivePurges:
    """Asks how purges stand, once for all who wait for them; not at all while nobody does.

    Args:
        pool: to the primary.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[object, str] = {}
        self._anybody = asyncio.Event()
        self._known: dict[str, AssetProgress] = {}
        self._round = self._answered = 0
        self._asked = asyncio.Condition()

    @property
    def followers(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    async def run(self) -> None:
        """Ask until cancelled, for as long as somebody waits."""
        while True:
            await self._anybody.wait()
            assets = sorted(set(self._waiting.values()))
            self._round = asking = self._round + 1
            try:
                async with self._pool.acquire() as conn:
                    known = await purge_progress(conn, assets)
            except DATABASE_FAILED as error:
                log.warning("purges_not_read", error=type(error).__name__)
            else:
                async with self._asked:
                    self._known = dict.fromkeys(assets, _NOTHING) | known
                    self._answered = asking
                    self._asked.notify_all()
            await asyncio.sleep(_PURGES_EVERY_S)

    async def follow(self, asset: str) -> AsyncGenerator[AssetProgress]:
        """Yield how the purges of the asset's last change stand, until all are confirmed.

        What came while it was not asked for is left out: only the latest counts.
        """
        this, joined = object(), self._round  # what was asked before may be true no more
        self._waiting[this] = asset
        self._anybody.set()
        _FOLLOWERS.labels("purges").inc()
        progress: AssetProgress | None = None
        try:
            while progress is None or not progress.is_done:
                async with self._asked:
                    while self._answered <= joined or self._known.get(asset, progress) == progress:
                        await self._asked.wait()
                    progress = self._known[asset]
                yield progress
        finally:
            _FOLLOWERS.labels("purges").dec()
            del self._waiting[this]
            if not self._waiting:
                self._anybody.clear()


_NOTHING = AssetProgress(seq=0, drivers=())
