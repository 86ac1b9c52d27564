"""`awaitDark`: waits until no gateway can deliver by what was true before a change."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events import store
from catalog.events.model import Recorded

_POLL_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkAt:
    """When a change was obeyed.

    Attributes:
        gateways: by every gateway, and so by every edge that asks before each hit.
        edges: when the first purge was confirmed by every CDN; None: not yet.
    """

    gateways: datetime
    edges: datetime | None


async def await_dark(pool: Pool, recorded: Recorded, *, lease_s: float) -> DarkAt:
    """Wait, after the commit, until every gateway has applied the event, at most one lease.

    Whoever has not seen it after a lease refuses by itself, since its state is not proven.
    """
    deadline = time.monotonic() + lease_s
    while time.monotonic() < deadline:
        async with pool.acquire() as conn:
            if await store.is_dark_at_gateways(conn, recorded.xid8, lease_s=lease_s):
                break
        await asyncio.sleep(_POLL_S)
    gateways = utc_now()
    async with pool.acquire() as conn:
        return DarkAt(gateways=gateways, edges=await store.dark_at_edges(conn, recorded.id))
