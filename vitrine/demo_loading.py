"""Loads the demo catalogue into a home once, and again only when the demo itself has changed."""

import asyncio
import hashlib
from pathlib import Path

from rich.console import Console

import vitrine.demo
from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.model import ImportResult
from catalog.errors import VitrineError
from catalog.principal import UP
from serving.private_files import write_private
from vitrine.demo import write_demo
from vitrine.home import HomeError
from vitrine.importing import open_importing, progress_bars
from vitrine.settings import Settings

_DONE = "demo.version"
_EMPTY = "none"


class DemoRefusedError(VitrineError):
    """The demo catalogue does not fit this version."""

    code = "DEMO_REFUSED"


def begin_empty(home: Path) -> None:
    """Note that a home is to have no demo.

    Raises:
        HomeError: it has it already.
    """
    done = home / _DONE
    if done.exists() and not is_begun_empty(home):
        raise HomeError(
            f"{home} has the demo catalogue already: choose another VITRINE_HOME to begin afresh"
        )
    write_private(done, f"{_EMPTY}\n")


def is_begun_empty(home: Path) -> bool:
    """Return whether a home was begun without the demo."""
    done = home / _DONE
    return done.exists() and done.read_text().strip() == _EMPTY


def load_demo(settings: Settings, url: str, console: Console) -> None:
    """Write the demo's files below the home and import them, unless that has been done.

    Raises:
        DemoRefusedError: records were refused; the message names the report.
    """
    version = _version()
    done = settings.home / _DONE
    if done.exists() and done.read_text().strip() == version:
        return
    console.print("Loading the demo catalogue")
    path = write_demo(settings.home / "demo")
    result = asyncio.run(_import(settings, url, path, console))
    if result.rejected:
        raise DemoRefusedError(f"records refused: {result.rejected}; see {result.report}")
    write_private(done, f"{version}\n")


async def _import(settings: Settings, url: str, path: Path, console: Console) -> ImportResult:
    with progress_bars(console) as progress:
        async with open_importing(settings, url) as importing:
            return await import_file(
                path,
                changes=importing.changes,
                ingest=importing.ingest,
                progress=progress,
                options=ImportOptions(actor=UP),
            )


def _version() -> str:
    """Return a digest of everything that the demo is made from."""
    folder = Path(vitrine.demo.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
