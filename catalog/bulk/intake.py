"""Takes files in ahead of the batches that need them, so that no core waits for the database."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from catalog.errors import InvalidInputError, VitrineError
from catalog.media.model import BrokenFileError, Ingest, Ingested

_AHEAD = 1000
_AT_ONCE = 8


class Intake:
    """Ingests the files of assets in the order in which they will be asked for.

    Args:
        ingest: what takes one file in.
        root: files are named by their path below it.
        files: in the order of the records; None where a record names none.
    """

    def __init__(self, ingest: Ingest, root: Path, files: Iterator[str | None]) -> None:
        self._ingest = ingest
        self._root = root.resolve()
        self._files = files
        self._room = asyncio.Semaphore(_AHEAD)
        self._hands = asyncio.Semaphore(_AT_ONCE)
        self._taken: asyncio.Queue[asyncio.Task[Ingested | VitrineError | None]] = asyncio.Queue()
        self._tasks = set[asyncio.Task[Ingested | VitrineError | None]]()

    async def __aenter__(self) -> Self:
        self._filler = asyncio.create_task(self._fill())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._filler, *self._tasks):
            task.cancel()
        for task in (self._filler, *self._tasks):
            with suppress(asyncio.CancelledError):
                await task

    async def next(self) -> Ingested | VitrineError | None:
        """Return what the next file holds, or why it was refused; None: the record has no file.

        Raises:
            UnavailableError: the store cannot be asked.
        """
        task = await self._taken.get()
        self._tasks.discard(task)
        self._room.release()
        return await task

    async def _fill(self) -> None:
        for file in self._files:
            await self._room.acquire()
            task = asyncio.create_task(self._take_in(file))
            self._tasks.add(task)
            self._taken.put_nowait(task)

    async def _take_in(self, file: str | None) -> Ingested | VitrineError | None:
        if file is None:
            return None
        async with self._hands:
            try:
                return await self._ingest(self._inside(file))
            except InvalidInputError as error:
                return error

    def _inside(self, file: str) -> Path:
        path = None if "\0" in file else (self._root / file).resolve()
        if path is None or not path.is_relative_to(self._root):
            raise BrokenFileError(f"{file!r} is not below the folder of the import", field="file")
        return path
