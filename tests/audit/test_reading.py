"""The audit is read by object, by person and by time, and exported."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.audit.reading_store import (
    AuditEntry,
    AuditFilter,
    all_entries,
    list_sql,
    newest_entries,
)
from catalog.changes import Changes
from catalog.db import Pool
from catalog.events.model import Event
from tests.support.commands import vitrine
from tests.support.people import ADA, LAWYER
from vitrine.migrate import migrations_folder


async def test_it_is_exported(pool: Pool, database_url: str) -> None:
    for who, name in ((ADA, "a"), (LAWYER, "b"), (ADA, "c")):
        async with Changes(pool=pool).begin(who) as change:
            event = Event(
                type="thing.changed", subject=f"thing/{name}", version=1, after={"name": name}
            )
            await change.record(event)

    def export(*arguments: str) -> list[dict[str, Any]]:
        done = vitrine("audit", "export", *arguments, database_url=database_url)
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert [each["after"]["name"] for each in export()] == ["a", "b", "c"]
    assert [each["subject"] for each in export("--principal", str(ADA.id))] == [
        "thing/a",
        "thing/c",
    ]
    assert [each["actor"] for each in export("--subject", "thing/b")] == [str(LAWYER.id)]
    assert export("--since", "2999-01-01") == []


INSERT_SQL = """
INSERT INTO audit (event, time, actor, type, subject, data)
SELECT gen_random_uuid(), '2026-01-01T00:00:00Z'::timestamptz + (n * 37 % 2000) * interval '1 s',
       md5((n % 40)::text)::uuid, 'thing.changed', 'thing/' || n % 50, '{}'
FROM generate_series(0, 1999) AS n
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (AuditFilter(), "audit_time"),
        (AuditFilter(subject="thing/7"), "audit_subject"),
        (AuditFilter(actor=ADA.id), "audit_actor"),
        (AuditFilter(since=START + timedelta(seconds=60)), "audit_time"),
        (AuditFilter(until=START + timedelta(seconds=60)), "audit_time"),
        (AuditFilter(subject="thing/7", since=START, until=START), "audit_subject"),
    ],
)
async def test_each_filter_reads_no_more_of_an_index_than_a_page(
    pool: Pool, wanted: AuditFilter, index: str, *, newest_first: bool
) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(INSERT_SQL)
        await conn.execute("ANALYZE audit")
        # so few rows would be sorted: of many an index gives the order
        await conn.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        statement, values = list_sql(wanted, 10, behind=1_000, newest_first=newest_first)
        (planned,) = await conn.fetchval(f"EXPLAIN (FORMAT json) {statement}", *values)
    assert planned["Plan"]["Node Type"] == "Limit"
    (scan,) = (
        each for each in planned["Plan"]["Plans"] if each.get("Parent Relationship") != "InitPlan"
    )
    assert scan["Index Name"] == index, scan
    assert "Filter" not in scan
    assert "ROW(" in scan["Index Cond"]


async def test_pages_go_by_time_and_miss_nothing(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(INSERT_SQL)
        wanted = AuditFilter(subject="thing/7")
        newest: list[AuditEntry] = []
        while page := await newest_entries(
            conn, wanted, before=newest[-1].id if newest else None, limit=7
        ):
            newest += page
        oldest = [each async for each in all_entries(conn, wanted)]
    assert newest == oldest[::-1]
    assert len(newest) == 40
    assert newest == sorted(newest, key=lambda each: (each.time, each.id), reverse=True)


INDEXES_SQL = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit' ORDER BY indexname
"""


async def test_an_audit_from_before_gets_the_indexes_of_a_new_one(pool: Pool) -> None:
    async with pool.acquire() as conn:
        new = await conn.fetch(INDEXES_SQL)
        await conn.execute("DROP INDEX audit_time, audit_subject, audit_actor")
        await conn.execute("CREATE INDEX audit_subject ON audit (subject, id)")
        migration = (migrations_folder() / "0048_audit_by_time.sql").read_text()
        await conn.execute(migration.partition("-- migrate:down")[0])
        assert await conn.fetch(INDEXES_SQL) == new
