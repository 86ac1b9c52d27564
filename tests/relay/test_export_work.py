"""An export as work: its file is what the command writes, and it ends where it is not wanted."""

from pathlib import Path

from catalog.access.assignments import give_role
from catalog.bulk.commands import import_file
from catalog.changes import Changes
from catalog.db import Pool
from catalog.export.records import export_records
from catalog.storage.folder import FolderStore
from catalog.work import commands, store
from catalog.work.model import WorkState
from relay.works.exporting import Export
from relay.works.running import Works
from tests.bulk.catalogue import FOUNDATION, NamedIngest, product, write
from tests.support.people import ADA


async def test_the_result_is_the_file_that_the_command_writes(pool: Pool, tmp_path: Path) -> None:
    changes, objects = Changes(pool=pool), FolderStore(tmp_path / "objects")
    records = write(tmp_path / "shop.jsonl", *FOUNDATION, product("one"))
    await import_file(records, changes=changes, ingest=NamedIngest())
    async with changes.begin(ADA) as change:
        await give_role(change, ADA.id, "administrator")
        args = {"types": ["locale", "product"]}
        work = await commands.start_work(change, commands.EXPORT, args)

    await Works(changes, {commands.EXPORT: Export(objects)}).run(work.public_id, is_last=True)

    async with pool.acquire() as conn:
        done = await store.find_work(conn, work.public_id)
    assert done is not None
    assert (done.state, done.done, done.total, done.failed) == (WorkState.DONE, 2, 2, 0)
    assert done.counts == {"locale.written": 1, "product.written": 1}
    lines: list[bytes] = []
    await export_records(pool, lines.append, types=["locale", "product"])
    assert await objects.read(str(done.result_key)) == b"".join(lines)
