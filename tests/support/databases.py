"""One PostgreSQL for all tests, and a fresh, migrated database for each."""

import asyncio
import itertools
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from vitrine.embedded.postgres import EmbeddedPostgres, run_postgres
from vitrine.migrate import ensure_gateway_login, migrate

_TEMPLATE = "vitrine"
GATEWAY_PASSWORD = "gateway"
# A test's data need not survive a crash of the machine.
_PARAMETERS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "Pacific/Chatham",  # whoever leans on the server's zone fails here
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """A running server with a migrated template database."""

    postgres: EmbeddedPostgres
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def fresh(self, template: str = _TEMPLATE) -> Generator[str]:
        """Make a database from a template, yield its name, and drop it at the end."""
        name = sql.Identifier(f"test_{next(self._numbers)}")
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    name, sql.Identifier(template)
                )
            )
        yield name.as_string().strip('"')
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def owner_url(self, name: str) -> str:
        """Return the URL of a database for its owner."""
        return self.postgres.url(name)

    def gateway_url(self, name: str) -> str:
        """Return the URL of a database for a login that may do what a gateway may."""
        return self.postgres.url(name, user="vitrine_gateway_login", password=GATEWAY_PASSWORD)


@contextmanager
def run_databases(home: Path) -> Generator[Databases]:
    """Start PostgreSQL in an empty home, migrate the template, and remove all at the end."""
    try:
        with run_postgres(home, parameters=_PARAMETERS) as postgres:
            asyncio.run(migrate(postgres.url()))
            asyncio.run(ensure_gateway_login(postgres.url(), GATEWAY_PASSWORD))
            yield Databases(postgres=postgres)
    finally:
        shutil.rmtree((home / "postgres").resolve())
