"""Live media in memory: what hangs on a product is read again once something of it changed."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import prometheus_client

from catalog.db import Connection
from catalog.graph.media import Holder, load_media
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease

_PRODUCTS = prometheus_client.Counter(
    "vitrine_live_media", "Products whose media were kept, or read from the database.", ("how",)
)
_HIT, _READ = (_PRODUCTS.labels(how) for how in ("hit", "read"))
_BYTES = prometheus_client.Gauge(
    "vitrine_live_media_bytes", "What is kept of live media, about, up to its bound."
)


class LiveMedia:
    """Keeps what was read last, each until an event names it, a part of it or its rights.

    Args:
        lease: how long the feed vouches for what is kept.
        max_bytes: about; 0: nothing is kept.
    """

    def __init__(self, *, lease: Lease, max_bytes: int) -> None:
        self.kept: Kept[uuid.UUID, Holder] = Kept(
            max_bytes,
            weigh=attrgetter("weight"),
            rests_on=lambda _, holder: holder.rests_on(),
            lease=lease,
            is_same=Holder.is_same,
        )
        _BYTES.set_function(lambda: self.kept.weight)

    async def of(
        self, conn: Connection, owners: Iterable[uuid.UUID], *, anew: bool
    ) -> Mapping[uuid.UUID, Holder]:
        """Return products with their media, in one statement for all that are not kept.

        Args:
            conn: to the primary.
            owners: products and their models.
            anew: read all of them: whoever asks may have changed them by another process.
        """
        count = 0

        async def read(missing: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Holder]:
            nonlocal count
            holders = await load_media(conn, missing)
            count = len(holders)
            return {each.id: each for each in holders}

        found = await self.kept.many(owners, read, anew=anew)
        _READ.inc(count)
        _HIT.inc(len(found) - count)
        return found
