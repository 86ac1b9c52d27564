"""The gateway's login may read what it decides by and report; nothing else, whoever holds it."""

import asyncpg
import pytest

from catalog.db import Pool
from catalog.events.model import GatewayIdentity
from catalog.events.store import ask, leave, report
from vitrine import roles
from vitrine.migrate import migrate

READABLE = {
    *("asset", "asset_epoch", "asset_licence", "asset_state", "asset_version", "channel"),
    *("collection", "collection_asset", "event", "gateway", "licence", "live_asset", "preset"),
    *("product", "publication", "purge", "rights_grant", "rights_restriction", "signing_key"),
    *("schema_migrations", "shared_setting", "territory_member", "territory_set"),
}
RELATIONS_SQL = """
SELECT c.relname AS name, quote_ident(min(a.attname)) AS a_column,
       c.relkind IN ('r', 'p') AS is_table
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND a.attgenerated = '' AND a.attidentity = ''
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY c.oid
"""
SEQUENCES_SQL = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
"""
# Not those of extensions, and not what only a trigger can call.
FUNCTIONS_SQL = """
SELECT p.proname AS name, p.prosecdef AS is_owners, p.provolatile <> 'v' AS only_reads
FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
    AND p.prorettype <> 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
REPORTED_SQL = """
SELECT (SELECT count(*) FROM gateway) AS gateways, (SELECT count(*) FROM denial) AS denials
"""
DEFER_SQL = "SELECT procrastinate_defer_periodic_job_v2('q', null, null, 't', 0, 'p', 0, '{}')"


async def test_the_login_reads_what_a_gateway_decides_by_and_no_other_table(
    pool: Pool, gateway_pool: Pool
) -> None:
    names = {row["name"] for row in await pool.fetch(RELATIONS_SQL)}
    assert READABLE | {"api_key", "denial", "egress", "procrastinate_jobs"} <= names
    for name in names:
        statement = f'SELECT FROM "{name}" LIMIT 1'
        if name in READABLE:
            await gateway_pool.execute(statement)
        else:
            await _is_refused(gateway_pool, statement)


async def test_the_login_writes_to_no_table(pool: Pool, gateway_pool: Pool) -> None:
    tables = [row for row in await pool.fetch(RELATIONS_SQL) if row["is_table"]]
    assert len(tables) > len(READABLE)
    for row in tables:
        name, column = f'"{row["name"]}"', row["a_column"]
        for statement in (
            f"INSERT INTO {name} DEFAULT VALUES",
            f"UPDATE {name} SET {column} = NULL",  # noqa: S608 - names of the catalogue
            f"DELETE FROM {name}",  # noqa: S608 - a name of the catalogue
            f"TRUNCATE {name} CASCADE",
            f"DO $$ BEGIN LOCK TABLE {name} IN ROW EXCLUSIVE MODE; END $$",
        ):
            await _is_refused(gateway_pool, statement)
    for row in await pool.fetch(SEQUENCES_SQL):
        await _is_refused(gateway_pool, f"SELECT nextval('\"{row['relname']}\"')")


async def test_the_functions_with_their_owners_rights_are_the_reports(
    pool: Pool, gateway_pool: Pool
) -> None:
    functions = await gateway_pool.fetch(FUNCTIONS_SQL)
    reports = {"gateway_report", "gateway_describes"}
    assert {row["name"] for row in functions if row["is_owners"]} == reports
    # what else could write is the job queue's, and stops at its tables
    others = {row["name"] for row in functions if not (row["is_owners"] or row["only_reads"])}
    assert {name for name in others if not name.startswith("procrastinate_")} == set()
    denial: dict[str, object] = {"asset": "a", "reason": "R", "country": "DE", "channel": "d2c"}
    denial |= {"minute": "2026-01-01T00:00:00Z", "count": 1}
    async with gateway_pool.acquire() as conn:
        await report(conn, GatewayIdentity.new(), denials=[denial], egresses=[], tasks=[])
    counted = await pool.fetchrow(REPORTED_SQL)
    assert counted is not None
    assert dict(counted) == {"gateways": 1, "denials": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (n int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "GRANT SELECT ON api_key TO CURRENT_USER",
        "SET ROLE vitrine",
        "SET SESSION AUTHORIZATION vitrine",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP VIEW live_asset",
        "ALTER SYSTEM SET fsync = off",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vitrine'",
        DEFER_SQL,
    ],
)
async def test_the_login_makes_becomes_and_reaches_nothing(
    gateway_pool: Pool, statement: str
) -> None:
    await _is_refused(gateway_pool, statement)


async def test_what_anybody_may_do_is_taken_from_it(
    database_url: str, pool: Pool, gateway_pool: Pool
) -> None:
    await migrate(database_url)  # a database that is copied has lost the rights on itself
    for statement in (
        "CREATE TEMP TABLE x AS SELECT generate_series(1, 10)",
        "SELECT lo_from_bytea(0, 'kept for ever')",
        "SELECT lo_create(0)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT pg_notify('vitrine_events', '')",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "SELECT pg_terminate_backend(pg_backend_pid())",
    ):
        await _is_refused(gateway_pool, statement)
    assert await pool.fetchval("SELECT lo_create(0)")  # whoever owns the tables keeps it


async def test_a_gateway_speaks_for_itself_alone(pool: Pool, gateway_pool: Pool) -> None:
    one, other = GatewayIdentity.new(), GatewayIdentity.new()
    async with gateway_pool.acquire() as conn:
        await ask(conn, applied=None, gateway=one)
    before = await pool.fetch("SELECT * FROM gateway")
    for statement in (
        "SELECT gateway_report((SELECT id FROM gateway LIMIT 1), pg_current_snapshot())",
        "SELECT gateway_report(id, leaving => true) FROM gateway",
        "SELECT gateway_report(gen_random_uuid(), pg_current_snapshot())",
        f"SELECT gateway_report(id, secret => '{other.secret}') FROM gateway",  # noqa: S608 - ours
        f"SELECT gateway_report('{one.id}', leaving => true, secret => '{other.secret}')",
    ):
        await _is_refused(gateway_pool, statement)
    assert await pool.fetch("SELECT * FROM gateway") == before
    async with gateway_pool.acquire() as conn:
        await leave(conn, one)
    assert await pool.fetch("SELECT * FROM gateway") == []


async def test_a_gateway_from_before_it_had_a_secret_goes_on(
    pool: Pool, gateway_pool: Pool
) -> None:
    before = "INSERT INTO gateway (id, seen_at) VALUES (gen_random_uuid(), '2026-01-01Z')"
    await pool.execute(before)
    report_of_then = "SELECT gateway_report(id, pg_current_snapshot()) FROM gateway"
    await gateway_pool.execute(report_of_then)
    assert await pool.fetchval("SELECT snapshot IS NOT NULL FROM gateway")


def test_what_a_migration_grants_is_granted_again_after_a_restore() -> None:
    assert set(roles.READABLE) == READABLE


async def _is_refused(pool: Pool, statement: str) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
