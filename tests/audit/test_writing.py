"""Every change leaves its rows in the audit, in its transaction."""

import asyncio
from pathlib import Path
from typing import Any

from catalog.audit.model import Origin
from catalog.bulk.commands import import_file
from catalog.changes import Changes
from catalog.db import Pool, Record
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.principal import IMPORT
from tests.audit.commands import commands, unrecorded
from tests.bulk.catalogue import FOUNDATION, NamedIngest, product, write
from tests.support.people import ADA
from vitrine.demo import write_demo

#: Commands that record nothing, and why.
SILENT = {
    "advance_work": "how far a work is; that it began and how it ended is recorded",
    "conclude": "forgets how far an import was; that its work ended is recorded",
    "darkness_of": "waits for a change that is committed",
    "list_anew": "writes what follows from publications, by the rules of today",
    "load": "reads what a command prints",
    "record": "how far an import is, by `advance_work`",
    "take_login_link": "the session that it begins is recorded",
    "uploads_for": "reads and locks",
    "warm_up_heroes": "puts a job into the queue",
}
_HAS_NO_ROW_SQL = """
SELECT type FROM event WHERE NOT EXISTS (
    SELECT FROM audit AS a WHERE a.event = event.id AND a.actor = event.actor
        AND a.type = event.type AND a.subject = event.subject AND a.data = event.data
)
"""


def test_every_command_records_what_it_does() -> None:
    silent = {name for name in unrecorded(commands()) if not name.startswith("_")}
    assert silent == SILENT.keys()


async def rows(pool: Pool, subject: str) -> list[Record]:
    async with pool.acquire() as conn:
        return await conn.fetch("SELECT * FROM audit WHERE subject = $1 ORDER BY id", subject)


async def test_a_row_says_who_from_where_and_by_what(pool: Pool) -> None:
    key = new_id()
    origin = Origin(address="192.0.2.7", api_key=key)
    async with Changes(pool=pool).begin(ADA, origin) as change:
        await change.record(
            Event(type="thing.changed", subject="thing/1", version=1, before={"a": 1}, after={})
        )
    (row,) = await rows(pool, "thing/1")
    assert (row["actor"], row["address"], row["api_key"], row["session"]) == (
        ADA.id,
        "192.0.2.7",
        key,
        None,
    )
    assert (row["type"], row["before"], row["after"]) == ("thing.changed", {"a": 1}, {})


async def test_a_whole_import_is_in_the_audit(pool: Pool, tmp_path: Path) -> None:
    path = await asyncio.to_thread(write_demo, tmp_path)
    await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())
    async with pool.acquire() as conn:
        assert await conn.fetch(_HAS_NO_ROW_SQL) == []
        kinds = await conn.fetch("SELECT DISTINCT split_part(type, '.', 1) FROM audit")
        assert {row[0] for row in kinds} >= {
            *("asset", "association", "attribute", "category", "channel", "collection"),
            *("family", "licence", "locale", "market", "preset", "product", "publication"),
        }
        told = "type NOT LIKE 'publication.%' AND (before IS NULL AND after IS NULL)"
        assert await conn.fetch(f"SELECT type, data FROM audit WHERE {told}") == []  # noqa: S608 - our own text
        assert await conn.fetchval("SELECT count(DISTINCT actor) FROM audit") == 1
        assert await conn.fetchval("SELECT actor FROM audit LIMIT 1") == IMPORT.id


async def test_a_changed_product_has_its_differences(pool: Pool, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *FOUNDATION)
    await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())

    async def put(name: str, **more: Any) -> None:  # noqa: ANN401 - JSON
        value = {"attribute": "name", "locale": "en-US", "data": name}
        write(path, product("p", values=[value], **more))
        await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())

    await put("Old")
    await put("New", categories=["shop"])
    first, second = [each for each in await rows(pool, "product/p") if "product." in each["type"]]
    assert first["before"] is None
    assert first["after"]["values"] == {"name/en-US": "Old"}
    assert second["before"] == {"categories": [], "values": {"name/en-US": "Old"}}
    assert second["after"] == {"categories": ["shop"], "values": {"name/en-US": "New"}}
