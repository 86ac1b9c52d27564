"""`delivery-edge`: what an edge that asks a gateway costs, beside one that never does.

An authorising Varnish, a plain one, the gateway alone and nginx hand out the same bytes: a few
pictures that everybody wants, the same to those who have them already, and many that are asked for
once in a round.
"""

import os
import random
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.bodies import conditional, keep_bodies
from bench.delivery.client import Request
from bench.delivery.house import RENDITIONS_MEMORY_MIB, DeliveryHouse, open_house
from bench.delivery.laps import (
    DeliveryLap,
    DeliverySide,
    counted,
    figures_of,
    lap_of,
    rate_ratios,
    round_of,
)
from bench.delivery.pictures import draw_grain
from bench.homes import free_ports
from bench.peers.nginx import has_nginx, nginx, nginx_version
from bench.processes import CPU_GRAIN_S
from bench.report import Figure, Report
from bench.servers import Server, run_server
from bench.shop import preset
from bench.varnish import (
    EDGES,
    edge_settings,
    new_secrets,
    run_varnish,
    varnish_version,
)
from edge.vcl import vcl
from vitrine.embedded.varnish import has_varnish

EDGE, PLAIN, NGINX, GATEWAY = "edge", "plain", "nginx", "gateway"
#: The gateway alone, asked as often as behind the edge: an event loop that is asked more often
#: answers more in each turn, and each answer costs less.
AS_OFTEN = "gateway_as_often"
HOT, HELD, TAIL = "hot", "304", "tail"
_PRESET = "card"
_WIDTHS_PX = (330, 340, 350, 360, 370, 380, 390, 400)
_PICTURE_PX = (500, 620)
_GRAIN = 22  # renditions of about 20 KB
_HOT_PICTURES = 64
_VARNISH_MIB = 512  # for the whole tail
_PLAIN_AIM, _CPU_AIM = 0.8, 1.0
_SEED = 20_260_101

