"""Whether a database is there, is Vitrine's, and has the version that this code needs.

Every process and command asks `require_database` before it works; `vitrine migrate` looks with the
same eyes before it changes anything. The version of a database is the set of its migrations.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

from catalog.db import (
    DATABASE_FAILED,
    DATABASE_UNKNOWN,
    LOGIN_REFUSED,
    OPERATORS_TO_MEND,
    PRIVILEGE_MISSING,
    Connection,
    connect,
)
from catalog.errors import VitrineError

#: Whose login it is: of the tables' owner, or one that has only the role `vitrine_gateway`.
Access: TypeAlias = Literal["owner", "gateway"]

_CLONE = Path(__file__).parents[1]
_OLDEST_SERVER = 15
_SETTINGS: dict[Access, str] = {
    "owner": "VITRINE_DATABASE_URL",
    "gateway": "VITRINE_GATEWAY_DATABASE_URL",
}

STATE_SQL = """
SELECT current_user AS login, current_database() AS database,
       current_setting('server_version_num')::int / 10000 AS server,
       pg_is_in_recovery() AS is_standby,
       to_regclass('public.schema_migrations') IS NOT NULL AS is_migrated,
       coalesce(has_table_privilege(to_regclass('public.schema_migrations'), 'SELECT'), false)
           AS may_read_version,
       coalesce(has_table_privilege(to_regclass('public.event'), 'SELECT'), false) AS may_read,
       coalesce(has_table_privilege(to_regclass('public.event'), 'INSERT'), false) AS may_write,
       coalesce(has_table_privilege(to_regclass('public.audit'), 'UPDATE'), false)
           AS may_change_audit,
       EXISTS (
           SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
             AND c.relname <> 'schema_migrations' AND c.relname NOT LIKE 'procrastinate\\_%'
             AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
       ) AS has_tables
"""
# A visible event has a number below that of any transaction to come, unless another server gave it.
IS_AHEAD_SQL = """
SELECT EXISTS (SELECT FROM event
               WHERE subjects <> '{}' AND xid8 >= pg_snapshot_xmax(pg_current_snapshot()))
