"""The demo catalogue is an import file like any other."""

from pathlib import Path

from catalog.bulk.commands import import_file
from catalog.changes import Changes
from catalog.db import Pool
from tests.bulk.catalogue import NamedIngest
from vitrine.demo import write_demo


async def test_the_demo_is_imported_whole_and_once(pool: Pool, tmp_path: Path) -> None:
    path = write_demo(tmp_path)
    changes = Changes(pool=pool)

    first = await import_file(path, changes=changes, ingest=NamedIngest())
    second = await import_file(path, changes=changes, ingest=NamedIngest())

    assert (first.rejected, first.counts["drafts"]) == (0, 0)
    assert first.counts["assets"] > 100
    assert first.counts["publications"] > first.counts["products"]
    assert (second.counts["created"], second.counts["updated"], second.rejected) == (0, 0, 0)