app = App(help="Measure an authorising Varnish beside a plain one, the gateway alone and nginx.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeScale:
    """How much is asked for.

    Attributes:
        pictures: each is stored in eight widths; all of that is the tail.
        hot_requests: in one round, for the few that are hot, and as many that are answered 304.
        rounds: that count.
        connections: that are kept, with one request in flight on each.
    """

    pictures: int = 1_250
    hot_requests: int = 20_000
    rounds: int = 5
    connections: int = 32


_QUICK = EdgeScale(pictures=8, hot_requests=640, rounds=1, connections=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What is asked for, of whom, and what came of it.

    Attributes:
        questions: that reached the gateway in the laps of the authorising edge, by round.
    """

    name: str
    sides: Mapping[str, DeliverySide]
    repeated: int
    laps: dict[str, list[DeliveryLap]] = field(default_factory=dict[str, list[DeliveryLap]])
    questions: list[float] = field(default_factory=list[float])

    def order(self, chance: random.Random) -> list[int]:
        """Return the indices of one round, each as often as any other."""
        indices = list(range(len(self.sides[EDGE].requests))) * self.repeated
        chance.shuffle(indices)
        return indices


@app.default
def measure(
    *,
    scale: Annotated[EdgeScale | None, Parameter(name="*")] = None,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask edges, gateway and nginx, in turn, for the same pictures.

    Args:
        scale: how much is asked for.
        quick: 8 pictures, 1 round, 8 connections.
        json: print one JSON object.
    """
    if not has_varnish():
        sys.exit("delivery-edge needs Debian's packages varnish and varnish-modules")
    scale = _QUICK if quick else scale or EdgeScale()
    ports = dict(zip(EDGES, free_ports(len(EDGES)), strict=True))
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        drawn = draw_grain(Path(folder) / "pictures", scale.pictures, _PICTURE_PX, grain=_GRAIN)
        recipe = preset(_PRESET, widths_px=_WIDTHS_PX, formats=["jpg"])
        with open_house(drawn, [recipe], edge_settings(ports, ports, new_secrets(ports))) as house:
            files = house.folder / "files"
            tail = keep_bodies(
                house,
                files,
                preset=_PRESET,
                widths_px=_WIDTHS_PX,
                connections=scale.connections,
            )
            with _servers(house, ports, files) as servers:
                kinds = _kinds(servers, tail, scale)
                _run(kinds, servers[GATEWAY], files, scale)
    _report(kinds, tail, scale).print(as_json=json)


@contextmanager
def _servers(
    house: DeliveryHouse, ports: Mapping[str, int], files: Path
) -> Generator[Mapping[str, Server]]:
    """Start everybody; the gateway comes last, so that it has been asked by the edges before."""
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        for name, port in ports.items():
            text = vcl(house.settings, EDGES[name], hop=name)
            folder = house.folder / f"varnish-{name}"
            running = run_varnish(text, folder, port, memory_mib=_VARNISH_MIB)
            servers[name] = stack.enter_context(running)
        if has_nginx():
            (port,) = free_ports(1)
            command = nginx(port, files, house.folder / "nginx")
            log = house.folder / "nginx.log"
            servers[NGINX] = stack.enter_context(run_server(command, port=port, log=log))
        yield {**servers, GATEWAY: house.gateway}


def _kinds(
    servers: Mapping[str, Server], tail: Sequence[Request], scale: EdgeScale
) -> Sequence[_Kind]:
    """Return what is asked for; nobody compares the tail of a plain edge with anything."""
    chance = random.Random(_SEED)  # noqa: S311 - a choice
    hot = chance.sample(tail, min(_HOT_PICTURES, len(tail)))
    held = {
        name: conditional(server.port, hot, connections=scale.connections)
        for name, server in servers.items()
    }
    asked: dict[str, Mapping[str, Sequence[Request]]] = {
        HOT: dict.fromkeys(servers, hot),
        HELD: held,
        TAIL: dict.fromkeys([name for name in servers if name != PLAIN], tail),
    }
    return [
        _Kind(
            name=kind,
            sides={
                name: DeliverySide(
                    server=servers[name],
                    requests=requests,
                    behind=servers[GATEWAY] if name in EDGES else None,
                )
                for name, requests in of_each.items()
            },
            repeated=1 if kind == TAIL else max(1, scale.hot_requests // len(hot)),
        )
        for kind, of_each in asked.items()
    ]


def _run(kinds: Sequence[_Kind], gateway: Server, files: Path, scale: EdgeScale) -> None:
    """Ask in rounds; the first one fills the edges, checks every byte and does not count."""
    chance = random.Random(_SEED)  # noqa: S311 - an order
    for number in range(scale.rounds + 1):
        for kind in kinds:
            before, order = _questions(gateway), kind.order(chance)
            laps = round_of(
                kind.sides,
                number,
                order,
                connections=scale.connections,
                files=None if number else files,
            )
            if number:
                kind.questions.append(_questions(gateway) - before)
                if kind.name == TAIL:
                    laps = {**laps, AS_OFTEN: _as_often(kind, order, laps[EDGE], scale)}
                for name, lap in laps.items():
                    kind.laps.setdefault(name, []).append(lap)


def _as_often(
    kind: _Kind, order: Sequence[int], behind: DeliveryLap, scale: EdgeScale
) -> DeliveryLap:
    alone = kind.sides[GATEWAY]
    return lap_of(
        alone,
        [alone.requests[index] for index in order],
        connections=scale.connections,
        rate_hz=behind.outcome.per_s,
    )


def _questions(gateway: Server) -> float:
    """Return how often an authorising edge got leave to deliver; nobody else gets a 204."""
    return counted(gateway, "vitrine_http_requests_total", "status").get("204", 0.0)


def _report(kinds: Sequence[_Kind], tail_requests: Sequence[Request], scale: EdgeScale) -> Report:
    by_name = {kind.name: kind for kind in kinds}
    hot, held, tail = (by_name[name].laps for name in (HOT, HELD, TAIL))
    sizes = [request.size or 0 for request in tail_requests]
    return Report(
        name="delivery-edge",
        settings={
            "tail_urls": len(sizes),
            "hot_urls": len(by_name[HOT].sides[EDGE].requests),
            "hot_requests": len(hot[EDGE][0].outcome.latencies_s),
            "mean_body_bytes": round(sum(sizes) / len(sizes)),
            "connections": scale.connections,
            "rounds": scale.rounds,
            "peers": [name for name in hot if name != EDGE],
            "varnish_mib": _VARNISH_MIB,
            "renditions_memory_mib": RENDITIONS_MEMORY_MIB,
            "cores": os.cpu_count(),
        },
        versions={
            "varnish": varnish_version(),
            **({NGINX: nginx_version()} if NGINX in hot else {}),
        },
        figures=_figures(kinds),
        ratios={
            "plain_varnish": rate_ratios(hot[EDGE], hot[PLAIN]),
            "plain_varnish_304": rate_ratios(held[EDGE], held[PLAIN]),
            "gateway": rate_ratios(tail[EDGE], tail[GATEWAY]),
            "gateway_cpu": list(_cpu_ratios(tail, AS_OFTEN)),
            "gateway_cpu_with_varnish": list(_cpu_ratios(tail, AS_OFTEN, with_varnish=True)),
            "gateway_cpu_at_full_speed": list(_cpu_ratios(tail, GATEWAY)),
            **({NGINX: rate_ratios(hot[EDGE], hot[NGINX])} if NGINX in hot else {}),
        },
        at_least={"plain_varnish": _PLAIN_AIM, "gateway_cpu": _CPU_AIM},
    )


def _figures(kinds: Sequence[_Kind]) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for kind in kinds:
        asked = len(kind.laps[EDGE][0].outcome.latencies_s)
        shares = [round(1 - each / asked, 4) for each in kind.questions]
        figures[f"{kind.name}_answered_at_edge"] = Figure(values=shares, unit="of the questions")
        figures |= {f"{kind.name}_{key}": each for key, each in figures_of(kind.laps).items()}
    return figures


def _cpu_ratios(
    laps: Mapping[str, Sequence[DeliveryLap]], alone_as: str, *, with_varnish: bool = False
) -> Iterator[float]:
    """Yield what the gateway computes for a picture alone, over what it does behind the edge."""
    for alone, edge in zip(laps[alone_as], laps[EDGE], strict=True):
        behind_s = edge.behind_cpu_s + (edge.server_cpu_s if with_varnish else 0.0)
        # of so few pictures it may be less than the kernel counts
        yield alone.server_cpu_s / max(behind_s, CPU_GRAIN_S)


if __name__ == "__main__":
    app()
