"""Run as a process: an import whose ingest hangs at one file, and says so on standard output."""

import asyncio
import sys
from pathlib import Path

from catalog.bulk.commands import import_file
from catalog.changes import Changes
from catalog.db import open_pool
from catalog.media.model import IngestedFile
from tests.bulk.catalogue import NamedIngest


class HangingIngest(NamedIngest):
    """Answers until the file of this name, then never."""

    def __init__(self, last: str) -> None:
        super().__init__()
        self._last = last

    async def __call__(self, path: Path) -> IngestedFile:
        if path.name == self._last:
            await asyncio.Event().wait()
        return await super().__call__(path)


class ReportingProgress:
    """Says what is done, so that the test knows when to strike."""

    def start(self, phase: str, total: int) -> None:
        """Begin a phase."""
        self._phase, self._done = phase, 0
        self.advance(0 * total)

    def advance(self, count: int) -> None:
        """Tell how many records of the phase are done."""
        self._done += count
        sys.stdout.write(f"{self._phase} {self._done}\n")
        sys.stdout.flush()


async def run(url: str, path: Path, last: str) -> None:
    """Import until the file that hangs."""
    async with open_pool(url, application="test") as pool:
        await import_file(
            path,
            changes=Changes(pool=pool),
            ingest=HangingIngest(last),
            progress=ReportingProgress(),
        )


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
