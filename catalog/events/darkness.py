"""`awaitDark`: waits until no gateway can deliver by what was true before a change."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events import store
from catalog.events.model import Recorded

_POLL_S = 0.01
_EDGES_S = 0.5  # what is waited for them besides, within the lease


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkAt:
    """When a change was obeyed.

    Attributes:
        gateways: by every gateway, and so by every edge that asks before each hit.
        edges: when every CDN confirmed the purge that was sent after that; None: not yet.
    """

    gateways: datetime
    edges: datetime | None


async def wait_until_dark(pool: Pool, recorded: Sequence[Recorded], *, lease_s: float) -> DarkAt:
    """Wait, after the commit, until every gateway has applied it, at most one lease.

    What is left of that, half a second at most, is waited for edges. Whoever has not seen it after
    a lease refuses by itself, since its state is not proven.

    Args:
        pool: to the primary.
        recorded: the events of one transaction; one at least.
        lease_s: of the gateways.
    """
    deadline = time.monotonic() + lease_s
    while time.monotonic() < deadline:
        async with pool.acquire() as conn:
            if await store.is_dark_at_gateways(conn, recorded[0].xid8, lease_s=lease_s):
                break
        await asyncio.sleep(_POLL_S)
    gateways = utc_now()
    deadline = min(deadline, time.monotonic() + _EDGES_S)
    while True:
        async with pool.acquire() as conn:
            is_waiting, edges = await store.dark_at_edges(conn, [each.id for each in recorded])
        if not is_waiting or time.monotonic() >= deadline:
            return DarkAt(gateways=gateways, edges=None if is_waiting else edges)
        await asyncio.sleep(_POLL_S)
