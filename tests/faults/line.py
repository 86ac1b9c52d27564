"""The whole line of delivery: two gateways, purger and relay as processes, a Varnish, a purge API.

A viewer's picture comes by three ways: from each gateway, as to a plain CDN, and from Varnish,
which delivers by leave of the first gateway, kept while it is proven. Plain CDNs are addresses of
loopback with a purge API each.
"""

import asyncio
import json
import subprocess
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.changes import Changes
from catalog.db import Pool, open_pool
from catalog.events.model import RecordedEvent
from catalog.rights.commands import reinstate_asset, withdraw_asset
from edge.vcl import vcl
from tests.faults.programs import VitrineProcess
from tests.gateway.varnish_rig import HOP_SECRET, PURGE_SECRET, start_varnish
from tests.purger.conftest import PurgeApi, run_purge_api
from tests.support.people import TEST
from tests.support.ports import free_port
from tests.support.purging import purging
from tests.support.stage import Stage, StagedAsset, master_key_text, store_in
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

LEASE_S = 0.5
VIEWER = "127.0.0.10"  # the first plain CDN's address, one that Varnish takes a country from
_PURGED_S = 120.0  # after long failures the next try may be a minute away
_WEBHOOK_SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgcHVyZ2UgQVBJ"

UNCONFIRMED_SQL = "SELECT count(*) FROM purge WHERE state <> 'confirmed'"
ROWS_SQL = "SELECT count(*) FROM purge WHERE cause = $1 AND driver = $2"


@dataclass(kw_only=True)
class VarnishProcess:
    """A Varnish as a process, that comes back empty on the same port."""

    text: str
    port: int
    folder: Path
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = await asyncio.to_thread(start_varnish, self.text, self.port, self.folder)

    def kill(self) -> None:
        """End it at once; its worker ends with it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)

    def end(self) -> None:
        """Ask it to stop."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@dataclass(frozen=True, kw_only=True)
class Cdn:
    """A plain hop: where it asks from, and what purges it."""

    name: str
    address: str
    api: PurgeApi


@dataclass(kw_only=True)
class Line:
    """Everything, running.

    Attributes:
        folder: of the store and the logs.
    """

    folder: Path
    settings: Settings
    stage: Stage
    changes: Changes
    gateways: Sequence[VitrineProcess]
    purger: VitrineProcess
    relay: VitrineProcess
    edge: VarnishProcess
    cdns: Sequence[Cdn]

    @property
    def api(self) -> PurgeApi:
        """The purge API of the first CDN."""
        return self.cdns[0].api

    @property
    def targets(self) -> dict[str, tuple[str, str]]:
        """Every way to the picture, for `watching`."""
        first, second = self.gateways
        return {
            "first": (first.base_url, VIEWER),
            "second": (second.base_url, VIEWER),
            "edge": (self.edge.base_url, VIEWER),
        }

    async def withdraw(self, asset: StagedAsset) -> RecordedEvent:
        """End every right to an asset; committed when this returns."""
        async with self.changes.begin(TEST) as change:
            recorded = await withdraw_asset(change, asset.public_id)
        assert recorded is not None
        return recorded

    async def reinstate(self, asset: StagedAsset) -> str:
        """Give the rights back, and return the picture's new URL."""
        async with self.changes.begin(TEST) as change:
            assert await reinstate_asset(change, asset.public_id) is not None
        return self.stage.url(asset, epoch=await self.stage.epoch(asset))

    async def is_all_purged(self) -> bool:
        """Return whether no purge, of any pass and any driver, waits any more."""
        return await self.stage.pool.fetchval(UNCONFIRMED_SQL) == 0

    async def lost_nothing(
        self, recorded: RecordedEvent, *, long_down: Collection[str] = ()
    ) -> None:
        """Wait for all passes of everything, and hold the record of every CDN against it.

        Args:
            recorded: the change.
            long_down: CDNs that took no purge until all passes had become due, and were one.

        Raises:
            TimeoutError: a purge still waits.
        """
        await eventually(self.is_all_purged, within_s=_PURGED_S)
        for driver in self.settings.purge_drivers:
            assert await self.stage.pool.fetchval(ROWS_SQL, recorded.id, driver.name) == 3
        tag = f"a-{recorded.event.subject.rpartition('/')[2]}"
        for cdn in self.cdns:
            asked = {asked for asked, tags in cdn.api.requests if tag in tags}
            # that at commit, and another: the later ones are one where both have become due
            assert len(asked) >= (1 if cdn.name in long_down else 2)


