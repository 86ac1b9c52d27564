"""`delivery-warm` and `delivery-304`: renditions that are stored, asked for again and again."""

import os
import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from bench.delivery.bodies import conditional, keep_bodies
from bench.delivery.client import Request
from bench.delivery.house import RENDITIONS_MEMORY_MIB, DeliveryHouse, open_house
from bench.delivery.laps import (
    DeliveryLap,
    DeliverySide,
    counted,
    figures_of,
    rate_ratios,
    round_of,
)
from bench.delivery.pictures import draw_grain
from bench.homes import free_ports
from bench.peers.bare_starlette import bare_starlette
from bench.peers.nginx import has_nginx, nginx, nginx_version
from bench.report import Figure, Report
from bench.servers import run_server
from bench.shop import preset

Status = Literal[200, 304]

GATEWAY, STARLETTE, NGINX = "gateway", "starlette", "nginx"
_PRESET = "card"
_WIDTHS_PX = (400, 410, 420, 430, 440, 450, 460, 470)
_PICTURE_PX = (500, 620)
_GRAIN = 22  # renditions of about 30 KB
_AIM = 0.7
_NOT_MODIFIED = 304
_SEED = 20_260_101


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScale:
    """How much is asked for.

    Attributes:
        pictures: each is stored in eight widths.
        rounds: that count; each server is asked for every rendition once in each.
        connections: that are kept, with one request in flight on each.
    """

    pictures: int = 1_250
    rounds: int = 7
    connections: int = 32


QUICK = StoredScale(pictures=25, rounds=2, connections=8)


def measure_stored(name: str, status: Status, scale: StoredScale, *, json: bool) -> None:
    """Store renditions by asking for them, ask for all of them again in rounds, and print.

    Args:
        name: of the workload.
        status: 304: every request says that it has the very bytes.
        scale: how much.
        json: print one JSON object.
    """
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        pictures = draw_grain(Path(folder) / "pictures", scale.pictures, _PICTURE_PX, grain=_GRAIN)
        recipe = preset(_PRESET, widths_px=_WIDTHS_PX, formats=["jpg"])
        with open_house(pictures, [recipe]) as house:
            files = house.folder / "files"
            first = keep_bodies(
                house,
                files,
                preset=_PRESET,
                widths_px=_WIDTHS_PX,
                connections=scale.connections,
            )
            with _sides(house, files, first, status, scale) as sides:
                found_before = _found(house)
                laps = _rounds(sides, files, scale)
                found = _found(house)
    sizes = [request.size or 0 for request in first]
    Report(
        name=name,
        settings={
            "urls": len(first),
            "mean_body_bytes": round(sum(sizes) / len(sizes)),
            "connections": scale.connections,
            "rounds": scale.rounds,
            "order": "every URL once in a round, shuffled anew",
            "peers": [side for side in laps if side != GATEWAY],
            "processes_each": 1,
            "renditions_memory_mib": RENDITIONS_MEMORY_MIB,
            "cores": os.cpu_count(),
        },
        versions={NGINX: nginx_version()} if NGINX in laps else {},
        figures={
            **figures_of(laps),
            "gateway_from_memory": _from_memory(found_before, found),
        },
        ratios={
            side: rate_ratios(laps[GATEWAY], measured)
            for side, measured in laps.items()
            if side != GATEWAY
        },
        at_least={STARLETTE: _AIM},
    ).print(as_json=json)


@contextmanager
def _sides(
    house: DeliveryHouse, files: Path, first: Sequence[Request], status: Status, scale: StoredScale
) -> Generator[Mapping[str, DeliverySide]]:
    """Start the peers that are here; nginx's validators are its own, so it has no part in a 304."""
    requests = first
    if status == _NOT_MODIFIED:
        requests = conditional(house.gateway.port, first, connections=scale.connections)
    ports = free_ports(2)
    commands = {STARLETTE: bare_starlette(ports[0], files, status)}
    if status != _NOT_MODIFIED and has_nginx():
        commands[NGINX] = nginx(ports[1], files, house.folder / "nginx")
    with ExitStack() as stack:
        sides = {GATEWAY: DeliverySide(server=house.gateway, requests=requests)}
        for port, (name, command) in zip(ports, commands.items(), strict=False):
            log = house.folder / f"{name}.log"
            server = stack.enter_context(run_server(command, port=port, log=log))
            sides[name] = DeliverySide(server=server, requests=requests)
        yield sides


def _rounds(
    sides: Mapping[str, DeliverySide], files: Path, scale: StoredScale
) -> Mapping[str, Sequence[DeliveryLap]]:
    """Ask all of them in turn; the first round does not count and checks every byte."""
    chance = random.Random(_SEED)  # noqa: S311 - an order
    count = len(sides[GATEWAY].requests)
    rounds = [
        round_of(
            sides,
            number,
            chance.sample(range(count), count),
            connections=scale.connections,
            files=None if number else files,
        )
        for number in range(scale.rounds + 1)
    ]
    return {name: [laps[name] for laps in rounds[1:]] for name in sides}


def _found(house: DeliveryHouse) -> Mapping[str, float]:
    """Return how many images the gateway has sent, by where it had found them."""
    return counted(house.gateway, "vitrine_deliveries_total", "how")


def _from_memory(before: Mapping[str, float], after: Mapping[str, float]) -> Figure:
    total = sum(after.values()) - sum(before.values())
    from_memory = (after.get("memory", 0) - before.get("memory", 0)) / total
    return Figure(values=[round(from_memory, 3)], unit="of the answers")
