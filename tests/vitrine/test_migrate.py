"""Migrations go up, down and up again; the gateway's role can do no more than it must."""

import asyncio
import base64
import io
import uuid
from collections.abc import Generator

import asyncpg
import pytest
from PIL import Image

from catalog.changes import Changes
from catalog.db import Pool, connect
from catalog.events.model import Event, GatewayIdentity
from catalog.events.store import ask
from catalog.principal import COMMAND_LINE, OWN_SERVICES, UP
from catalog.subjects import asset_subject
from catalog.versions import DatabaseError, migrations_folder, require_database
from tests.support.databases import PASSWORD, Databases
from tests.support.people import TEST
from vitrine.migrate import ensure_login, migrate, run_dbmate

OUR_TABLES_SQL = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
OUR_OBJECTS_SQL = """
SELECT 'relation ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind <> 't'
UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
ORDER BY 1
"""


@pytest.fixture
def empty_database(databases: Databases) -> Generator[str]:
    with databases.fresh(template="template0") as name:
        yield databases.owner_url(name)


async def objects_of(url: str) -> list[str]:
    conn = await connect(url, application="test")
    try:
        return [row[0] for row in await conn.fetch(OUR_OBJECTS_SQL)]
    finally:
        await conn.close()


async def test_every_migration_goes_up_down_and_up_again(empty_database: str) -> None:
    await migrate(empty_database)
    migrated = await objects_of(empty_database)
    plain = f"{empty_database}&sslmode=disable"
    for _ in migrations_folder().glob("*.sql"):
        await run_dbmate(plain, "rollback")
    left = [o for o in await objects_of(empty_database) if "procrastinate" not in o]
    assert "relation event" in migrated
    assert [o for o in left if "schema_migrations" not in o and "(" not in o] == []
    await migrate(empty_database)
    assert await objects_of(empty_database) == migrated


async def test_drivers_of_before_go_on_being_purged_until_others_are_stated(
    empty_database: str,
) -> None:
    await migrate(empty_database)
    for each in sorted(migrations_folder().glob("*.sql")):
        if each.name >= "0023":
            await run_dbmate(f"{empty_database}&sslmode=disable", "rollback")
    conn = await connect(empty_database, application="test")
    try:
        await conn.execute(
            """INSERT INTO purge_driver (driver, circuit, failures, since)
               VALUES ('edge', 'closed', 0, now())"""
        )
        await migrate(empty_database)
        assert await conn.fetchval("SELECT is_in_use FROM purge_driver WHERE driver = 'edge'")
    finally:
        await conn.close()


async def test_a_picture_of_before_stands_as_its_main_colour_until_it_is_looked_at(
    empty_database: str,
) -> None:
    await migrate(empty_database)
    for each in sorted(migrations_folder().glob("*.sql")):
        if each.name >= "0044":
            await run_dbmate(f"{empty_database}&sslmode=disable", "rollback")
    conn = await connect(empty_database, application="test")
    try:
        await conn.execute(
            """INSERT INTO asset (id, public_id, code, kind, slug)
               VALUES (gen_random_uuid(), 'abcd', 'lamp', 'image', 'lamp');
               INSERT INTO asset_version (asset, n, sha256, bytes, mime, storage_key, master_key,
                                          dominant_rgb)
               SELECT id, 1, repeat('a', 64), 1, 'image/png', 'a', 'a', '#c04080' FROM asset"""
        )
        await migrate(empty_database)
        found = await conn.fetchrow("SELECT placeholder, notice FROM asset_version")
    finally:
        await conn.close()
    assert found is not None
    assert found["notice"] is None
    kind, _, body = found["placeholder"].partition(",")
    assert kind == "data:image/gif;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(body))).convert("RGB")
    assert (picture.size, picture.getpixel((0, 0))) == ((1, 1), (0xC0, 0x40, 0x80))


async def test_a_second_run_changes_nothing(database_url: str) -> None:
    before = await objects_of(database_url)
    await migrate(database_url)
    assert await objects_of(database_url) == before


async def test_many_hosts_may_migrate_at_once(empty_database: str) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(3)))
    assert "relation event" in await objects_of(empty_database)


