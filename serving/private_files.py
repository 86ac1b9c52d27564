"""Files that hold secrets: read only where nobody else may read them."""

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
