"""Processes add to the audit, and can neither change nor remove what is there."""

from collections.abc import AsyncGenerator

import pytest

from catalog.changes import Changes
from catalog.db import PRIVILEGE_MISSING, Pool, open_pool
from catalog.events.model import Event
from tests.support.people import ADA
from vitrine.migrate import migrate
from vitrine.roles import APPENDED


@pytest.fixture
async def process_pool(process_database_url: str) -> AsyncGenerator[Pool]:
    async with open_pool(process_database_url, application="test process") as opened:
        yield opened


async def test_a_process_writes_the_audit(process_pool: Pool) -> None:
    async with Changes(pool=process_pool).begin(ADA) as change:
        await change.record(Event(type="thing.changed", subject="thing/a", version=1))
    assert await process_pool.fetchval("SELECT count(*) FROM audit") == 1


@pytest.mark.parametrize("table", APPENDED)
async def test_a_process_rewrites_nothing_there(process_pool: Pool, table: str) -> None:
    column = "key" if table == "audit_seal" else "id"
    for attempt in (
        "UPDATE {} SET {} = DEFAULT",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "SELECT 1 FROM {} FOR UPDATE",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "CREATE RULE r AS ON INSERT TO {} DO INSTEAD NOTHING",
    ):
        with pytest.raises(PRIVILEGE_MISSING):
            await process_pool.execute(attempt.format(table, column))


async def test_rights_that_were_given_by_hand_are_taken_at_the_next_migration(
    pool: Pool, process_pool: Pool, database_url: str
) -> None:
    await pool.execute("GRANT UPDATE, DELETE ON audit TO vitrine_process")
    await process_pool.execute("DELETE FROM audit")
    assert (await migrate(database_url)).roles.were_missing
    with pytest.raises(PRIVILEGE_MISSING):
        await process_pool.execute("DELETE FROM audit")
    assert not (await migrate(database_url)).roles.were_missing


async def test_a_process_may_make_temporary_tables_as_checks_of_imports_do(
    process_pool: Pool, gateway_database_url: str
) -> None:
    await process_pool.execute("CREATE TEMP TABLE copied (LIKE product)")
    async with open_pool(gateway_database_url, application="test gateway") as gateway:
        with pytest.raises(PRIVILEGE_MISSING):
            await gateway.execute("CREATE TEMP TABLE copied (LIKE product)")
