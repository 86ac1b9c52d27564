"""Locks between processes of one machine: held as long as the block, freed by any kind of end."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import VitrineError


@contextmanager
def hold(path: Path, *, otherwise: VitrineError) -> Generator[None]:
    """Hold a lock file.

    Args:
        path: made if need be; it stays, since removing it would let two hold it.
        otherwise: raised when another process holds it.

    Raises:
        VitrineError: that error.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise otherwise from None
        yield
