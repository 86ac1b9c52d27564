"""Imports as the command line runs them: the parts wired together, and a bar for who watches."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from catalog.bulk.model import Progress
from catalog.bulk.rehearsal_store import rehearse
from catalog.changes import Changes
from catalog.db import open_pool
from catalog.media.model import Ingest
from imaging.ingest import open_ingestor
from relay.ingest.intake import FileIntake
from serving.stores import open_store
from vitrine.database import open_changes
from vitrine.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportServices:
    """What an import needs."""

    changes: Changes
    ingest: Ingest


@asynccontextmanager
async def open_importing(settings: Settings, url: str) -> AsyncGenerator[ImportServices]:
    """Open the database, the object store and the children that look at files."""
    async with (
        open_changes(settings, url) as changes,
        open_store(settings) as store,
        open_ingestor() as ingestor,
    ):
        ingest = FileIntake(pool=changes.pool, store=store, ingestor=ingestor)
        yield ImportServices(changes=changes, ingest=ingest)


@asynccontextmanager
async def open_check(settings: Settings, url: str) -> AsyncGenerator[ImportServices]:
    """Open a copy of the catalogue that ends with the check; files are looked at, never stored."""
    async with (
        open_changes(settings, url) as real,
        open_store(settings) as store,
        open_ingestor() as ingestor,
        open_pool(url, application="vitrine check", max_size=1, keeps_session=True) as copy,
    ):
        async with copy.acquire() as conn:
            await rehearse(conn)
        ingest = FileIntake(pool=real.pool, store=store, ingestor=ingestor, keeps=False)
        yield ImportServices(changes=Changes(pool=copy), ingest=ingest)


@contextmanager
def progress_bars(console: Console) -> Generator[Progress]:
    """Show a bar for each phase, and keep the finished ones."""
    columns = (
        TextColumn("{task.description:>18}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Bars(*columns, console=console) as bars:
        yield _BarProgress(bars)


class _Speed(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class _BarProgress:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def start(self, phase: str, total: int) -> None:
        self._phase = self._bars.add_task(phase.replace("_", " "), total=total)

    def advance(self, count: int) -> None:
        self._bars.advance(self._phase, count)
