"""Exports as work: the records go to the object store, for whoever asked to take home."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.export.records import export_records
from catalog.storage.model import ObjectStore
from catalog.work.commands import advance_work
from relay.works.running import WorkResult, WorkRun

_NAME = "catalogue.jsonl"


@dataclass(frozen=True, slots=True)
class Export:
    """The kind `export`: what `vitrine export` writes, without originals.

    Its argument: `types`, those of records. It reads one instant, so one that was interrupted
    begins again.
    """

    store: ObjectStore

    async def __call__(self, run: WorkRun) -> WorkResult:
        """Write the file and put it into the object store.

        Raises:
            WorkCancelledError: somebody wants no more of it.
            VitrineError: the store cannot take it.
        """
        run.progress = replace(run.progress, done=0, total=None)
        with tempfile.TemporaryDirectory(prefix="vitrine-work-") as folder:
            path = Path(folder) / _NAME
            with path.open("wb") as file:

                def write(line: bytes) -> None:
                    file.write(line)
                    run.progress = replace(run.progress, done=run.progress.done + 1)

                async with run.until_cancelled():
                    done = await export_records(
                        run.changes.pool, write, types=run.work.args["types"]
                    )
            key = run.work.result_keys[-1]
            await self.store.write_file(key, path)
        counts = {f"{name}.written": count for name, count in done.counts.items()}
        progress = replace(run.progress, total=run.progress.done, counts=counts)
        async with run.changes.begin(run.actor) as change:
            await advance_work(change, run.work, progress)
        return WorkResult(key=key, name=_NAME)