"""
APPLIED_SQL = "SELECT version FROM public.schema_migrations"


class DatabaseError(VitrineError):
    """The database cannot be worked on; the message says why and what to do."""

    code: ClassVar[str] = "DATABASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """What a login finds in a database.

    Attributes:
        server: major version of PostgreSQL.
        is_migrated: whether there is a table of migrations.
        has_tables: whether there are tables besides those of migrations, jobs and extensions.
        may_read_version: whether the login may read the table of migrations.
        may_read: whether it may read events, as every process of ours does.
        may_write: whether it may append events, as an owner does and no gateway should.
        may_change_audit: whether it may rewrite who did what, as only an owner should.
        applied: the migrations that the database has, as far as the login may read them.
    """

    login: str
    database: str
    server: int
    is_standby: bool
    is_migrated: bool
    has_tables: bool
    may_read_version: bool
    may_read: bool
    may_write: bool
    may_change_audit: bool
    applied: frozenset[str]


def migrations_folder() -> Path:
    """Return the folder of the SQL files: of the clone, else of the installed package."""
    clone = _CLONE / "migrations"
    return clone if clone.is_dir() else _CLONE / "vitrine" / "migrations"


@cache
def needed_migrations() -> frozenset[str]:
    """Return the migrations that this code needs, by their numbers."""
    return frozenset(path.name.partition("_")[0] for path in migrations_folder().glob("[0-9]*.sql"))


async def require_database(url: str, access: Access = "owner") -> DatabaseState:
    """See that a database is there, is ours, and has just the migrations that this code needs.

    Raises:
        DatabaseError: it is not; the message says what to do.
    """
    async with checked_connection(url, access, application="vitrine") as conn:
        state = await read_state(conn)
        problem = unusable(state) or _login_problem(state, access) or _version_problem(state)
        if problem is None and await conn.fetchval(IS_AHEAD_SQL):
            problem = (
                f"the database {state.database} comes from a backup of another server: run "
                "`vitrine migrate`, which mends it and says what a restore revives"
            )
    if problem is not None:
        raise DatabaseError(problem)
    return state


@asynccontextmanager
async def checked_connection(
    url: str, access: Access = "owner", *, application: str
) -> AsyncGenerator[Connection]:
    """Connect until the block ends.

    Raises:
        DatabaseError: that is not possible, or the database refuses something meanwhile.
    """
    try:
        conn = await connect(url, application=application)
    except (*DATABASE_FAILED, ValueError) as error:
        failure = database_error(error, access)
        raise failure from error
    try:
        yield conn
    except OPERATORS_TO_MEND as error:
        failure = database_error(error, access)
        raise failure from error
    finally:
        await conn.close()


async def read_state(conn: Connection) -> DatabaseState:
    """Look at a database, whatever it is."""
    row = await conn.fetchrow(STATE_SQL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    applied = await conn.fetch(APPLIED_SQL) if row["may_read_version"] else []
    return DatabaseState(**row, applied=frozenset(each["version"] for each in applied))


def unusable(state: DatabaseState) -> str | None:
    """Say why a database can neither be worked on nor be migrated to this version."""
    name = f"the database {state.database}"
    if state.server < _OLDEST_SERVER:
        return f"{name} is on PostgreSQL {state.server}: {_OLDEST_SERVER} or newer is needed"
    if state.is_standby:
        return f"{name} is on a standby, which takes no changes: name the primary"
    if not state.has_tables:
        return None
    is_known = bool(state.applied & needed_migrations())
    if not state.is_migrated or (state.may_read_version and not is_known):
        return (
            f"{name} holds tables that are not Vitrine's: name Vitrine's own database, or make an "
            "empty one (`CREATE DATABASE …`) and run `vitrine migrate`"
        )
    unknown = state.applied - needed_migrations()
    if unknown:
        return (
            f"{name} is newer than this version, which does not know its migration {max(unknown)}: "
            "run the version that migrated it, or restore a backup from before"
        )
    return None


def database_error(error: BaseException, access: Access = "owner") -> DatabaseError:
    """Say what a failure to connect, or of a session, means to whoever operates the database."""
    setting = _SETTINGS[access]
    if isinstance(error, DATABASE_UNKNOWN):
        return DatabaseError(
            f"{_in_a_line(error)}: make it (`CREATE DATABASE …`) and run `vitrine migrate`, or "
            f"correct {setting}"
        )
    if isinstance(error, LOGIN_REFUSED):
        return DatabaseError(
            f"the database refuses the login ({_in_a_line(error)}): correct {setting}"
        )
    if isinstance(error, PRIVILEGE_MISSING):
        return DatabaseError(
            f"the login may not do this ({_in_a_line(error)}): {setting} has to name "
            + ("the owner of the tables" if access == "owner" else "a login of `vitrine_gateway`")
        )
    if isinstance(error, ValueError):  # its words may repeat a password
        return DatabaseError(
            f"{setting} is no URL of a database: write "
            "postgresql://user:password@host:port/database"
        )
    return DatabaseError(
        f"the database cannot be reached ({_in_a_line(error)}): start it, or correct {setting}"
    )


def _login_problem(state: DatabaseState, access: Access) -> str | None:
    if not state.has_tables:
        return None  # it is empty, whoever asks
    if access == "gateway" and not state.may_read:
        return (
            f"the login {state.login} may not read the database {state.database}: run `vitrine "
            "migrate`, which makes the role vitrine_gateway and gives it its rights, then "
            f"`GRANT vitrine_gateway TO {state.login}`"
        )
    if access == "owner" and not state.may_write:
        return (
            f"the login {state.login} may not write to the database {state.database}: "
            f"{_SETTINGS[access]} has to name the owner of its tables, or for a process a login of "
            "`vitrine_process`"
        )
    return None


def _version_problem(state: DatabaseState) -> str | None:
    missing = needed_migrations() - state.applied
    if not missing:
        return None
    name = f"the database {state.database}"
    if not state.has_tables:
        return f"{name} is empty: run `vitrine migrate`"
    return (
        f"{name} is older than this version, which needs its migration {max(missing)}: run "
        "`vitrine migrate`"
    )


def _in_a_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
