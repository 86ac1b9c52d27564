"""Files that hold secrets: written for this user alone, and read only where nobody else may."""

import os
from pathlib import Path

from catalog.errors import SettingsError

_OTHERS_MAY = 0o077


def read_private(path: Path, *, field: str | None = None) -> str:
    """Return what a file says.

    Raises:
        SettingsError: others than its owner may read or write it.
        OSError: it cannot be read.
    """
    with path.open() as file:  # opened once: what is read is what was looked at
        if os.fstat(file.fileno()).st_mode & _OTHERS_MAY:
            raise SettingsError(f"{path} may be read by others: chmod 600", field=field)
        return file.read()


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # a key that seals must outlive the machine's sudden end
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
