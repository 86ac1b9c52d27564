"""The heartbeat while the feed is down: purges go on waiting for a gateway that reads by itself."""

import math
import time
from collections.abc import Callable

from catalog.db import Connection
from catalog.events import store
from catalog.events.model import GatewayIdentity


class Presence:
    """Keeps the row of a gateway fresh while it reads directly, and acknowledges no snapshot.

    Purges do not wait for a gateway that has reported nothing for two leases and a second, since
    nothing that it holds is proven then. What a question of its own brings is proven for a lease
    from that question on, so it reports at most a lease before each.

    Args:
        gateway: whose row.
        lease_s: how long what was read is proven.
        left_s: how long the feed goes on vouching, and so reporting; negative: it does not.
    """

    def __init__(
        self, gateway: GatewayIdentity, *, lease_s: float, left_s: Callable[[], float]
    ) -> None:
        self._gateway = gateway
        self._lease_s = lease_s
        self._left_s = left_s
        self._reported_at = -math.inf

    async def report(self, conn: Connection) -> None:
        """Report, before a read, unless that was done within the last lease."""
        now_s = time.monotonic()
        if self._left_s() >= 0 or now_s - self._reported_at < self._lease_s:
            return
        await store.report(conn, self._gateway, denials=(), egresses=(), tasks=())
        self._reported_at = now_s
