"""A change: one transaction that holds the rows, the event, its purges, its jobs and the NOTIFY."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from catalog.db import Connection, Pool
from catalog.events import store
from catalog.events.model import Event, Recorded, Subject
from catalog.events.rules import tags_of

#: What follows an event inside its transaction; `catalog/reactions.py` lists them.
Reaction: TypeAlias = Callable[[Connection, Recorded], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Change:
    """What a command gets: the open transaction, who acts, and the one way to record an event."""

    conn: Connection
    actor: str
    reactions: Sequence[Reaction]
    drivers: Sequence[str]
    second_pass_after_s: float
    recorded: list[Recorded] = field(default_factory=list[Recorded])

    async def record(self, *events: Event) -> list[Recorded]:
        """Append events, queue their purges, wake the readers, run the reactions."""
        if not events:
            return []
        recorded = await store.append(self.conn, events, actor=self.actor)
        channels = [store.EVENTS_CHANNEL]
        tags = [(tag, each.id) for each in recorded for tag in tags_of(each.event)]
        if tags and self.drivers:
            await store.queue_purges(
                self.conn,
                tags,
                drivers=self.drivers,
                second_pass_after_s=self.second_pass_after_s,
            )
            channels.append(store.PURGES_CHANNEL)
        await store.notify(self.conn, channels)
        for each in recorded:
            for react in self.reactions:
                await react(self.conn, each)
        self.recorded.extend(recorded)
        return recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Begins changes; made once by each process's `app.py`.

    Attributes:
        drivers: names of the configured purge drivers; every purge goes to each.
        second_pass_after_s: lease + send timeout + 5 s, when no older answer can be on its way.
        on_commit: called with what changed, before whoever changed it hears of it.
    """

    pool: Pool
    reactions: Sequence[Reaction] = ()
    drivers: Sequence[str] = ()
    second_pass_after_s: float = 36.0
    on_commit: Callable[[Sequence[Subject]], None] = lambda _: None

    @asynccontextmanager
    async def begin(self, actor: str) -> AsyncGenerator[Change]:
        """Open a transaction; it commits at the end of the block, or rolls back on an error."""
        async with self.pool.acquire() as conn:
            change = Change(
                conn=conn,
                actor=actor,
                reactions=self.reactions,
                drivers=self.drivers,
                second_pass_after_s=self.second_pass_after_s,
            )
            async with conn.transaction():
                yield change
            self.on_commit([subject for each in change.recorded for subject in each.event.subjects])
