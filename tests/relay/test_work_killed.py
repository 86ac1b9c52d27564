"""A relay is killed in the middle of an import: the next one goes on after the last commit."""

from pathlib import Path

import orjson
import procrastinate

from catalog.access.assignments import give_role
from catalog.bulk.batches import MAX_ROWS
from catalog.changes import Changes
from catalog.db import Pool
from catalog.storage.folder import FolderStore
from catalog.work import commands, store
from catalog.work.model import WorkState
from tests.faults.programs import VitrineProcess
from tests.support.people import ADA
from tests.support.waiting import eventually

COUNT = 2 * MAX_ROWS
LONG_AGO_SQL = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
HOLD_SQL = "SELECT FROM family WHERE code = 'held' FOR UPDATE"


async def test_a_killed_import_goes_on_after_the_last_commit(
    pool: Pool, database_url: str, process_database_url: str, tmp_path: Path
) -> None:
    await pool.execute("INSERT INTO family (code) VALUES ('free'), ('held')")
    changes = Changes(pool=pool)
    work = await _start(changes, tmp_path)

    async def done() -> int:
        async with pool.acquire() as conn:
            found = await store.find_work(conn, work)
        assert found is not None
        assert found.state is not WorkState.FAILED, found.cause
        return found.done

    async def first_batch() -> bool:
        return await done() == MAX_ROWS + 1  # and the line that is no record

    async def all_of_it() -> bool:
        return await done() == COUNT + 1

    relay = _relay(process_database_url, tmp_path)
    try:
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute(HOLD_SQL)
            await relay.start_again()
            await eventually(first_batch)
            relay.kill()
        assert await pool.fetchval("SELECT count(*) FROM product") == MAX_ROWS
        await pool.execute(LONG_AGO_SQL)  # as if a minute without a sign of life had passed
        await relay.start_again()
        await _recover(database_url)
        await eventually(all_of_it)
    finally:
        relay.end()
    assert [each["was_continued"] for each in relay.said("imported")] == [True]
    assert await pool.fetchval("SELECT count(*) FROM product") == COUNT
    assert await pool.fetchval("SELECT attempt FROM work") == 2
    assert await pool.fetchval("SELECT array_agg(kind) FROM task") == ["wrong_gtin"]
    assert await pool.fetchval("SELECT array_agg(subject) FROM work_row") == ["line 1"]


def _relay(database_url: str, folder: Path) -> VitrineProcess:
    env = {
        "VITRINE_DATABASE_URL": database_url,
        "VITRINE_STORE_URL": (folder / "store").as_uri(),
        "VITRINE_HOME": str(folder),
    }
    return VitrineProcess(command="relay", env=env, log=folder / "relay.log")


async def _start(changes: Changes, folder: Path) -> str:
    """Bring a file of which the first line is refused and the second batch waits."""
    records = [
        {"type": "product", "sku": f"P{number:04}", "kind": "SIMPLE", "family": family}
        for family, numbers in (
            ("free", range(MAX_ROWS)),
            ("held", range(MAX_ROWS, COUNT)),
        )
        for number in numbers
    ]
    records[0]["gtin"] = "123"  # is none, and waits for a person
    path = folder / "products.jsonl"
    path.write_bytes(b"{\n" + b"".join(orjson.dumps(each) + b"\n" for each in records))
    async with changes.begin(ADA) as change:
        await give_role(change, ADA.id, "administrator")
        upload = await commands.announce_upload(change, path.name)
        await FolderStore(folder / "store").write_file(upload.key, path)
        await commands.receive_upload(change, upload, path.stat().st_size)
        named = {"file": upload.public_id, "mapping": None, "uploads": [upload.public_id]}
        args = {**named, "publish": [], "strict_gtin": False}
        return (await commands.start_work(change, commands.IMPORT, args)).public_id


async def _recover(database_url: str) -> None:
    connector = procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
    queue = procrastinate.App(connector=connector)
    async with queue.open_async():
        task = queue.configure_task("housekeeping:recover", queue="housekeeping")
        await task.defer_async(timestamp=0)
