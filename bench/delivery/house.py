"""The house: PostgreSQL with a catalogue, and `vitrine gateway` as users run it."""

import asyncio
import secrets
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.delivery.catalogue import find_images, load_catalogue
from bench.homes import environment_of, forget_settings, free_ports, temporary_home
from bench.servers import Server, ServerCommand, run_server
from bench.shop import Image
from catalog.delivery.keys import SigningKeys, load_signing_keys
from vitrine.database import open_changes
from vitrine.embedded.postgres import run_postgres
from vitrine.home import make_home
from vitrine.migrate import ensure_login, migrate
from vitrine.provision import ensure_master_key, ensure_signing_key
from vitrine.settings import Settings, load_settings

#: For the working set of every workload; the default is 128.
RENDITIONS_MEMORY_MIB = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryHouse:
    """What runs.

    Attributes:
        images: in the order of the files' names.
        folder: for what a run writes.
    """

    settings: Settings
    gateway: Server
    images: Sequence[Image]
    keys: SigningKeys
    folder: Path


@contextmanager
def open_house(
    pictures: Sequence[Path],
    presets: Sequence[dict[str, Any]],
    more: Mapping[str, object] | None = None,
) -> Generator[DeliveryHouse]:
    """Import the pictures into a new catalogue and start a gateway; remove all at the end.

    Args:
        pictures: files of one folder, no two with the same bytes.
        presets: as the bulk format has them.
        more: settings beside its own, such as trusted hops.
    """
    forget_settings()
    with temporary_home() as home:
        make_home(home)
        with run_postgres(home) as postgres:
            owner = postgres.url()
            asyncio.run(migrate(owner))
            password = secrets.token_urlsafe(24)
            restricted = asyncio.run(ensure_login(owner, "vitrine_gateway", password))
            port = free_ports(1)[0]
            chosen: dict[str, object] = {
                "home": str(home),
                "database_url": owner,
                "gateway_database_url": restricted,
                "gateway_port": port,
                "renditions_memory_mib": RENDITIONS_MEMORY_MIB,
                **(more or {}),
            }
            settings = load_settings(**chosen)
            ensure_master_key(settings)
            images, keys = asyncio.run(_furnish(settings, owner, pictures, presets))
            command = ServerCommand(
                arguments=[sys.executable, "-m", "vitrine", "gateway", "--with-parent"],
                environment=environment_of(chosen),
                ready_path="/health/ready",
            )
            with run_server(command, port=port, log=home / "gateway.log") as gateway:
                yield DeliveryHouse(
                    settings=settings, gateway=gateway, images=images, keys=keys, folder=home
                )


async def _furnish(
    settings: Settings,
    url: str,
    pictures: Sequence[Path],
    presets: Sequence[dict[str, Any]],
) -> tuple[Sequence[Image], SigningKeys]:
    async with open_changes(settings, url) as changes:
        await ensure_signing_key(changes, settings)
    # nothing is stored at an edge yet that would have to be purged
    unpurged = settings.model_copy(update={"purge_drivers": ()})
    await load_catalogue(unpurged, url, pictures, presets)
    async with open_changes(settings, url) as changes, changes.pool.acquire() as conn:
        images = await find_images(conn)
        keys = await load_signing_keys(conn, settings.master_keys())
    return images, keys
