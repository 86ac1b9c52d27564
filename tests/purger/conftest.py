"""A purge API that can be told what to answer, and a queue to fill."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.db import Pool
from catalog.events.model import Event, RecordedEvent
from catalog.purges.model import PurgeTimes
from catalog.subjects import Subject
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.serve import serve

LATER = PurgeTimes(second_s=3600, last_s=3600)

Answer = Callable[[list[str]], Awaitable[Response]]


@dataclass
class PurgeApi:
    """What was asked of a webhook receiver, and what it answers."""

    url: str = ""
    requests: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    bodies: list[bytes] = field(default_factory=list[bytes])
    answer: Answer | None = None

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        posted = json.loads(body)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.requests.append((posted["id"], posted["tags"]))
        return await self.answer(posted["tags"]) if self.answer else Response(status_code=204)

    @property
    def tags(self) -> list[str]:
        """Every tag that was ever asked for, in order."""
        return [tag for _, tags in self.requests for tag in tags]


@asynccontextmanager
async def run_purge_api() -> AsyncGenerator[PurgeApi]:
    api = PurgeApi()

    async def endpoint(request: Request) -> Response:
        return await api(request)

    async with serve(Starlette(routes=[Route("/purge", endpoint, methods=["POST"])])) as base:
        api.url = f"{base}/purge"
        yield api


@pytest.fixture
async def client() -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as opened:
        yield opened


@pytest.fixture
async def purge_api() -> AsyncGenerator[PurgeApi]:
    async with run_purge_api() as api:
        yield api


@pytest.fixture
async def other_purge_api() -> AsyncGenerator[PurgeApi]:
    async with run_purge_api() as api:
        yield api


@dataclass(frozen=True)
class Queue:
    """Records events whose purges go to the given drivers, and looks at what became of them."""

    pool: Pool

    async def add(
        self,
        *subjects: str,
        drivers: tuple[str, ...] = ("cdn",),
        answer_drivers: tuple[str, ...] = (),
        times: PurgeTimes = LATER,
    ) -> RecordedEvent:
        """Record a change of subjects; those without a kind are assets."""
        touched = [each if ":" in each else f"asset:{each}" for each in subjects]
        changes = await purging(
            self.pool, drivers, answer_drivers=answer_drivers, purge_times=times
        )
        async with changes.begin(TEST) as change:
            (recorded,) = await change.record(
                Event(
                    type="rights.changed",
                    subject=touched[0].replace(":", "/"),
                    version=1,
                    subjects=tuple(map(Subject, touched)),
                )
            )
        return recorded

    async def make_due(self, tag: str, *passes: int) -> None:
        """Let the time of later passes of a tag come."""
        await self.pool.execute(
            "UPDATE purge SET not_before = clock_timestamp() WHERE tag = $1 AND pass = ANY ($2)",
            tag,
            passes,
        )

    async def confirmed(self, *, driver: str = "cdn", purge_pass: int = 1) -> set[str]:
        rows = await self.pool.fetch(
            "SELECT tag FROM purge WHERE state = 'confirmed' AND driver = $1 AND pass = $2",
            driver,
            purge_pass,
        )
        return {row["tag"] for row in rows}

    async def gateway(self, *, has_applied: bool) -> None:
        """Add a gateway that has applied everything so far, or nothing.

        It counts as heard of for as long as a test lasts.
        """
        await self.pool.execute(
            "INSERT INTO gateway (id, seen_at, snapshot)"
            " SELECT gen_random_uuid(), now() + interval '1 hour',"
            " CASE WHEN $1 THEN pg_current_snapshot() END",
            has_applied,
        )

    async def batches(self) -> list[uuid.UUID]:
        rows = await self.pool.fetch(
            "SELECT DISTINCT batch FROM purge WHERE batch IS NOT NULL ORDER BY batch"
        )
        return [row["batch"] for row in rows]


@pytest.fixture
async def queue(pool: Pool) -> Queue:
    """A queue, whose second passes wait for a gateway that has applied nothing."""
    queue = Queue(pool)
    await queue.gateway(has_applied=False)
    return queue


async def until(holds: Callable[[], Awaitable[bool]], *, timeout_s: float = 20) -> None:
    """Wait until something holds; fail if it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 - the other side is another process or a socket
            await asyncio.sleep(0.02)