async def test_a_database_out_of_reach_is_said_plainly() -> None:
    with pytest.raises(DatabaseError, match="cannot be reached"):
        await migrate("postgresql://nobody:secret@127.0.0.1:1/none")


async def test_rights_that_are_missing_are_said_before_anything_is_changed(
    databases: Databases, empty_database: str
) -> None:
    name = empty_database.partition("@/")[2].partition("?")[0]
    conn = await connect(empty_database, application="test")
    try:
        await conn.execute("CREATE ROLE a_novice LOGIN PASSWORD 'novice'")
        url = databases.postgres.url(name, user="a_novice", password="novice")
        with pytest.raises(DatabaseError, match="nothing was changed") as refused:
            await migrate(url)
        assert "`GRANT CREATE ON SCHEMA public TO a_novice`" in refused.value.message
        assert f"`GRANT CREATE ON DATABASE {name} TO a_novice`" in refused.value.message
        assert await objects_of(empty_database) == []
        await conn.execute(f"GRANT CREATE ON DATABASE {name} TO a_novice")
        await conn.execute("GRANT CREATE ON SCHEMA public TO a_novice")
        assert not (await migrate(url)).roles.is_held  # that takes a superuser
        assert (await migrate(empty_database)).roles.is_held
        assert not (await migrate(url)).roles.were_missing
    finally:
        await conn.execute("DROP OWNED BY a_novice CASCADE; DROP ROLE a_novice")
        await conn.close()


async def test_a_database_that_was_restored_without_its_roles_gets_them_again(
    database_url: str, gateway_pool: Pool, pool: Pool
) -> None:
    await pool.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM vitrine_gateway")
    await pool.execute("REVOKE ALL ON FUNCTION gateway_report FROM vitrine_gateway")
    assert (await migrate(database_url)).roles.were_missing
    async with gateway_pool.acquire() as conn:
        await ask(conn, applied=None, gateway=GatewayIdentity.new())
    assert not (await migrate(database_url)).roles.were_missing


async def test_a_database_of_another_server_is_mended_before_it_is_worked_on(
    pool: Pool, database_url: str
) -> None:
    await migrate(database_url)
    async with Changes(pool=pool).begin(TEST) as change:
        subjects = (asset_subject("aaaa"),)
        await change.record(
            Event(type="rights.changed", subject="asset/aaaa", version=1, subjects=subjects)
        )
    await pool.execute("UPDATE event SET xid8 = '999999999'")
    with pytest.raises(DatabaseError, match="backup of another server: run `vitrine migrate`"):
        await require_database(database_url)
    assert (await migrate(database_url)).is_restored
    await require_database(database_url)
    assert not (await migrate(database_url)).is_restored


async def test_a_copy_is_told_from_what_it_is_a_copy_of(
    databases: Databases, database_url: str, database_name: str
) -> None:
    await migrate(database_url)
    with databases.fresh(database_name) as copy:
        assert (await migrate(databases.owner_url(copy))).is_restored


async def test_a_gateway_can_write_nothing(gateway_pool: Pool) -> None:
    tables = [row[0] for row in await gateway_pool.fetch(OUR_TABLES_SQL)]
    assert len(tables) > 40
    for table in tables:
        for verb in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway_pool.execute(verb.format(table))
    writable = await gateway_pool.fetch(
        "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(c.oid, attnum, 'UPDATE')"
    )
    assert writable == []


