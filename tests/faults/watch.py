"""A viewer that never stops asking, and remembers when it asked and what it got."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx2

_EVERY_S = 0.03
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedAnswer:
    """One answer; instants are monotonic seconds.

    Attributes:
        asked_at: before the request left, so an answer cannot have begun earlier.
        answered_at: when its head was here.
        status: 0: the connection broke.
        edge_lifetime: `CDN-Cache-Control`, where the asker is a trusted hop.
    """

    target: str
    asked_at: float
    answered_at: float
    status: int
    edge_lifetime: str = ""


@dataclass(slots=True)
class Watch:
    """All answers so far, of all targets, each in the order of its target."""

    answers: list[WatchedAnswer] = field(default_factory=list[WatchedAnswer])

    def of(self, target: str, *, since: float = 0.0) -> list[WatchedAnswer]:
        """Return the answers to what one target was asked since an instant."""
        return [each for each in self.answers if each.target == target and each.asked_at >= since]

    def lit(self, *, since: float) -> list[WatchedAnswer]:
        """Return what was asked after an instant and answered with the picture all the same."""
        return [each for each in self.answers if each.status == 200 and each.asked_at >= since]

    async def sees(
        self, target: str, holds: Callable[[WatchedAnswer], bool], *, within_s: float = 30
    ) -> WatchedAnswer:
        """Wait for an answer to what is asked from now on.

        Raises:
            TimeoutError: there was none in time; the message says what came instead.
        """
        since = time.monotonic()
        while time.monotonic() < since + within_s:
            for answer in self.of(target, since=since):
                if holds(answer):
                    return answer
            await asyncio.sleep(_EVERY_S)
        seen = sorted({answer.status for answer in self.of(target, since=since)})
        raise TimeoutError(f"{target} answered only {seen}")

    async def sees_status(self, target: str, *statuses: int) -> WatchedAnswer:
        """Wait until a target answers with one of these."""
        return await self.sees(target, lambda answer: answer.status in statuses)


@asynccontextmanager
async def watching(
    targets: dict[str, tuple[str, str]], url: str, *, every_s: float = _EVERY_S
) -> AsyncGenerator[Watch]:
    """Ask each target for the picture again and again, one request at a time, until the end.

    Args:
        targets: name to base URL, and the address of loopback that is asked from.
        url: path and query of the picture.
        every_s: the pause between two requests.
    """
    watch = Watch()
    tasks = [
        asyncio.create_task(_ask(watch, name, base, address, url, every_s))
        for name, (base, address) in targets.items()
    ]
    try:
        yield watch
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _ask(
    watch: Watch, target: str, base: str, address: str, url: str, every_s: float
) -> None:
    transport = httpx2.AsyncHTTPTransport(local_address=address)
    async with httpx2.AsyncClient(
        base_url=base, transport=transport, headers={"CF-IPCountry": "DE"}, timeout=_TIMEOUT_S
    ) as client:
        while True:
            watch.answers.append(await _answer(client, target, url))
            await asyncio.sleep(every_s)


async def _answer(client: httpx2.AsyncClient, target: str, url: str) -> WatchedAnswer:
    asked_at = time.monotonic()
    status, lifetime = 0, ""
    with suppress(httpx2.TransportError):
        async with client.stream("GET", url) as response:
            status = response.status_code
            lifetime = response.headers.get("CDN-Cache-Control", "")
            answered_at = time.monotonic()
            await response.aread()
            return WatchedAnswer(
                target=target,
                asked_at=asked_at,
                answered_at=answered_at,
                status=status,
                edge_lifetime=lifetime,
            )
    return WatchedAnswer(
        target=target, asked_at=asked_at, answered_at=time.monotonic(), status=status
    )
