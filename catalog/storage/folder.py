"""The object store as a folder: one file an object, for one host or a shared file system."""

import asyncio
import errno
import os
import secrets
import shutil
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
from catalog.storage.mounts import is_on_this_machine
from catalog.storage.rules import checked_key

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OBJECTS_A_STEP = 1000
_BUFFER_BYTES = 8192
_OURS_ALONE = 0o600
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
            self._is_at_hand = is_on_this_machine(self._root)
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

    def at_hand(self) -> "FolderStore | None":
        """Return this very store where its file system is one of this machine."""
        return self if self._is_at_hand else None

    def lacks(self, key: str) -> bool:
        """Return whether there is no such object; False too where the folder cannot be asked."""
        try:
            os.stat(self._path(key))  # noqa: PTH116 - half the time of `Path.stat`
        except FileNotFoundError:
            return os.access(self._root, os.X_OK)  # an unmounted disk lacks nothing
        except OSError:
            return False
        return False

    def put(self, key: str, body: bytes) -> None:
        """Store the object on this thread, whole or not at all; a power cut may tear it.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the folder can't be written.
        """
        self._write(self._path(key), lambda file: file.write(body), lasting=False)

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
    handle, name = _new_file(path.parent)
    try:
        with os.fdopen(handle, "wb", _BUFFER_BYTES) as file:
            fill(file)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 - its name is no `Path` yet
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108 - likewise
        raise


def _new_file(folder: Path) -> tuple[int, str]:
    """Make an empty file with a new name in a folder, and the folder too; return it open.

    That the folder is there is not asked before: a source has many renditions.
    """
    # The leading dot keeps the unfinished file outside the space of keys.
    name = f"{folder}/.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(name, flags, _OURS_ALONE), name
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(name, flags, _OURS_ALONE), name


def _raise_unavailable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # no folder, no keys
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(f"The object store does not answer ({error.strerror}).")
