"""Announces each start and end of a right or a publication when it comes.

Hygiene only: every answer's lifetime ends at the boundary by itself, and the gateway decides again
from then on. This clears what edges and caches still hold, and wakes subscribers.
"""

import structlog

from catalog.changes import Changes
from catalog.db import Connection
from catalog.events.model import Event
from catalog.events.store import EVENTS_CHANNEL
from catalog.principal import PURGER
from catalog.purges import boundary_store
from catalog.purges.boundary_store import PassedBoundary
from catalog.purges.rules import BOUNDARY_REACHED
from purger import metrics
from purger.wake import listening

log = structlog.get_logger(__name__)

_AT_ONCE = 500
_SHORTEST_SLEEP_S = 0.01
_LONGEST_SLEEP_S = 60.0


async def announce_boundaries(url: str, changes: Changes) -> None:
    """Announce until cancelled, asleep from one boundary to the next.

    Events may bring nearer boundaries, so their NOTIFY wakes this. Several purgers may run it:
    the cursor's row is locked from the look to the commit, so each boundary is announced once.

    Args:
        url: of the primary, not through a transaction pooler.
        changes: how events are recorded.
    """
    async with listening(url, EVENTS_CHANNEL, application="vitrine-boundaries") as waker:
        while True:
            waker.clear()
            while await announce_reached(changes) == _AT_ONCE:
                pass
            await waker.wait(await _until_next_s(waker.conn))


async def announce_reached(changes: Changes) -> int:
    """Announce, in one transaction, what has come since the last time; return how many."""
    async with changes.begin(PURGER) as change:
        cursor = await boundary_store.lock_cursor(change.conn)
        reached = await boundary_store.reached(change.conn, cursor, limit=_AT_ONCE)
        if reached:
            await change.record(*(event_of(each) for each in reached))
            await boundary_store.move_cursor(change.conn, reached[-1])
    if reached:
        metrics.BOUNDARIES.inc(len(reached))
        log.info("boundaries_reached", count=len(reached), last=reached[-1].at.isoformat())
    return len(reached)


def event_of(boundary: PassedBoundary) -> Event:
    """Return the fact that a boundary has been reached."""
    return Event(
        type=BOUNDARY_REACHED,
        subject=boundary.aggregate,
        version=boundary.version,
        subjects=boundary.subjects,
        data={"at": boundary.at.isoformat(), "edge": boundary.edge, "kind": boundary.kind},
    )


async def _until_next_s(conn: Connection) -> float:
    seconds = await boundary_store.next_in_s(conn, within_s=_LONGEST_SLEEP_S)
    return _LONGEST_SLEEP_S if seconds is None else max(seconds, _SHORTEST_SLEEP_S)
