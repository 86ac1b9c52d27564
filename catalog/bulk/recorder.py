"""What keeps how far an import is beside the import's own record of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from catalog.bulk.store import ImportRun
from catalog.changes import Change

#: Keeps how far an import is, before and after a batch, in the transaction of it.
Record: TypeAlias = Callable[[Change, ImportRun, ImportRun], Awaitable[None]]


class Recorder(Protocol):
    """Keeps it for whoever follows the import elsewhere, and can undo a batch.

    Attributes:
        name: of this import: one of the same files by another name goes on by itself.
    """

    name: str

    async def restore(self, journal: Path) -> None:
        """Bring back the journal of refused records as the last commit left it."""
        ...

    async def record(
        self, change: Change, before: ImportRun, after: ImportRun, *, journal: Path, total: int
    ) -> None:
        """Keep how far it is, in the transaction of a batch, which whatever is raised undoes.

        Args:
            change: the transaction.
            before: as it is committed.
            after: as it will be; of no committed records: the import begins anew.
            journal: where the refused records are, up to `after.report_bytes`.
            total: records that the files hold.
        """
        ...
