"""A home of the embedded services that lasts for one measurement."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_home() -> Generator[Path]:
    """Yield an empty home in a folder of its own; remove the folder at the end, data and all."""
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        try:
            yield home
        finally:
            # as root the data of the embedded PostgreSQL are not below the home
            data = (home / "postgres").resolve()
            if data.is_dir() and not data.is_relative_to(home.resolve()):
                shutil.rmtree(data)
