"""A PostgreSQL of the test's own, that can be killed and started again on the same data."""

import asyncio
import shutil
from contextlib import ExitStack
from pathlib import Path

from tests.support.databases import PASSWORD
from vitrine.embedded.postgres import EmbeddedPostgres, run_postgres
from vitrine.migrate import ensure_login, migrate

# A commit must outlive the server's end, but not the machine's.
_PARAMETERS = {"fsync": "off", "full_page_writes": "off", "max_connections": "60"}


class OwnPostgres:
    """Its address stays the same over its lives: a link to wherever its socket is.

    Args:
        home: holds its data.
        address: an empty place with a short path, for the link.
    """

    def __init__(self, home: Path, address: Path) -> None:
        self._home = home
        self._address = address
        self._lives = ExitStack()
        self._postgres: EmbeddedPostgres | None = None

    async def start(self) -> None:
        """Start it, making and migrating the database if there is none."""
        postgres = await asyncio.to_thread(
            self._lives.enter_context, run_postgres(self._home, parameters=_PARAMETERS)
        )
        self._address.unlink(missing_ok=True)
        self._address.symlink_to(postgres.socket_folder)
        if self._postgres is None:
            await migrate(postgres.url())
            await ensure_login(postgres.url(), "vitrine_gateway", PASSWORD)
        self._postgres = postgres

    async def kill(self) -> None:
        """Kill the postmaster; its children end when they notice."""
        self._running.process.kill()
        await asyncio.to_thread(self._lives.close)

    async def end(self) -> None:
        """Stop it, and remove its data."""
        await asyncio.to_thread(self._lives.close)
        shutil.rmtree((self._home / "postgres").resolve())

    @property
    def url(self) -> str:
        """The address of the database, for its owner."""
        return self._stable(self._running.url())

    @property
    def gateway_url(self) -> str:
        """The same for a gateway's login."""
        login = self._running.url(user="vitrine_gateway_login", password=PASSWORD)
        return self._stable(login)

    @property
    def _running(self) -> EmbeddedPostgres:
        assert self._postgres is not None
        return self._postgres

    def _stable(self, url: str) -> str:
        return url.replace(str(self._running.socket_folder), str(self._address))
