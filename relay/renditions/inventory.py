"""What is kept of finished renditions, by tier and by source, and the removal of it."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from catalog.db import Pool
from catalog.graph.renditions import find_uses
from imaging.tiers import Tier, source_of, source_prefix

_SOURCES_A_STEP = 1000


@dataclass(slots=True)
class RenditionTotal:
    """How many renditions, and their bytes with their seals."""

    count: int = 0
    size_bytes: int = 0

    def add(self, size_bytes: int) -> None:
        """Count one."""
        self.count += 1
        self.size_bytes += size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What each tier holds.

    Attributes:
        tiers: by the tier's name.
        sources: by SHA-256, and then by the tier's name.
    """

    tiers: dict[str, RenditionTotal] = field(default_factory=dict[str, RenditionTotal])
    sources: dict[str, dict[str, RenditionTotal]] = field(
        default_factory=dict[str, dict[str, RenditionTotal]]
    )

    @property
    def total(self) -> RenditionTotal:
        """Return what all tiers hold together."""
        return RenditionTotal(
            count=sum(held.count for held in self.tiers.values()),
            size_bytes=sum(held.size_bytes for held in self.tiers.values()),
        )


async def take_inventory(tiers: Iterable[Tier], sources: Sequence[str] | None = None) -> Inventory:
    """Count what the tiers hold.

    Args:
        tiers: of this machine.
        sources: SHA-256; None: of every source.

    Raises:
        StoreUnavailableError: a tier cannot be asked.
    """
    inventory = Inventory()
    for tier in tiers:
        total = inventory.tiers.setdefault(tier.name, RenditionTotal())
        async for key, size_bytes in _kept(tier, sources):
            total.add(size_bytes)
            held = inventory.sources.setdefault(source_of(key), {})
            held.setdefault(tier.name, RenditionTotal()).add(size_bytes)
    return inventory


async def find_orphans(pool: Pool, sources: Sequence[str]) -> list[str]:
    """Return those sources whose bytes no version of any asset has."""
    orphans: list[str] = []
    for at in range(0, len(sources), _SOURCES_A_STEP):
        step = sources[at : at + _SOURCES_A_STEP]
        async with pool.acquire() as conn:
            uses = await find_uses(conn, step)
        orphans += [each for each in step if not uses[each].assets]
    return orphans


async def remove(
    tiers: Iterable[Tier], sources: Sequence[str], progress: Callable[[], None]
) -> RenditionTotal:
    """Remove all renditions of sources; may be stopped and begun again.

    Returns:
        What was removed, from all tiers together.

    Raises:
        StoreUnavailableError: a tier cannot be asked.
    """
    removed = RenditionTotal()
    for tier in tiers:
        async for key, size_bytes in _kept(tier, sources):
            await tier.remove(key)
            removed.add(size_bytes)
            progress()
    return removed


async def _kept(tier: Tier, sources: Sequence[str] | None) -> AsyncIterator[tuple[str, int]]:
    if sources is None:
        async for each in tier.objects():
            yield each.key, each.size_bytes
        return
    for source in sources:
        async for each in tier.objects(source_prefix(source)):
            yield each.key, each.size_bytes
