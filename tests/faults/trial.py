"""What every fault is held against: no leak, no lost purge, recovery without help."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from catalog.events.model import RecordedEvent
from tests.faults.line import LEASE_S, Line
from tests.faults.watch import Watch, watching
from tests.support.stage import WORLDWIDE, StagedAsset


@dataclass(slots=True)
class Trial:
    """A picture that is seen by every way, until its rights are withdrawn.

    Attributes:
        committed_at: monotonic; after the commit of the withdrawal.
    """

    line: Line
    asset: StagedAsset
    watch: Watch
    recorded: RecordedEvent | None = None
    committed_at: float = 0.0

    async def withdraw(self) -> None:
        """End the rights."""
        self.recorded = await self.line.withdraw(self.asset)
        self.committed_at = time.monotonic()

    async def sees_everywhere(self, status: int) -> None:
        """Wait until every way answers with a status."""
        for target in self.line.targets:
            await self.watch.sees_status(target, status)


@asynccontextmanager
async def trial(line: Line) -> AsyncGenerator[Trial]:
    """Show a picture by every way; the block breaks something and withdraws the rights.

    After the block the line must, by itself, be dark, have sent every purge in all passes, have
    answered nothing that was asked a lease after the commit with the picture, and show it again
    once the rights are back.
    """
    asset = await line.stage.asset(WORLDWIDE)
    async with watching(line.targets, line.stage.url(asset)) as watch:
        running = Trial(line, asset, watch)
        await running.sees_everywhere(200)
        yield running
        assert running.recorded is not None
        await running.sees_everywhere(410)
        await line.lost_nothing(running.recorded)
        assert not watch.lit(since=running.committed_at + LEASE_S)
    async with watching(line.targets, await line.reinstate(asset)) as watch:
        await Trial(line, asset, watch).sees_everywhere(200)
