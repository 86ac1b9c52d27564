"""`awaitDark`: waits until no gateway can answer by what a change made untrue."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import Recorded
from catalog.events.store import dark_at_edges, is_dark_at_gateways

_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Dark:
    """When a change was obeyed everywhere.

    Attributes:
        gateways: by every gateway that serves.
        edges: by every cache with a purge driver; None: not confirmed yet.
    """

    gateways: datetime
    edges: datetime | None


async def wait_until_dark(pool: Pool, recorded: Recorded, *, lease_s: float) -> Dark:
    """Wait until every gateway has applied the event, at most one lease after its commit.

    Whoever has not seen it by then refuses by itself: its lease has run out.
    """
    async with pool.acquire() as conn:
        ends_at = asyncio.get_running_loop().time() + lease_s
        while not await is_dark_at_gateways(conn, recorded.xid8, lease_s=lease_s):
            if asyncio.get_running_loop().time() >= ends_at:
                break
            await asyncio.sleep(_POLL_S)
        return Dark(gateways=utc_now(), edges=await dark_at_edges(conn, recorded.id))
