"""Decodes files of any kind in child processes, never in its own.

A child that hangs, dies or runs out of memory costs one file a typed error, and is replaced.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from imaging.ingest_worker import ChildLimits, Worker
from imaging.model import ProbedImage, SourceLimits

__all__ = ["ChildLimits", "Ingestor", "open_ingestor"]


class Ingestor:
    """A few long-lived children, each looking at one file at a time."""

    def __init__(self, workers: list[Worker]) -> None:
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        for worker in workers:
            self._free.put_nowait(worker)

    async def probe(self, path: Path) -> ProbedImage:
        """Decode a file to its last pixel, and return what it is and a master where it needs one.

        The file must not change meanwhile: its bytes are what the answer's SHA-256 names.

        Raises:
            UnsupportedFormatError: no image, or of a format that is not taken in.
            CorruptImageError: it can't be decoded to its last pixel.
            ImageTooLargeError: too many bytes, pixels or frames.
            UnsafeSvgError: an SVG with entities, or no XML.
            ProbeTimeoutError: decoding takes too long.
            ProbeCrashedError: decoding ended the child.
        """
        worker = await self._free.get()
        try:
            return await worker.probe(path)
        finally:
            self._free.put_nowait(worker)


@asynccontextmanager
async def open_ingestor(
    *,
    workers: int | None = None,
    source: SourceLimits | None = None,
    child: ChildLimits | None = None,
) -> AsyncGenerator[Ingestor]:
    """Keep children ready, as many as there are cores; end them all at the end."""
    with tempfile.TemporaryDirectory(prefix="vitrine-ingest-") as folder:
        crew = [
            Worker(Path(folder), source or SourceLimits(), child or ChildLimits())
            for _ in range(workers or os.cpu_count() or 1)
        ]
        try:
            yield Ingestor(crew)
        finally:
            await asyncio.gather(*(worker.end() for worker in crew))
