"""`delivery-warm` and `delivery-304`: renditions that are stored, asked for again and again."""

import os
import random
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import httpx

from bench.delivery.client import AnswerError, Outcome, Request, Take, ask, get
from bench.delivery.house import RENDITIONS_MEMORY_MIB, House, open_house
from bench.delivery.pictures import draw_grain
from bench.homes import HOST, free_ports
from bench.peers.bare_starlette import bare_starlette
from bench.peers.nginx import has_nginx, nginx, nginx_version
from bench.processes import cpu_s
from bench.report import Figure, Report
from bench.servers import Server, run_server
from bench.shop import preset
from catalog.delivery.model import Format

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
class Scale:
    """How much is asked for.

    Attributes:
        pictures: each is stored in eight widths.
        rounds: that count; each server is asked for every rendition once in each.
        connections: that are kept, with one request in flight on each.
    """

    pictures: int = 1_250
    rounds: int = 7
    connections: int = 32


QUICK = Scale(pictures=25, rounds=2, connections=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A server, and the requests that it has to answer; one for each rendition."""

    server: Server
    requests: Sequence[Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lap:
    """One server in one round."""

    outcome: Outcome
    server_cpu_s: float


def measure_stored(name: str, status: Status, scale: Scale, *, json: bool) -> None:
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
            first = _store(house, files, connections=scale.connections)
            with _sides(house, files, first, status) as sides:
                found_before = _found(house.gateway.port)
                laps = _rounds(sides, files, scale)
                found = _found(house.gateway.port)
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
        figures=_figures(laps, found_before, found),
        ratios={
            side: [
                ours.outcome.per_s / peer.outcome.per_s
                for ours, peer in zip(laps[GATEWAY], measured, strict=True)
            ]
            for side, measured in laps.items()
            if side != GATEWAY
        },
        at_least={STARLETTE: _AIM},
    ).print(as_json=json)


def _store(house: House, files: Path, *, connections: int) -> list[Request]:
    """Have the gateway render everything, and keep its answers as files under their paths.

    Returns:
        Requests that know the size of their answer and its validator.
    """
    urls = [
        image.url(house.keys, preset=_PRESET, width_px=width_px, format=Format.JPEG)
        for image in house.images
        for width_px in _WIDTHS_PX
    ]
    known: dict[int, Request] = {}

    def take(index: int, head: bytes, body: bytes) -> None:
        path = _file_of(files, urls[index])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        known[index] = get(urls[index], size=len(body), If_None_Match=_etag(head))

    ask(house.gateway.port, [get(url) for url in urls], connections=connections, take=take)
    return [known[index] for index in range(len(urls))]


@contextmanager
def _sides(
    house: House, files: Path, conditional: Sequence[Request], status: Status
) -> Generator[Mapping[str, _Side]]:
    """Start the peers that are here; nginx's validators are its own, so it has no part in a 304."""
    if status == _NOT_MODIFIED:
        requests = [replace(each, status=status, size=0) for each in conditional]
    else:
        requests = [
            get(each.text.split(b" ", 2)[1].decode(), size=each.size) for each in conditional
        ]
    ports = free_ports(2)
    commands = {STARLETTE: bare_starlette(ports[0], files, status)}
    if status != _NOT_MODIFIED and has_nginx():
        commands[NGINX] = nginx(ports[1], files, house.folder / "nginx")
    with ExitStack() as stack:
        sides = {GATEWAY: _Side(server=house.gateway, requests=requests)}
        for port, (name, command) in zip(ports, commands.items(), strict=False):
            log = house.folder / f"{name}.log"
            server = stack.enter_context(run_server(command, port=port, log=log))
            sides[name] = _Side(server=server, requests=requests)
        yield sides


def _rounds(sides: Mapping[str, _Side], files: Path, scale: Scale) -> Mapping[str, Sequence[_Lap]]:
    """Ask all of them in turn, another first in each round; the first round checks every byte."""
    chance = random.Random(_SEED)  # noqa: S311 - an order
    names = list(sides)
    laps: dict[str, list[_Lap]] = {name: [] for name in names}
    for number in range(scale.rounds + 1):
        order = chance.sample(range(len(sides[GATEWAY].requests)), len(sides[GATEWAY].requests))
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            requests = [sides[name].requests[index] for index in order]
            take = None if number else _comparing(requests, files)
            lap = _lap(sides[name].server, requests, scale.connections, take)
            if number:
                laps[name].append(lap)
    return laps


def _lap(server: Server, requests: Sequence[Request], connections: int, take: Take | None) -> _Lap:
    before_s = cpu_s(server.pid)
    outcome = ask(server.port, requests, connections=connections, take=take)
    return _Lap(outcome=outcome, server_cpu_s=cpu_s(server.pid) - before_s)


def _comparing(requests: Sequence[Request], files: Path) -> Take:
    def take(index: int, _head: bytes, body: bytes) -> None:
        request = requests[index]
        path = _file_of(files, request.text.split(b" ", 2)[1].decode())
        if request.status != _NOT_MODIFIED and body != path.read_bytes():
            raise AnswerError(f"{request.text!r} was answered with other bytes")

    return take


def _figures(
    laps: Mapping[str, Sequence[_Lap]], before: Mapping[str, float], after: Mapping[str, float]
) -> dict[str, Figure]:
    per_request: dict[str, Callable[[_Lap], float]] = {
        "cpu_us": lambda lap: lap.server_cpu_s,
        "client_us": lambda lap: lap.outcome.cpu_s,
    }
    figures: dict[str, Figure] = {}
    for name, measured in laps.items():
        rates = [round(lap.outcome.per_s, 1) for lap in measured]
        figures[f"{name}_per_s"] = Figure(values=rates, unit="answers/s")
        for label, seconds_of in per_request.items():
            values = [
                round(1e6 * seconds_of(lap) / len(lap.outcome.latencies_s), 1) for lap in measured
            ]
            figures[f"{name}_{label}"] = Figure(values=values, unit="us")
        repeated = sum(lap.outcome.repeated for lap in measured)
        figures[f"{name}_repeated"] = Figure(values=[repeated], unit="requests")
    total = sum(after.values()) - sum(before.values())
    from_memory = (after.get("memory", 0) - before.get("memory", 0)) / total
    figures["gateway_from_memory"] = Figure(values=[round(from_memory, 3)], unit="of the answers")
    return figures


def _found(port: int) -> Mapping[str, float]:
    """Return how many images the gateway has sent, by where it had found them."""
    metrics = httpx.get(f"http://{HOST}:{port}/metrics").text
    lines = [line for line in metrics.splitlines() if line.startswith("vitrine_deliveries_total{")]
    return {
        line.partition('how="')[2].partition('"')[0]: float(line.rpartition(" ")[2])
        for line in lines
    }


def _etag(head: bytes) -> str:
    return next(
        line.partition(b":")[2].strip().decode()
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"etag:")
    )


def _file_of(files: Path, url: str) -> Path:
    return files / url.partition("?")[0].lstrip("/")