@asynccontextmanager
async def run_line(
    database_url: str, gateway_database_url: str, folder: Path, *, cdns: Sequence[str] = ("cdn",)
) -> AsyncGenerator[Line]:
    """Start everything in front of a migrated, empty database; end it by its ids.

    Args:
        database_url: for the owner.
        gateway_database_url: for a gateway's login.
        folder: for the store and the logs.
        cdns: the names of the plain CDNs and of their purge drivers.
    """
    async with AsyncExitStack() as stack:
        plain = [
            Cdn(
                name=name,
                address=f"127.0.0.{10 + n}",
                api=await stack.enter_async_context(run_purge_api()),
            )
            for n, name in enumerate(cdns)
        ]
        pool = await stack.enter_async_context(open_pool(database_url, application="test"))
        edge_port = free_port()
        env = {
            "VITRINE_DATABASE_URL": database_url,
            "VITRINE_GATEWAY_DATABASE_URL": gateway_database_url,
            **_env(folder, plain, f"http://127.0.0.1:{edge_port}"),
        }
        settings = load_settings(**{
            name.removeprefix("VITRINE_").lower(): _parsed(value) for name, value in env.items()
        })
        stage = await _stage(pool, folder)
        programs = [
            VitrineProcess(command=command, env=env, log=folder / f"{command}-{n}.log")
            for n, command in enumerate(("gateway", "gateway", "purger", "relay"))
        ]
        for program in programs:
            stack.callback(program.end)
            program.start()
        backend = ("127.0.0.1", programs[0].port)
        text = vcl(settings, "authorise", hop="edge", backend=backend)
        edge = VarnishProcess(text=text, port=edge_port, folder=folder)
        stack.callback(edge.end)
        await asyncio.gather(edge.start(), *(program.wait() for program in programs))
        yield Line(
            folder=folder,
            settings=settings,
            stage=stage,
            changes=await purging(pool, settings.drivers, purge_times=settings.purge_times),
            gateways=programs[:2],
            purger=programs[2],
            relay=programs[3],
            edge=edge,
            cdns=plain,
        )


def _env(folder: Path, plain: Sequence[Cdn], edge: str) -> dict[str, str]:
    hops = [
        {"name": "edge", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET, "driver": "edge"}
        | {"kind": "authorising"},
        *({"name": c.name, "networks": [f"{c.address}/32"], "driver": c.name} for c in plain),
    ]
    drivers = [
        {"name": "edge", "kind": "varnish", "nodes": [edge], "secret": PURGE_SECRET},
        *(
            {"name": c.name, "kind": "webhook", "url": c.api.url, "secret": _WEBHOOK_SECRET}
            for c in plain
        ),
    ]
    return {
        "VITRINE_HOME": str(folder),
        "VITRINE_MASTER_KEY": master_key_text(),
        "VITRINE_LEASE_S": str(LEASE_S),
        "VITRINE_SEND_TIMEOUT_S": "1",  # so that the last pass comes after 6.5 s
        "VITRINE_TRUSTED_HOPS": json.dumps(hops),
        "VITRINE_PURGE_DRIVERS": json.dumps(drivers),
        "VITRINE_RENDER_WORKERS": "1",
    }


def _parsed(value: str) -> object:
    return json.loads(value) if value.startswith("[") else value


async def _stage(pool: Pool, folder: Path) -> Stage:
    stage = Stage(pool, store_in(folder / "store"))
    await stage.build()
    return stage
