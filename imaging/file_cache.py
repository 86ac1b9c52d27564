"""A bounded folder of files by key: what was used least recently goes first.

Whatever it holds can be made again. Processes of one host may share a folder: who evicts takes a
lock, and no file is evicted that anybody reads. All calls block; make them on a thread.
"""

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

log = structlog.get_logger(__name__)

_LOCK = ".evicting"
_KEPT_SHARE = 0.8
_LOOK_AGAIN_SHARE = 0.05
_TOUCH_S = 60.0
_ABANDONED_S = 3600.0


class Usage(NamedTuple):
    """What a folder holds."""

    files: int
    size_bytes: int


class _CachedFile(NamedTuple):
    used_at: float
    size_bytes: int
    path: Path


class FileCache:
    """Files below a folder, made when the first is written.

    Args:
        folder: with nothing else in it; closed to others if it is made here.
        max_bytes: of all files; a process that writes looks at the whole folder again after
            every twentieth of them, and evicts down to four fifths.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._unseen_bytes = max_bytes  # others may have filled it: the first write looks
        self._counting = threading.Lock()

    def has(self, key: str) -> bool:
        """Return whether there is a file of this key; it may be evicted the moment after."""
        return os.access(self._folder / key, os.R_OK)

    @contextmanager
    def hold(self, key: str) -> Generator[Path | None]:
        """Yield the file of a key, which stays until the end of the block.

        None: there is none, or the disk does not give it.

        Args:
            key: `[a-z0-9/._-]+`, not beginning with a dot.
        """
        path = self._folder / key
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError as error:  # none, or a disk that is gone: then it is made again
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                log.warning("file_not_read", error=error.strerror)
            yield None
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if os.fstat(handle).st_nlink == 0:  # evicted between the two
                yield None
                return
            _touch(handle)
            yield path
        finally:
            os.close(handle)

    def read(self, key: str) -> bytes | None:
        """Return the bytes of a key; None: there are none, or none that can be read."""
        try:
            with self.hold(key) as path:
                return None if path is None else path.read_bytes()
        except OSError as error:
            log.warning("cached_file_unreadable", error=error.strerror)
            return None

    def write(self, key: str, fill: Callable[[Path], None]) -> bool:
        """Have a file filled and keep it under a key; readers see it whole or not at all.

        Args:
            key: as for `hold`.
            fill: writes the file at this path.

        Returns:
            Whether it was kept: a disk that is full or gone costs nothing but time.
        """
        path = self._folder / key
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = _new_file(path.parent)
            try:
                fill(made)
                size_bytes = made.stat().st_size
                made.replace(path)
            finally:
                made.unlink(missing_ok=True)
            self._count(size_bytes)
        except OSError as error:
            log.warning("file_not_cached", error=error.strerror)
            return False
        return True

    def remove(self, prefix: str) -> int:
        """Remove every file whose key begins with the prefix; return how many there were."""
        removed = 0
        for found in self._walk(prefix):
            found.path.unlink(missing_ok=True)
            self._remove_if_empty(found.path.parent)
            removed += 1
        return removed

    def entries(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield key and size in bytes of every file whose key begins with the prefix."""
        for found in self._walk(prefix):
            yield self._key(found.path), found.size_bytes

    def usage(self) -> Usage:
        """Return how many files there are, and of what size together."""
        sizes = [size_bytes for _, size_bytes in self.entries()]
        return Usage(len(sizes), sum(sizes))

    def _count(self, size_bytes: int) -> None:
        with self._counting:
            self._unseen_bytes += size_bytes
            if self._unseen_bytes < self._max_bytes * _LOOK_AGAIN_SHARE:
                return
            self._unseen_bytes = 0
        try:
            self._evict()
        except OSError as error:  # not even room for the lock
            log.warning("files_not_evicted", error=error.strerror)

    def _evict(self) -> None:
        with (self._folder / _LOCK).open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another process is at it
            files = sorted(self._walk())
            held_bytes = sum(found.size_bytes for found in files)
            if held_bytes <= self._max_bytes:
                return
            for found in files:
                if held_bytes <= self._max_bytes * _KEPT_SHARE:
                    return
                if _remove_unless_read(found.path):
                    held_bytes -= found.size_bytes
                    self._remove_if_empty(found.path.parent)

    def _remove_if_empty(self, folder: Path) -> None:
        # a folder for every source that ever was would fill the disk without counting
        if folder != self._folder:
            with suppress(OSError):
                folder.rmdir()

    def _key(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _walk(self, prefix: str = "") -> Iterator[_CachedFile]:
        for folder, _, names in os.walk(self._folder / prefix.rpartition("/")[0]):
            for name in names:
                path = Path(folder) / name
                with suppress(FileNotFoundError):
                    found = path.stat()
                    if not name.startswith("."):
                        if self._key(path).startswith(prefix):
                            yield _CachedFile(found.st_mtime, found.st_size, path)
                    elif name != _LOCK and found.st_mtime < time.time() - _ABANDONED_S:
                        path.unlink()  # its writer was killed


def _new_file(folder: Path) -> Path:
    """Make an empty file beside the one that it is to become."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(prefix=".", dir=folder)
    except FileNotFoundError:  # another process evicted the last file of the folder just now
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=folder)
    os.close(handle)
    return Path(name)


def _touch(handle: int) -> None:
    """Count a file as used; its time of access is not kept up on every file system."""
    if time.time() - os.fstat(handle).st_mtime > _TOUCH_S:
        with suppress(OSError):  # a file system that has turned read-only still gives what it has
            os.utime(handle)


def _remove_unless_read(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)
