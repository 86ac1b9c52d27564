"""`awaitDark`: waits until no gateway can answer by what a change made untrue."""

import asyncio
from collections.abc import Sequence
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


async def wait_until_dark(pool: Pool, recorded: Sequence[Recorded], *, lease_s: float) -> Dark:
    """Wait until every gateway has applied a transaction, at most one lease after its commit.

    Whoever has not seen it by then refuses by itself: its lease has run out.

    Args:
        pool: to the primary.
        recorded: the events of the transaction; one at least.
        lease_s: of the gateways.
    """
    now_s = asyncio.get_running_loop().time
    ends_at_s = now_s() + lease_s
    # gateways tell the database and nobody else: there is nothing here to wait for but time
    while now_s() < ends_at_s and not await _is_dark(pool, recorded[0], lease_s):  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)
    gateways = utc_now()
    async with pool.acquire() as conn:
        edges = [await dark_at_edges(conn, each.id) for each in recorded]
    confirmed = [instant for instant in edges if instant is not None]
    return Dark(gateways=gateways, edges=max(confirmed) if len(confirmed) == len(edges) else None)


async def _is_dark(pool: Pool, recorded: Recorded, lease_s: float) -> bool:
    async with pool.acquire() as conn:
        return await is_dark_at_gateways(conn, recorded.xid8, lease_s=lease_s)
