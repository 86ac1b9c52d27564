"""Several servers that answer the same: each is asked in turn, another first in each round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from bench.delivery.bodies import comparing
from bench.delivery.client import ClientTimes, Request, Take, ask
from bench.homes import HOST
from bench.processes import cpu_s
from bench.report import Figure
from bench.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySide:
    """A server, and the requests that it has to answer; one for each rendition.

    Attributes:
        behind: the server that it asks, if it is a cache.
    """

    server: Server
    requests: Sequence[Request]
    behind: Server | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLap:
    """One server in one round.

    Attributes:
        server_cpu_s: of its processes together.
        behind_cpu_s: of those of the server that it asks.
    """

    outcome: ClientTimes
    server_cpu_s: float
    behind_cpu_s: float

    def per_answer_us(self, seconds: float) -> float:
        """Return the share of one answer, in microseconds."""
        return round(1e6 * seconds / len(self.outcome.latencies_s), 1)


def round_of(
    sides: Mapping[str, DeliverySide],
    number: int,
    order: Sequence[int],
    *,
    connections: int,
    files: Path | None = None,
) -> Mapping[str, DeliveryLap]:
    """Ask all of them for the same, one after the other.

    Args:
        sides: by name.
        number: of the round: says who is first.
        order: indices of their requests.
        connections: with one request in flight on each.
        files: hold every answer against these bytes, which takes its time.
    """
    names = list(sides)
    laps: dict[str, DeliveryLap] = {}
    for place in range(len(names)):
        name = names[(number + place) % len(names)]
        requests = [sides[name].requests[index] for index in order]
        take = files and comparing(requests, files)
        laps[name] = lap_of(sides[name], requests, connections=connections, take=take)
    return laps


def lap_of(
    side: DeliverySide,
    requests: Sequence[Request],
    *,
    connections: int,
    rate_hz: float | None = None,
    take: Take | None = None,
) -> DeliveryLap:
    """Ask one of them.

    Args:
        side: who is asked.
        requests: of it, in this order.
        connections: with one request in flight on each.
        rate_hz: as of `ask`.
        take: as of `ask`.
    """
    before_s, behind_before_s = cpu_s(side.server.pid), _cpu_s(side.behind)
    outcome = ask(side.server.port, requests, connections=connections, rate_hz=rate_hz, take=take)
    return DeliveryLap(
        outcome=outcome,
        server_cpu_s=cpu_s(side.server.pid) - before_s,
        behind_cpu_s=_cpu_s(side.behind) - behind_before_s,
    )


def _cpu_s(server: Server | None) -> float:
    return 0.0 if server is None else cpu_s(server.pid)


def figures_of(laps: Mapping[str, Sequence[DeliveryLap]]) -> dict[str, Figure]:
    """Return what each server did in its laps: answers a second, and processor time for each."""
    return {
        f"{name}_{metric}": figure
        for name, measured in laps.items()
        for metric, figure in _figures(measured).items()
    }


def _figures(laps: Sequence[DeliveryLap]) -> dict[str, Figure]:
    per_answer: dict[str, Callable[[DeliveryLap], float]] = {
        "cpu_us": lambda lap: lap.server_cpu_s,
        "client_us": lambda lap: lap.outcome.cpu_s,
    }
    if any(lap.behind_cpu_s for lap in laps):
        per_answer["behind_cpu_us"] = lambda lap: lap.behind_cpu_s
    rates = [round(lap.outcome.per_s, 1) for lap in laps]
    repeated = sum(lap.outcome.repeated for lap in laps)
    return {
        "per_s": Figure(values=rates, unit="answers/s"),
        **{
            label: Figure(values=[lap.per_answer_us(seconds_of(lap)) for lap in laps], unit="us")
            for label, seconds_of in per_answer.items()
        },
        "repeated": Figure(values=[repeated], unit="requests"),
    }


def rate_ratios(ours: Sequence[DeliveryLap], theirs: Sequence[DeliveryLap]) -> list[float]:
    """Return by how much more answers a second we give, by round."""
    return [
        our.outcome.per_s / their.outcome.per_s for our, their in zip(ours, theirs, strict=True)
    ]


def counted(server: Server, metric: str, label: str) -> Mapping[str, float]:
    """Return what a process of ours has counted so far, by the value of one label."""
    metrics = httpx2.get(f"http://{HOST}:{server.port}/metrics").text
    found: dict[str, float] = {}
    for line in metrics.splitlines():
        if line.startswith(f"{metric}{{"):
            value = line.partition(f'{label}="')[2].partition('"')[0]
            found[value] = found.get(value, 0.0) + float(line.rpartition(" ")[2])
    return found
