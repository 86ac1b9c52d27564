"""One PostgreSQL for all tests, and a fresh, migrated database for each."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.people import add_people
from vitrine.embedded.postgres import EmbeddedPostgres, run_postgres
from vitrine.migrate import ensure_login, migrate
from vitrine.roles import ROLES

_TEMPLATE = "vitrine"
PASSWORD = "restricted"
# A test's data need not survive a crash of the machine.
_PARAMETERS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "scram_iterations": "1000",  # the fewest that dbmate takes: they were most of a connection
    "max_connections": "200",
    "timezone": "Pacific/Chatham",  # whoever leans on the server's zone fails here
}
# A database is 600 files, whose making and removing costs a disk ten times what memory takes.
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder
_MEMORY_BYTES = 512 << 20  # free, for the two or three databases that a test has at once


#: What a migrated template lets nobody do any more, a copy lets nobody do either.
_RIGHTS = """
REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC;
GRANT TEMPORARY ON DATABASE {0} TO vitrine_process
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """A running server with a migrated template database.

    Attributes:
        postgres: the server.
        tablespace: where the databases of tests are.
    """

    postgres: EmbeddedPostgres
    tablespace: str
    _admin: psycopg.Connection
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def fresh(self, template: str = _TEMPLATE) -> Generator[str]:
        """Make a database from a template, yield its name, and drop it at the end."""
        name = sql.Identifier(f"test_{next(self._numbers)}")
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY TABLESPACE {}")
        names = (name, sql.Identifier(template), sql.Identifier(self.tablespace))
        self._admin.execute(copy.format(*names))
        if template == _TEMPLATE:
            self._admin.execute(sql.SQL(_RIGHTS).format(name))
        try:
            yield name.as_string().strip('"')
        finally:
            self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def owner_url(self, name: str) -> str:
        """Return the URL of a database for its owner."""
        return self.postgres.url(name)

    def gateway_url(self, name: str) -> str:
        """Return the URL of a database for a login that may do what a gateway may."""
        return self.postgres.url(name, user="vitrine_gateway_login", password=PASSWORD)

    def process_url(self, name: str) -> str:
        """Return the URL of a database for a login that may do what api, purger and relay may."""
        return self.postgres.url(name, user="vitrine_process_login", password=PASSWORD)


@contextmanager
def run_databases(home: Path) -> Generator[Databases]:
    """Start PostgreSQL in an empty home, migrate the template, and remove all at the end."""
    try:
        with _memory() as memory, run_postgres(home, parameters=_PARAMETERS) as postgres:
            asyncio.run(migrate(postgres.url()))
            for role in ROLES:
                asyncio.run(ensure_login(postgres.url(), role, PASSWORD))
            with psycopg.connect(postgres.url(), autocommit=True) as template:
                add_people(template)
            with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
                admin.execute(
                    sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(postgres.password)
                )
                tablespace = "pg_default"
                if memory:
                    tablespace = "memory"
                    os.chown(memory, (home / "postgres" / "data").stat().st_uid, -1)
                    admin.execute(sql.SQL("CREATE TABLESPACE memory LOCATION {}").format(memory))
                yield Databases(postgres=postgres, tablespace=tablespace, _admin=admin)
    finally:
        shutil.rmtree((home / "postgres").resolve())


@contextmanager
def _memory() -> Generator[str | None]:
    """Yield a folder in memory; None where there is no room."""
    if not _MEMORY.exists() or shutil.disk_usage(_MEMORY).free < _MEMORY_BYTES:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="vitrine-", dir=_MEMORY) as folder:
        yield folder
