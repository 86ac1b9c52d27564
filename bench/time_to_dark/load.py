"""Delivery load, in a process of its own: random images at a bounded rate until its input ends."""

import asyncio
import random
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.time_to_dark.client import TimedAnswer, ViewerClient

_UNAUTHORISED = 401
_RELOAD_S = 0.25
_WORKERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """What the load asks for; a file, so that it can change while the load runs.

    Attributes:
        generation: of the paths; they change as a whole when a signing key is revoked.
        paths: by number of the image.
        ports: (kind, port) of each place.
        rate_hz: requests a second, all places together.
    """

    generation: int
    paths: list[str]
    ports: list[tuple[str, int]]
    rate_hz: float
    country: str
    seed: int

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps(self))
        unfinished.rename(path)


def read_record(path: Path) -> list[tuple[str, int, int, TimedAnswer]]:
    """Return kind of place, number of the image, generation of its path and answer of each."""
    rows: list[Any] = orjson.loads(path.read_bytes())
    return [
        (kind, image, generation, TimedAnswer(*answer)) for kind, image, generation, *answer in rows
    ]


class Load:
    """Sends requests, and keeps what came of each."""

    def __init__(self, plan_path: Path) -> None:
        self._plan_path = plan_path
        self._plan = LoadPlan(**orjson.loads(plan_path.read_bytes()))
        self._clients = [
            (kind, ViewerClient(port, country=self._plan.country))
            for kind, port in self._plan.ports
        ]
        self._random = random.Random(self._plan.seed)  # noqa: S311 - picks images
        self._next_at = time.monotonic()
        self._reloaded_at = 0.0
        self.record: list[tuple[object, ...]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the rate, or as much of it as the servers answer in time."""

        async def work() -> None:
            while not stop.is_set():
                self._next_at = max(self._next_at + 1 / self._plan.rate_hz, time.monotonic() - 1)
                await asyncio.sleep(max(0.0, self._next_at - time.monotonic()))
                await self._ask()

        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(work())

    async def _ask(self) -> None:
        plan = self._plan
        image = self._random.randrange(len(plan.paths))
        kind, client = self._random.choice(self._clients)
        answer = await client.get(plan.paths[image])
        self.record.append((kind, image, plan.generation, *answer[:3]))
        if answer.location:
            plan.paths[image] = answer.location
        if answer.status == _UNAUTHORISED and time.monotonic() - self._reloaded_at > _RELOAD_S:
            self._reloaded_at = time.monotonic()
            self._plan = LoadPlan(**orjson.loads(self._plan_path.read_bytes()))


async def _load(plan_path: Path) -> list[tuple[object, ...]]:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop_at_end_of_input() -> None:
        sys.stdin.buffer.read()  # ends with whoever started us, however that ends
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    load = Load(plan_path)
    await load.run(stop)
    return load.record


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(orjson.dumps(uvloop.run(_load(Path(sys.argv[1])))))
