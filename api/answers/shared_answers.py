"""Finished answers that all api processes share through Redis.

An entry carries the snapshot of the event log that had been applied when its load began: nothing
that was read since is older, neither from the database nor of what the process keeps. It is used
only by a process that knows every event that is not visible in that snapshot, if none of them
touches what the answer rests on. So nothing has to be deleted in Redis: what is untrue is passed
over, and expires.

Redis only accelerates: it is hardly waited for, and what it does not give is made.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from api.answers.answer_memory import ANSWERS, ANY_ANSWER, SHARED, Answer, Key, Make, named_by
from api.answers.entries import SharedEntry, read_entry, write_entry
from catalog.db import DATABASE_FAILED, Pool
from catalog.events import store
from catalog.events.model import Touch
from catalog.events.recent import RecentTouches
from catalog.events.snapshot import Snapshot
from serving.redis import Accelerator

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

_PREFIX = "vitrine:answer:"
#: The longest that an entry is kept: what no process asks for any more is gone soon.
_WINDOW_S = 600
_MAX_BYTES = 512 * 1024
#: What waits to be written, up to 16 MiB; while Redis is slow, what comes then is not shared.
_MAX_WAITING = 32
#: Events that are read at a start; entries from before the oldest of them are not used.
_MAX_EVENTS = 2_000
_MAX_TOUCHES = 20_000
_RETRY_S = 0.5


@dataclass(slots=True)
class _FollowedTouches:
    """The subjects that changed since the feed began, and lately before.

    Attributes:
        run: of the server, whose transactions these are; None: what was before is not known yet.
    """

    touches: RecentTouches = field(default_factory=lambda: RecentTouches(max_touches=_MAX_TOUCHES))
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """What this process has applied of the event log.

    Attributes:
        pool: to the primary.
        snapshot: that the feed has applied; None: none yet.
        is_current: whether the feed vouches for what is known.
        now: of the clock that rights are decided by.
    """

    pool: Pool
    snapshot: Callable[[], str | None]
    is_current: Callable[[], bool]
    now: Callable[[], datetime]


class SharedAnswers:
    """Finds answers of other processes, and offers them those that are made here.

    Args:
        redis: shared by all api processes.
        view: of the event log.
        master_key: seals the entries.
        made_by: names all besides the question and the database that decides what an answer says:
            the code, and settings.
    """

    def __init__(
        self, redis: Accelerator, view: LogView, *, master_key: bytes, made_by: Sequence[str]
    ) -> None:
        self._redis = redis
        self._view = view
        self._master_key = master_key
        self._made_by = made_by
        self._followed = _FollowedTouches()
        self._began = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._waiting: asyncio.Queue[tuple[str, SharedEntry]] = asyncio.Queue(_MAX_WAITING)

    async def found_or_made(self, key: Key, make: Make) -> Answer:
        """Return an answer that is true now, or have it made, and offer it to the others."""
        followed = self._followed
        if followed.run is None:
            return await make()
        name = self._name(followed.run, key)
        found = await self._found(followed, name)
        if found is not None:
            ANSWERS.add(SHARED)
            return found
        snapshot = self._view.snapshot()  # from before the load
        answer = await make()
        if snapshot is not None and answer.rests_on is not None:
            entry = SharedEntry(
                answer=answer, rests_on=answer.rests_on, snapshot=Snapshot.read(snapshot)
            )
            self._offer(followed, name, entry)
        return answer

    def add(self, touches: Iterable[Touch]) -> None:
        """Use no entry any more that is older than these touches."""
        self._followed.touches.add(
            Touch(each, xid) for subject, xid in touches for each in named_by(subject)
        )

    def reset(self) -> None:
        """Use no entry until it has been read what changed while nothing was followed."""
        self._followed = _FollowedTouches()
        self._began.set()

    async def first_use(self) -> None:
        """Wait until entries may be used for the first time."""
        await self._caught_up.wait()

    async def run(self) -> None:
        """Find out after each reset what has changed before; write what is offered."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._catch_up())
            group.create_task(self._write())

    async def _found(self, followed: _FollowedTouches, name: str) -> Answer | None:
        written = await self._redis.ask(lambda redis: redis.get(name))
        entry = read_entry(written, name, master_key=self._master_key)
        return entry.answer if entry and self._is_true(followed, entry) else None

    def _is_true(self, followed: _FollowedTouches, entry: SharedEntry) -> bool:
        """Return whether an entry says what is true now, as far as the feed vouches for it."""
        view = self._view
        return (
            followed is self._followed  # else the feed began anew meanwhile
            and view.is_current()
            and view.now() < entry.answer.good_until
            and followed.touches.are_held_by(entry.snapshot, {*entry.rests_on, ANY_ANSWER})
        )

    def _offer(self, followed: _FollowedTouches, name: str, entry: SharedEntry) -> None:
        is_small = len(entry.answer.body) <= _MAX_BYTES
        if is_small and not self._waiting.full() and self._is_true(followed, entry):
            self._waiting.put_nowait((name, entry))

    def _name(self, run: str, key: Key) -> str:
        text, operation, variables, context = key
        digest = hashlib.blake2b(digest_size=24)
        for part in (run, *self._made_by, text, repr(operation), variables, context):
            written = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
            digest.update(len(written).to_bytes(8, "big") + written)
        return _PREFIX + digest.hexdigest()

    async def _write(self) -> None:
        while True:
            name, entry = await self._waiting.get()
            left_s = (entry.answer.good_until - self._view.now()).total_seconds()
            left_ms = int(1000 * min(left_s, _WINDOW_S))
            if left_ms > 0:
                written = write_entry(entry, name, master_key=self._master_key)
                await self._redis.ask(partial(_put, name=name, written=written, left_ms=left_ms))

    async def _catch_up(self) -> None:
        while True:
            await self._began.wait()
            self._began.clear()
            try:
                await self._read_recent()
            except DATABASE_FAILED as error:
                log.warning("recent_events_not_read", error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)
                self._began.set()

    async def _read_recent(self) -> None:
        """Read what has changed until now: what does from now on, the feed brings."""
        followed = self._followed
        async with self._view.pool.acquire() as conn:
            run = await store.server_run(conn)
            complete_above, touches = await store.recent(conn, limit=_MAX_EVENTS)
        if followed is self._followed:  # else it is read again
            self.add(touches)
            followed.touches.forget(complete_above)
            followed.run = run
            self._caught_up.set()


async def _put(redis: "Redis", *, name: str, written: bytes, left_ms: int) -> None:
    await redis.set(name, written, px=left_ms)
