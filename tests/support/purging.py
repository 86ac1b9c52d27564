"""The drivers that purges are queued for, as a process states them at its start."""

from collections.abc import Sequence

from catalog.changes import Changes
from catalog.db import Pool
from catalog.purges.driver_store import use_drivers
from catalog.purges.model import PurgeTimes


async def purging(
    pool: Pool,
    drivers: Sequence[str],
    *,
    answer_drivers: Sequence[str] = (),
    purge_times: PurgeTimes = PurgeTimes(),  # noqa: B008 - frozen
) -> Changes:
    """State drivers, and return changes, whose purges go to them."""
    async with pool.acquire() as conn:
        await use_drivers(conn, drivers, answer_drivers=answer_drivers)
    return Changes(pool=pool, purge_times=purge_times)
