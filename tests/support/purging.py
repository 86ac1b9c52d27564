"""The drivers that purges are queued for, as a process states them at its start."""

from collections.abc import Sequence

from catalog.db import Pool
from catalog.events.commands import Changes
from catalog.events.purge_driver_store import use_drivers


async def purging(
    pool: Pool,
    drivers: Sequence[str],
    *,
    answer_drivers: Sequence[str] = (),
    second_pass_after_s: float = 36.0,
) -> Changes:
    """State drivers, and return changes, whose purges go to them."""
    async with pool.acquire() as conn:
        await use_drivers(conn, drivers, answer_drivers=answer_drivers)
    return Changes(pool=pool, second_pass_after_s=second_pass_after_s)
