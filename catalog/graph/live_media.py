"""Live media in memory: what hangs on a product is read again once something of it changed."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

import prometheus_client

from catalog.db import Connection
from catalog.graph.media import Holder, load_media
from catalog.memory.kept import Kept
from catalog.subjects import Subject

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
        is_current: whether the feed vouches for what is kept.
        max_bytes: about; 0: nothing is kept.
    """

    def __init__(self, *, is_current: Callable[[], bool], max_bytes: int) -> None:
        self._is_current = is_current
        self._kept: Kept[uuid.UUID, Holder] = Kept(max_bytes, weigh=attrgetter("weight"))
        _BYTES.set_function(lambda: self._kept.weight)

    async def of(
        self, conn: Connection, owners: Iterable[uuid.UUID], *, anew: bool
    ) -> Mapping[uuid.UUID, Holder]:
        """Return products with their media, in one statement for all that are not kept.

        Args:
            conn: to the primary.
            owners: products and their models.
            anew: read all of them: whoever asks may have changed them by another process.
        """
        found: dict[uuid.UUID, Holder] = {}
        missing: list[uuid.UUID] = []
        reads_all = anew or not self._is_current()
        for owner in owners:
            holder = None if reads_all else self._kept.get(owner)
            if holder is None:
                missing.append(owner)
            else:
                found[owner] = holder
        _HIT.inc(len(found))
        if missing:
            found.update(await self._read(conn, missing))
        return found

    @property
    def weight(self) -> int:
        """Return the bytes that are kept, about."""
        return self._kept.weight

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on the subjects of new events."""
        self._kept.drop(subjects)

    def reset(self) -> None:
        """Forget everything: something may have changed unseen."""
        self._kept.reset()

    async def _read(
        self, conn: Connection, owners: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, Holder]:
        with self._kept.reading() as since:
            found = {each.id: each for each in await load_media(conn, owners)}
            for holder in found.values():
                known = self._kept.get(holder.id)
                if known is not None and known.is_same(holder):
                    found[holder.id] = known  # with all that has been made of it
                    continue
                self._kept.put(holder.id, holder, holder.rests_on(), since=since)
        _READ.inc(len(found))
        return found
