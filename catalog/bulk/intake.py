"""Takes files in ahead of the batches that need them, so that no core waits for the database."""

import asyncio
import os
from collections import deque
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Self

from catalog.bulk.file_names import FileNames
from catalog.errors import InvalidInputError
from catalog.media.model import BrokenFileError, Ingest, IngestedFile

_AHEAD = 1000
_AT_ONCE = (os.cpu_count() or 1) + 2  # one a core is looked at, while others are read and stored


class Intake:
    """Ingests the files of assets in the order in which they will be asked for.

    Args:
        ingest: what takes one file in.
        files: in the order of the records, each a path below a folder; None where a record names
            none.
    """

    def __init__(self, ingest: Ingest, files: Iterator[tuple[Path, str | None]]) -> None:
        self._ingest = ingest
        self._names = cache(FileNames)
        self._files = files
        self._hands = asyncio.Semaphore(_AT_ONCE)
        self._ahead = deque[asyncio.Task[IngestedFile | InvalidInputError | None]]()

    async def __aenter__(self) -> Self:
        self._reach_ahead()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._ahead:
            task.cancel()
        await asyncio.gather(*self._ahead, return_exceptions=True)

    async def next(self) -> IngestedFile | InvalidInputError | None:
        """Return what the next file holds, or why it was refused; None: the record has no file.

        Raises:
            UnavailableError: the store cannot be asked.
        """
        task = self._ahead.popleft()
        self._reach_ahead()
        return await task

    def _reach_ahead(self) -> None:
        for root, file in islice(self._files, _AHEAD - len(self._ahead)):
            self._ahead.append(asyncio.create_task(self._take_in(root, file)))

    async def _take_in(
        self, root: Path, file: str | None
    ) -> IngestedFile | InvalidInputError | None:
        if file is None:
            return None
        async with self._hands:
            try:
                path = self._inside(root, file)
            except InvalidInputError as error:
                return error
            try:
                return await self._ingest(path)
            except InvalidInputError as error:
                error.field = "file"  # refused there, and not once more as a missing one
                if error.message.startswith(path.name):  # as the record names it
                    error.message = file + error.message.removeprefix(path.name)
                return error

    def _inside(self, root: Path, file: str) -> Path:
        names = self._names(root)
        try:
            path = names.path_of(file).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # U+0000, too long a name, a loop
            raise BrokenFileError(f"{file!r} leads to no file", field="file") from error
        if not path.is_relative_to(names.root):
            raise BrokenFileError(f"{file!r} is not below the folder of the import", field="file")
        return path