async def test_a_gateway_cannot_read_api_keys(gateway_pool: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway_pool.fetch("SELECT * FROM api_key")


async def test_a_gateway_cannot_make_objects_or_jobs(gateway_pool: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway_pool.execute("CREATE TABLE mine ()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway_pool.fetch(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('q', 't', 0, NULL, NULL, '{}', NULL)"
            "::procrastinate_job_to_defer_v1])"
        )


async def test_a_gateway_reports_through_its_function(gateway_pool: Pool, pool: Pool) -> None:
    gateway, secret = uuid.uuid4(), uuid.uuid4()
    report = "SELECT gateway_report($1, pg_current_snapshot(), $2, $3, $4, secret => $5)"
    denial = {
        "asset": "7f3k2cq9",
        "reason": "TERRITORY",
        "country": "FR",
        "channel": "d2c",
        "minute": "2026-03-01T12:00:00Z",
        "count": 2,
    }
    egress = {
        "asset": "7f3k2cq9",
        "preset": "card",
        "channel": "d2c",
        "country": "DE",
        "how": "direct",
        "minute": "2026-03-01T12:00:00Z",
        "bytes": 5000,
        "requests": 3,
    }
    broken = {"kind": "source", "subject": "asset:7f3k2cq9", "cause": "missing"}
    for _ in range(2):
        await gateway_pool.execute(report, gateway, [denial], [egress], [broken], secret)
    assert await pool.fetchval("SELECT count FROM denial") == 4
    assert await pool.fetchval("SELECT bytes FROM egress") == 10_000
    assert await pool.fetchval("SELECT count FROM task") == 2
    assert await pool.fetchval("SELECT snapshot IS NOT NULL FROM gateway WHERE id = $1", gateway)
    await gateway_pool.execute(
        "SELECT gateway_report($1, leaving => true, secret => $2)", gateway, secret
    )
    assert await pool.fetchval("SELECT count(*) FROM gateway") == 0


async def test_the_gateways_login_has_only_its_newest_password(
    database_url: str, databases: Databases, database_name: str
) -> None:
    url = await ensure_login(database_url, "vitrine_gateway", "a b/c:d@e'")
    conn = await connect(url, application="test")
    assert await conn.fetchval("SELECT current_user") == "vitrine_gateway_login"
    await conn.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(databases.gateway_url(database_name), application="test")
    await ensure_login(database_url, "vitrine_gateway", PASSWORD)


async def test_letters_beyond_ascii_are_letters(pool: Pool) -> None:
    assert await pool.fetchval("SELECT lower('ÄÖÜ') || upper('é')") == "äöüÉ"


async def test_who_was_a_text_becomes_a_principal(empty_database: str) -> None:
    await migrate(empty_database)
    for each in sorted(migrations_folder().glob("*.sql")):
        if each.name >= "0046":
            await run_dbmate(f"{empty_database}&sslmode=disable", "rollback")
    conn = await connect(empty_database, application="test")
    try:
        await conn.execute(
            """INSERT INTO api_key (id, name, hash, scopes, revoked_at) VALUES
                   (gen_random_uuid(), 'cms', '1', '{read}', now()),
                   (gen_random_uuid(), 'cms', '2', '{read}', NULL),
                   (gen_random_uuid(), 'relay', '4', '{read}', NULL),
                   (gen_random_uuid(), 'vitrine up', '3', '{admin}', NULL);
               INSERT INTO event (id, type, subject, aggregate_version, data, actor)
               SELECT gen_random_uuid(), 'a.done', 'a/1', 1, '{}', actor
               FROM unnest(ARRAY['cms', 'cli', 'someone']) AS actor;
               INSERT INTO shared_setting (name, shown, stated_by)
               VALUES ('a', 'b', 'an operator')"""
        )
        await migrate(empty_database)
        who = "SELECT p.kind, p.name, p.ended_at IS NULL FROM principal AS p WHERE p.id = "
        events = await conn.fetch("SELECT actor FROM event WHERE subject = 'a/1' ORDER BY seq")
        assert [tuple(await conn.fetchrow(f"{who} $1", row["actor"]) or ()) for row in events] == [
            ("service", "cms", True),
            ("service", "cli", True),
            ("service", "someone", False),
        ]
        keys = await conn.fetch("SELECT DISTINCT name, principal_id FROM api_key ORDER BY name")
        assert [row["name"] for row in keys] == ["cms", "relay", "vitrine up"]
        ours, relays, ups = (row["principal_id"] for row in keys)
        assert (ours, ups) == (events[0]["actor"], UP.id)
        service = await conn.fetchrow(f"{who} $1", relays)
        assert service is not None
        assert service["name"] == "relay (key)"  # not our own relay
        stated = await conn.fetchval("SELECT stated_by FROM shared_setting WHERE name = 'a'")
        assert stated == COMMAND_LINE.id  # there an operator was
    finally:
        await conn.close()


async def test_the_own_services_are_those_of_the_code(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT id, name FROM principal WHERE id::text LIKE '00000000-0000-7000-%'"
    )
    assert {row["id"]: row["name"] for row in rows} == {
        each.id: each.name for each in OWN_SERVICES.values()
    }
