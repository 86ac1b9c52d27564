"""The house: PostgreSQL, gateways, the purger, and a Varnish of each mode, all of them real."""

import asyncio
import secrets
import sys
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.homes import HOST, environment_of, forget_settings, free_ports, temporary_home
from bench.time_to_dark.catalogue import Sizes, load_catalogue
from bench.time_to_dark.loss import Loss
from bench.varnish import EDGES, edge_settings, new_secrets, run_varnish
from edge.vcl import vcl
from vitrine.children import ChildProcesses, Service
from vitrine.database import open_changes
from vitrine.embedded.postgres import run_postgres
from vitrine.embedded.varnish import has_varnish
from vitrine.home import make_home
from vitrine.migrate import ensure_login, migrate
from vitrine.provision import ensure_master_key, ensure_signing_key
from vitrine.settings import Settings, load_settings

#: A gateway's pool and its feed, and what everybody else holds.
_CONNECTIONS_PER_GATEWAY, _OTHER_CONNECTIONS = 10, 50
#: What needs no purge: without one a plain edge is dark when its lifetimes end, minutes later.
_WITHOUT_PURGES = ("edge",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedHouse:
    """What runs.

    Attributes:
        database_url: of the owner; a secret.
        gateways: their ports.
        edges: ports of the Varnishes by kind of place, `edge` and `plain`; empty without Varnish.
        purger: the process.
        without: what is taken away.
        folder: for what a run writes.
    """

    settings: Settings
    database_url: str
    gateways: tuple[int, ...]
    edges: dict[str, int]
    purger: ChildProcesses
    without: Loss | None
    folder: Path

    def lose_purger(self) -> None:
        """Kill the purger where that is what is taken away."""
        if self.without is Loss.PURGER:
            self.purger.kill()


@contextmanager
def open_house(
    sizes: Sizes,
    *,
    gateways: int,
    with_varnish: bool,
    without: Loss | None,
    send_timeout_s: float,
) -> Generator[WatchedHouse]:
    """Start everything with a new catalogue; stop and remove it at the end.

    Args:
        sizes: of the catalogue.
        gateways: how many processes.
        with_varnish: whether to run one of each mode, where it is installed; where no purge comes,
            the authorising one alone.
        without: what is taken away; None: nothing.
        send_timeout_s: the setting; the last pass of purges follows from it.
    """
    forget_settings()
    with temporary_home() as home, ExitStack() as stack:
        make_home(home)
        connections = _OTHER_CONNECTIONS + _CONNECTIONS_PER_GATEWAY * gateways
        postgres = stack.enter_context(
            run_postgres(home, parameters={"max_connections": str(connections)})
        )
        owner = postgres.url()
        asyncio.run(migrate(owner))
        restricted = asyncio.run(ensure_login(owner, "vitrine_gateway", secrets.token_urlsafe(24)))
        wanted = EDGES if without is None else _WITHOUT_PURGES
        edges = tuple(wanted) if with_varnish and has_varnish() else ()
        ports = free_ports(gateways + len(edges) + 2)
        house_edges = {name: ports.pop() for name in edges}
        secret = new_secrets(edges)
        purged_at = _purged_at(house_edges, without, nobody=ports.pop())
        chosen: dict[str, object] = {
            "home": str(home),
            "database_url": owner,
            "gateway_database_url": restricted,
            "send_timeout_s": send_timeout_s,
            "purger_port": ports.pop(),
            **edge_settings(house_edges, purged_at, secret),
            "gateway_port": ports[0],
        }
        settings = load_settings(**chosen)
        ensure_master_key(settings)
        asyncio.run(_furnish(settings, owner, home / "catalogue", sizes))
        purger = _start_processes(stack, settings, ports, chosen)
        house = WatchedHouse(
            settings=settings,
            database_url=owner,
            gateways=tuple(ports),
            edges=house_edges,
            purger=purger,
            without=without,
            folder=home,
        )
        # a Varnish takes purges, whether anybody sends some or not
        purged = load_settings(**{**chosen, **edge_settings(house_edges, house_edges, secret)})
        _start_edges(stack, purged, house)
        yield house


def _start_edges(stack: ExitStack, settings: Settings, house: WatchedHouse) -> None:
    for name, port in house.edges.items():
        text = vcl(settings, EDGES[name], hop=name)
        stack.enter_context(run_varnish(text, house.folder / f"varnish-{name}", port))


def _purged_at(edges: Mapping[str, int], without: Loss | None, *, nobody: int) -> dict[str, int]:
    """Return the ports that purges go to, by edge; without the purge API a port of nobody."""
    if without is Loss.DRIVERS:
        return {}
    return dict.fromkeys(edges, nobody) if without is Loss.PURGE_API else dict(edges)


async def _furnish(settings: Settings, url: str, folder: Path, sizes: Sizes) -> None:
    async with open_changes(settings, url) as changes:
        await ensure_signing_key(changes, settings)
    # nothing is stored at an edge yet that would have to be purged
    await load_catalogue(settings.model_copy(update={"purge_drivers": ()}), url, folder, sizes)


def _start_processes(
    stack: ExitStack, settings: Settings, gateways: Sequence[int], chosen: dict[str, object]
) -> ChildProcesses:
    """Start purger and gateways, and wait until all are ready; return the purger."""
    running: list[ChildProcesses] = []
    stack.callback(_stop_all, running)
    services = [("purger", settings.purger_port)] + [("gateway", port) for port in gateways]
    for name, port in services:
        logs = settings.home / "logs" / str(port)
        logs.mkdir(parents=True)
        children = ChildProcesses(
            environment=partial(_environment, chosen, port),
            logs=logs,
            say=lambda line: print(line, file=sys.stderr),
        )
        running.append(children)
        children.start(Service(name=name, url=f"http://{HOST}:{port}"))
    for children in running:
        children.wait_until_ready()
    return running[0]


def _environment(chosen: dict[str, object], port: int, process: str) -> dict[str, str]:
    return environment_of({**chosen, f"{process}_port": port})


def _stop_all(running: list[ChildProcesses]) -> None:
    """At the same time: each may take its seconds."""
    with ThreadPoolExecutor(max(1, len(running))) as threads:
        list(threads.map(ChildProcesses.stop, running))
