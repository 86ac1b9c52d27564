"""A change: one transaction of the rows, the event, its audit, its purges, its jobs, the NOTIFY."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from catalog.audit import store as audit_store
from catalog.audit.model import OWN_HOST, Origin
from catalog.db import Connection, Pool
from catalog.events import store
from catalog.events.model import Event, RecordedEvent, Touch
from catalog.principal import Principal
from catalog.purges import store as purge_store
from catalog.purges.model import PurgeTimes
from catalog.purges.rules import ANSWERS, MAX_ANSWER_TAGS, answer_tags_of, tags_of

#: What follows an event inside its transaction; `catalog/reactions.py` lists them.
Reaction: TypeAlias = Callable[["Change", RecordedEvent], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Change:
    """What a command gets: the open transaction, who acts, and the one way to record an event."""

    conn: Connection
    actor: Principal
    origin: Origin
    reactions: Sequence[Reaction]
    purge_times: PurgeTimes
    recorded: list[RecordedEvent] = field(default_factory=list[RecordedEvent])
    has_queued_purges: bool = False

    async def record(self, *events: Event) -> list[RecordedEvent]:
        """Append events, write their audit, wake the readers, run the reactions."""
        if not events:
            return []
        recorded = await store.append(self.conn, events, actor=self.actor.id)
        await audit_store.write(self.conn, recorded, actor=self.actor.id, origin=self.origin)
        await store.notify(self.conn, store.EVENTS_CHANNEL)
        for each in recorded:
            for react in self.reactions:
                await react(self, each)
        self.recorded.extend(recorded)
        return recorded

    async def queue_purges(self) -> None:
        """Queue what the events make untrue at edges: last, since passes are due after a commit."""
        recorded = self.recorded
        tags = [(tag, each.id) for each in recorded for tag in tags_of(each.event)]
        known = {tag for tag, _ in tags}
        # once each: several publications are one change of their channel's lists
        first = {tag: each.id for each in reversed(recorded) for tag in answer_tags_of(each.event)}
        only_of_answers = [(tag, cause) for tag, cause in first.items() if tag not in known]
        if len(only_of_answers) > MAX_ANSWER_TAGS:
            only_of_answers = [(ANSWERS, recorded[0].id)]
        if (tags or only_of_answers) and await purge_store.queue_purges(
            self.conn, tags, only_of_answers, times=self.purge_times
        ):
            self.has_queued_purges = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Begins changes; made once by each process's `app.py`.

    Purges are queued for the drivers that stand in the database, whatever this process was set to.

    Attributes:
        purge_times: when the passes of a purge are due.
        on_commit: called with what changed, after the commit and before the command returns.
    """

    pool: Pool
    reactions: Sequence[Reaction] = ()
    purge_times: PurgeTimes = field(default_factory=PurgeTimes)
    on_commit: Callable[[Sequence[Touch]], None] = lambda _: None

    @asynccontextmanager
    async def begin(
        self, actor: Principal, origin: Origin = OWN_HOST, *, dry_run: bool = False
    ) -> AsyncGenerator[Change]:
        """Open a transaction; it commits at the end of the block, or rolls back on an error.

        Args:
            actor: who changes something.
            origin: from where, and by which key or session.
            dry_run: it is rolled back in any case, and nobody hears of it.
        """
        async with self.pool.acquire() as conn:
            change = Change(
                conn=conn,
                actor=actor,
                origin=origin,
                reactions=self.reactions,
                purge_times=self.purge_times,
            )
            transaction = conn.transaction()
            await transaction.start()
            try:
                yield change
                await change.queue_purges()
            except BaseException:
                await transaction.rollback()
                raise
            if dry_run:
                await transaction.rollback()
                return
            await transaction.commit()
            self.on_commit([
                Touch(subject, int(each.xid8))
                for each in change.recorded
                for subject in each.event.subjects
            ])
