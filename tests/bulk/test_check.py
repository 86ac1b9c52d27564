"""A check says what an import would do, and writes nothing."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.model import ImportResult
from catalog.bulk.rehearsal_store import rehearse
from catalog.changes import Changes
from catalog.db import Pool, open_pool
from tests.bulk.catalogue import FOUNDATION, NamedIngest, asset, hero, product, write
from vitrine.migrate import migrate

COUNTED = ("product", "product_value", "asset", "event", "category", "publication", "import_run")


@pytest.fixture
async def copy(database_url: str) -> AsyncGenerator[Pool]:
    async with open_pool(database_url, application="check", max_size=1, keeps_session=True) as pool:
        yield pool


async def load(path: Path, pool: Pool, *, is_check: bool = False) -> ImportResult:
    report = path.with_suffix(".told") if is_check else None
    options = ImportOptions(is_check=is_check, report=report, publish=("d2c",))
    changes = Changes(pool=pool)
    return await import_file(path, changes=changes, ingest=NamedIngest(), options=options)


async def rows(pool: Pool) -> list[int]:
    return [await pool.fetchval(f"SELECT count(*) FROM {name}") for name in COUNTED]  # noqa: S608 - names from above


async def test_a_process_may_copy_the_catalogue_to_check(
    database_url: str, process_database_url: str
) -> None:
    await migrate(database_url)  # a database that is copied has lost the rights on itself
    async with (
        open_pool(
            process_database_url, application="check", max_size=1, keeps_session=True
        ) as pool,
        pool.acquire() as conn,
    ):
        await rehearse(conn)


async def test_what_grows_and_no_import_reads_is_not_copied(
    pool: Pool, copy: Pool, tmp_path: Path
) -> None:
    await load(write(tmp_path / "a.jsonl", *FOUNDATION, product("one")), pool)
    async with copy.acquire() as conn:
        await rehearse(conn)
        for table in ("audit", "audit_seal", "process", "replay"):
            assert await conn.fetchval(f"SELECT count(*) FROM pg_temp.{table}") == 0, table  # noqa: S608 - names from above
        assert await conn.fetchval("SELECT count(*) FROM public.audit") > 0
        assert await conn.fetchval("SELECT count(*) FROM pg_temp.product") == 1


async def test_a_check_says_what_an_import_then_does_and_writes_nothing(
    pool: Pool, copy: Pool, tmp_path: Path
) -> None:
    await load(write(tmp_path / "a.jsonl", *FOUNDATION, product("old"), product("same")), pool)
    name = [{"attribute": "name", "locale": "en-US", "data": "Other"}]
    path = write(
        tmp_path / "b.jsonl",
        product("old", values=name),
        product("same"),
        product("new", categories=["cups"]),
        product("bad", family="boots", gtin="1", strict_gtin=True),
        {"type": "category", "code": "cups", "parent": "shop"},
        asset("front", grants=[]),
        hero("new", "front"),
    )
    before = await rows(pool)
    async with copy.acquire() as conn:
        await rehearse(conn)

    told = await load(path, copy, is_check=True)

    assert await rows(pool) == before
    assert told.by_type["products"] == {"created": 1, "updated": 1, "unchanged": 1, "rejected": 1}
    assert [(each.line, each.field) for each in told.refused] == [(4, "family"), (4, "gtin")]
    done = await load(path, pool)
    assert (done.counts, done.by_type) == (told.counts, told.by_type)


async def test_the_session_of_a_check_can_write_no_real_table(pool: Pool, copy: Pool) -> None:
    async with copy.acquire() as conn:
        await rehearse(conn)
        await conn.execute("DELETE FROM locale")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await conn.execute("DELETE FROM public.locale")
    assert await pool.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") > 0


async def test_a_check_whose_session_is_lost_writes_nothing(
    pool: Pool, copy: Pool, tmp_path: Path
) -> None:
    async with copy.acquire() as conn:
        await rehearse(conn)
        of_copy = conn.get_server_pid()
    await pool.execute("SELECT pg_terminate_backend($1)", of_copy)
    before = await rows(pool)
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await copy.fetchval("SELECT 1")  # meets the session that is gone
    path = write(tmp_path / "a.jsonl", *FOUNDATION)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await load(path, copy, is_check=True)
    assert await rows(pool) == before
