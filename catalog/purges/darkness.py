"""`awaitDark`: waits until no gateway can deliver by what was true before a change.

And then until the CDNs have confirmed the purge that follows the gateways.
"""

import asyncio
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from catalog.db import Connection, Pool
from catalog.events.model import Event, RecordedEvent
from catalog.events.pauses import growing_pauses
from catalog.events.store import database_now
from catalog.purges import darkness_store as store

T = TypeVar("T")

#: Says of a change that was waited for when it was obeyed: what a page shows of it later.
OBEYED = "rights.obeyed"

#: What is waited for edges after a lease: their purge is due a second after it at the latest.
_EDGES_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkAt:
    """When a change was obeyed, by the database's clock.

    Attributes:
        changed: when the change was recorded, a moment before its commit.
        gateways: by every gateway; edges may keep a gateway's leave until they are purged.
        edges: when every CDN had confirmed the purge that was sent after that; None: not yet, or
            there is none.
    """

    changed: datetime
    gateways: datetime
    edges: datetime | None


def edges_wait_s(lease_s: float, within_s: float) -> float:
    """Return how many seconds from the commit on edges are waited for."""
    return min(lease_s + _EDGES_S, within_s)


async def wait_until_dark(
    pool: Pool, recorded: Sequence[RecordedEvent], *, lease_s: float, within_s: float = math.inf
) -> DarkAt:
    """Wait, after the commit, for every gateway at most a lease, and for edges 2 s more.

    Whoever has not seen it after a lease refuses by itself, since its state is not proven.

    Args:
        pool: to the primary.
        recorded: the events of one transaction; one at least.
        lease_s: of the gateways.
        within_s: when whoever asks has to be answered: edges are not waited for any longer.
    """
    began_s = time.monotonic()
    xid8, causes = recorded[0].xid8, [each.id for each in recorded]

    async def at_gateways(conn: Connection) -> datetime | None:
        return await store.dark_at_gateways(conn, xid8, lease_s=lease_s)

    async def at_edges(conn: Connection) -> tuple[datetime | None] | None:
        is_waiting, edges = await store.dark_at_edges(conn, causes)
        return None if is_waiting else (edges,)

    gateways = await _until(pool, at_gateways, deadline_s=began_s + lease_s)
    if gateways is None:
        async with pool.acquire() as conn:
            gateways = await database_now(conn)
    edges_s = began_s + edges_wait_s(lease_s, within_s)
    (edges,) = await _until(pool, at_edges, deadline_s=edges_s) or (None,)
    # what the purge had waited for was there before it, whenever it was looked at here
    return DarkAt(changed=recorded[0].at, gateways=min(gateways, edges or gateways), edges=edges)


def obeyed(recorded: Sequence[RecordedEvent], dark: DarkAt) -> Event:
    """Return the event that keeps when a change was obeyed; it makes nothing untrue.

    Args:
        recorded: the events of the change; one at least.
        dark: what was waited for.
    """
    first = recorded[0].event
    return Event(
        type=OBEYED,
        subject=first.subject,
        version=first.version,
        data={
            "events": [str(each.id) for each in recorded],
            "changed": dark.changed.isoformat(),
            "gateways": dark.gateways.isoformat(),
        },
    )


async def last_darkness(conn: Connection, subject: str) -> DarkAt | None:
    """Return when the last change that was waited for was obeyed; None: none of it was.

    Args:
        conn: to the database.
        subject: of the change, such as `asset/7f3k2cq9`.
    """
    data = await store.last_obeyed(conn, subject, OBEYED)
    if data is None:
        return None
    is_waiting, edges = await store.dark_at_edges(
        conn, [uuid.UUID(each) for each in data["events"]]
    )
    return DarkAt(
        changed=datetime.fromisoformat(data["changed"]),
        gateways=datetime.fromisoformat(data["gateways"]),
        edges=None if is_waiting else edges,
    )


async def _until(
    pool: Pool, look: Callable[[Connection], Awaitable[T | None]], *, deadline_s: float
) -> T | None:
    """Look until there is something; None: there is nothing at the deadline."""
    pauses = growing_pauses()
    while True:
        async with pool.acquire() as conn:
            found = await look(conn)
        left_s = deadline_s - time.monotonic()
        if found is not None or left_s <= 0:
            return found
        await asyncio.sleep(min(next(pauses), left_s))
