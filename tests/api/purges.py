"""What is queued to be purged."""

from collections.abc import Iterable

from catalog.db import Pool


async def purges(pool: Pool) -> set[tuple[str, str]]:
    """Return the tags that are queued, each with the driver, and empty the queue."""
    rows = await pool.fetch("DELETE FROM purge RETURNING tag, driver")
    return {(row["tag"], row["driver"]) for row in rows}


def each_of(drivers: Iterable[str], *tags: str) -> set[tuple[str, str]]:
    """Return these tags with each of the drivers."""
    return {(tag, name) for name in drivers for tag in tags}
