"""The house: PostgreSQL with a catalogue, and `vitrine api` as users run it."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.graphql.catalogue import CatalogueShape, load_catalogue
from bench.homes import environment_of, forget_settings, free_ports, temporary_home
from bench.servers import Server, ServerCommand, run_server
from vitrine.database import open_changes
from vitrine.embedded.postgres import EmbeddedPostgres, run_postgres
from vitrine.home import make_home
from vitrine.migrate import migrate
from vitrine.provision import ensure_master_key, ensure_signing_key
from vitrine.settings import Settings, load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphHouse:
    """An embedded PostgreSQL with what an api needs, and mostly a catalogue.

    Attributes:
        chosen: the settings of processes that work on it.
        folder: for what a run writes.
    """

    postgres: EmbeddedPostgres
    chosen: dict[str, object]
    folder: Path

    @property
    def settings(self) -> Settings:
        """The settings of a process of ours."""
        return load_settings(**self.chosen)


@contextmanager
def open_house(shape: CatalogueShape) -> Generator[GraphHouse]:
    """Import a new catalogue; remove all at the end."""
    with open_empty_house(public_reads=True, graphql_rate_per_address=0) as house:
        pictures = house.folder / "pictures"
        asyncio.run(load_catalogue(house.settings, house.postgres.url(), pictures, shape))
        yield house


@contextmanager
def open_empty_house(**chosen: object) -> Generator[GraphHouse]:
    """Make what an api needs to start, with these settings; remove all at the end."""
    forget_settings()
    with temporary_home() as home:
        make_home(home)
        with run_postgres(home) as postgres:
            house = GraphHouse(
                postgres=postgres,
                chosen={"home": str(home), "database_url": postgres.url(), **chosen},
                folder=home,
            )
            asyncio.run(_furnish(house))
            yield house


async def _furnish(house: GraphHouse) -> None:
    settings, url = house.settings, house.postgres.url()
    await migrate(url)
    ensure_master_key(settings)
    async with open_changes(settings, url) as changes:
        await ensure_signing_key(changes, settings)


@contextmanager
def run_api(house: GraphHouse, **chosen: object) -> Generator[Server]:
    """Run one process of the api until the end of the block, with these settings besides."""
    port = free_ports(1)[0]
    chosen = {**house.chosen, "api_port": port, **chosen}
    command = ServerCommand(
        arguments=[sys.executable, "-m", "vitrine", "api", "--with-parent"],
        environment=environment_of(chosen),
        ready_path="/health/ready",
    )
    with run_server(command, port=port, log=house.folder / f"api-{port}.log") as server:
        yield server
