"""Servers asked for the same pages in turn, and what each of them computes for an answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import httpx2

from bench.delivery.client import ClientTimes, Request, Take, ask
from bench.homes import HOST
from bench.processes import cpu_s
from bench.report import Figure
from bench.servers import Server

VITRINE = "vitrine"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySide:
    """A server, and how it is asked for a page.

    Attributes:
        request_of: by the number of the page.
    """

    server: Server
    request_of: Callable[[int], Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLap:
    """One side in one round.

    Attributes:
        cpu_s: of the server's processes.
        database_cpu_s: of PostgreSQL's meanwhile, whoever it worked for.
    """

    outcome: ClientTimes
    cpu_s: float
    database_cpu_s: float


Laps: TypeAlias = Mapping[str, Sequence[QueryLap]]
#: Makes what looks at the answers to these pages of a side.
Checking: TypeAlias = Callable[[str, Sequence[int]], Take]


def in_rounds(
    sides: Mapping[str, QuerySide],
    rounds: Sequence[Sequence[int]],
    *,
    connections: int,
    checking: Checking,
    database_pid: int,
) -> Laps:
    """Ask every side for the same pages, in turn, another first in each round.

    Args:
        sides: who is asked.
        rounds: numbers of pages; the first does not count, and every answer in it is looked at.
        connections: with one request in flight on each.
        checking: what looks at them.
        database_pid: of the postmaster.
    """
    names = list(sides)
    laps: dict[str, list[QueryLap]] = {name: [] for name in names}
    for number, pages in enumerate(rounds):
        for turn in range(len(names)):
            name = names[(number + turn) % len(names)]
            side = sides[name]
            before = cpu_s(side.server.pid), cpu_s(database_pid)
            outcome = ask(
                side.server.port,
                [side.request_of(page) for page in pages],
                connections=connections,
                take=None if number else checking(name, pages),
            )
            after = cpu_s(side.server.pid), cpu_s(database_pid)
            if number:
                laps[name].append(
                    QueryLap(
                        outcome=outcome,
                        cpu_s=after[0] - before[0],
                        database_cpu_s=after[1] - before[1],
                    )
                )
    return laps


def figures_of(laps: Laps, *, with_database: bool) -> dict[str, Figure]:
    """Return of each side: answers a second, their size, their p50, and what they cost."""
    figures: dict[str, Figure] = {}
    for name, measured in laps.items():
        counts = [len(each.outcome.latencies_s) for each in measured]
        laps_and_counts = list(zip(measured, counts, strict=True))
        per_answer: dict[str, tuple[str, list[float]]] = {
            "per_s": ("answers/s", [each.outcome.per_s for each in measured]),
            "bytes": ("bytes each", [each.outcome.body_bytes / n for each, n in laps_and_counts]),
            "p50_ms": ("ms", [1000 * _p50(each.outcome) for each in measured]),
            "cpu_ms": ("ms of CPU each", [1000 * each.cpu_s / n for each, n in laps_and_counts]),
        }
        if with_database:
            database = [1000 * each.database_cpu_s / n for each, n in laps_and_counts]
            per_answer["postgresql_cpu_ms"] = ("ms of CPU each", database)
        client = [1000 * each.outcome.cpu_s / n for each, n in laps_and_counts]
        per_answer["client_ms"] = ("ms of CPU each", client)
        for label, (unit, values) in per_answer.items():
            rounded = [round(value, 3) for value in values]
            figures[f"{name}_{label}"] = Figure(values=rounded, unit=unit)
    return figures


def ratio(ours: Sequence[QueryLap], theirs: Sequence[QueryLap]) -> list[float]:
    """Return how many times as many answers a second we gave, in each round."""
    return [
        our.outcome.per_s / their.outcome.per_s for our, their in zip(ours, theirs, strict=True)
    ]


def counted(port: int, name: str) -> dict[str, float]:
    """Return a counter of a process of ours, by the value of its one label."""
    metrics = httpx2.get(f"http://{HOST}:{port}/metrics").text
    lines = [line for line in metrics.splitlines() if line.startswith(f"{name}{{")]
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in lines}


def _p50(outcome: ClientTimes) -> float:
    return sorted(outcome.latencies_s)[len(outcome.latencies_s) // 2]
