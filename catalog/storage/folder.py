"""The object store as a folder: one file an object, for one host or a shared file system."""

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from catalog.storage.model import (
    ObjectNotFoundError,
    StoredObject,
    StoreFullError,
    StoreUnavailableError,
)
from catalog.storage.rules import checked_key

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OBJECTS_A_STEP = 1000
#: Writes what an object shall hold.
_Fill: TypeAlias = Callable[[BinaryIO], object]


class FolderStore:
    """Objects below one folder, written to a temporary file first and renamed into place."""

    def __init__(self, root: Path) -> None:
        """Make the folder if it is missing; later a missing one means unavailable.

        Raises:
            StoreUnavailableError: it is no folder and can't be made one.
        """
        self._root = root.resolve()
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"The object store can't be used ({error.strerror})."
            raise StoreUnavailableError(message) from error

    async def read(self, key: str) -> bytes:
        """Return the object.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the folder or the file can't be read.
        """
        return await asyncio.to_thread(self._read, self._path(key))

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        """Store the object whole, or not at all.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the folder can't be written.
        """
        await asyncio.to_thread(
            self._write, self._path(key), lambda file: file.write(body), lasting=lasting
        )

    async def read_file(self, key: str, path: Path) -> None:
        """Copy the object into a file.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the folder or the file can't be read.
        """
        await asyncio.to_thread(self._read_file, self._path(key), path)

    async def write_file(self, key: str, path: Path) -> None:
        """Copy a file into the folder, whole or not at all.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the folder can't be written.
        """
        with path.open("rb") as source:
            await asyncio.to_thread(
                self._write, self._path(key), lambda file: shutil.copyfileobj(source, file)
            )

    async def exists(self, key: str) -> bool:
        """Return whether the object is there.

        Raises:
            StoreUnavailableError: the folder is not there or can't be searched.
        """
        return await asyncio.to_thread(self._exists, self._path(key))

    async def delete(self, key: str) -> None:
        """Remove the object, if it is there.

        Raises:
            StoreUnavailableError: the folder can't be written.
        """
        await asyncio.to_thread(self._delete, self._path(key))

    async def objects(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in no promised order."""
        found = self._walk(prefix)
        while step := await asyncio.to_thread(lambda: list(islice(found, _OBJECTS_A_STEP))):
            for each in step:
                yield each

    def local_path(self, key: str) -> Path:
        """Return the file that holds the object, whether or not it is there."""
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _read(self, path: Path) -> bytes:
        self._need_root()
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ObjectNotFoundError("The object store holds no such object.") from error
        except OSError as error:
            raise _unavailable(error) from error

    def _read_file(self, path: Path, target: Path) -> None:
        self._need_root()
        try:
            shutil.copyfile(path, target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ObjectNotFoundError("The object store holds no such object.") from error
        except OSError as error:
            raise _unavailable(error) from error

    def _write(self, path: Path, fill: _Fill, *, lasting: bool = True) -> None:
        self._need_root()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, fill, lasting=lasting)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreFullError("The object store has no room left.") from error
            raise _unavailable(error) from error

    def _exists(self, path: Path) -> bool:
        self._need_root()
        try:
            return path.is_file()
        except OSError as error:
            raise _unavailable(error) from error

    def _delete(self, path: Path) -> None:
        self._need_root()
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return  # a key below another object's: there is no such object
        except OSError as error:
            raise _unavailable(error) from error

    def _walk(self, prefix: str) -> Iterator[StoredObject]:
        self._need_root()
        whole_segments = prefix.rpartition("/")[0]
        start = self._path(whole_segments) if whole_segments else self._root
        for folder, _, names in os.walk(start, onerror=_raise_unavailable):
            for name in names:
                path = Path(folder) / name
                key = path.relative_to(self._root).as_posix()
                if not name.startswith(".") and key.startswith(prefix):
                    with suppress(FileNotFoundError):  # removed meanwhile
                        yield StoredObject(key=key, size_bytes=path.stat().st_size)

    def _need_root(self) -> None:
        # An unmounted disk must not look like a store that has lost every object.
        try:
            is_there = self._root.is_dir()
        except OSError as error:
            raise _unavailable(error) from error
        if not is_there:
            raise StoreUnavailableError("The object store's folder is not there.")


def _write_atomically(path: Path, fill: _Fill, *, lasting: bool) -> None:
    """Readers see the old file or the new one: the rename is the only change under its name."""
    # The leading dot keeps the unfinished file outside the space of keys.
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _raise_unavailable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # no folder, no keys
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(f"The object store does not answer ({error.strerror}).")
