"""A database that is not there, wrong, empty, older or newer is named with what to do."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from catalog.versions import DatabaseError, needed_migrations, require_database
from tests.support.databases import Databases
from vitrine.migrate import migrate

_STRANGER = "CREATE ROLE a_stranger LOGIN PASSWORD 'stranger'"


@contextmanager
def database_with(databases: Databases, statement: str, *, template: str) -> Generator[str]:
    with databases.fresh(template) as name:
        with psycopg.connect(databases.owner_url(name), autocommit=True) as conn:
            conn.execute(statement.encode())
        yield databases.owner_url(name)


async def test_a_database_of_this_version_is_worked_on(
    database_url: str, gateway_database_url: str
) -> None:
    assert (await require_database(database_url)).applied == needed_migrations()
    assert (await require_database(database_url)).may_write
    assert not (await require_database(gateway_database_url, "gateway")).may_write


@pytest.mark.parametrize(
    ("template", "statement", "says", "may_be_migrated"),
    [
        ("template0", "SELECT 1", "is empty: run `vitrine migrate`", True),
        (
            "template0",
            "CREATE EXTENSION pg_stat_statements; CREATE TABLE procrastinate_jobs ()",
            "is empty: run `vitrine migrate`",
            True,
        ),
        ("template0", "CREATE TABLE orders ()", "tables that are not Vitrine's", False),
        (
            "template0",
            "CREATE TABLE schema_migrations AS SELECT '2020' AS version; CREATE TABLE event ()",
            "tables that are not Vitrine's",
            False,
        ),
        (
            "vitrine",
            "DELETE FROM schema_migrations WHERE version > '0016'",
            "is older than this version, .* run `vitrine migrate`",
            True,
        ),
        (
            "vitrine",
            "INSERT INTO schema_migrations VALUES ('9999')",
            "is newer than this version, .* migration 9999: run the version that migrated it",
            False,
        ),
    ],
    ids=["empty", "empty but for extensions and jobs", "wrong", "another's", "older", "newer"],
)
async def test_a_database_of_another_kind_is_refused_with_what_to_do(
    databases: Databases, template: str, statement: str, says: str, *, may_be_migrated: bool
) -> None:
    with database_with(databases, statement, template=template) as url:
        with pytest.raises(DatabaseError, match=says):
            await require_database(url)
        if not may_be_migrated:
            with pytest.raises(DatabaseError, match=says):
                await migrate(url)


async def test_whoever_is_not_let_in_is_told_which_setting_to_correct(
    databases: Databases, database_name: str, gateway_database_url: str
) -> None:
    for url, says in (
        (databases.owner_url("nowhere"), r'"nowhere" does not exist: make it .* VITRINE_DATABASE'),
        (databases.postgres.url(database_name, password="no"), "refuses the login .*: correct"),
        ("postgresql://nobody:hunter2@127.0.0.1:1/none", "cannot be reached .*: start it"),
        ("mysql://nobody:hunter2@127.0.0.1:hunter2/none", "is no URL of a database"),
        (gateway_database_url, "may not write .* the owner of its tables"),
    ):
        with pytest.raises(DatabaseError, match=says) as refused:
            await require_database(url)
        assert "hunter2" not in refused.value.message
        assert "\n" not in refused.value.message


async def test_a_gateway_whose_login_lacks_the_role_is_told_how_it_gets_it(
    databases: Databases, database_name: str
) -> None:
    admin = databases.postgres.url("postgres")
    with psycopg.connect(admin, autocommit=True) as conn, ExitStack() as stack:
        conn.execute(_STRANGER)
        stack.callback(conn.execute, "DROP ROLE a_stranger")
        url = databases.postgres.url(database_name, user="a_stranger", password="stranger")
        with pytest.raises(DatabaseError, match="`GRANT vitrine_gateway TO a_stranger`"):
            await require_database(url, "gateway")
