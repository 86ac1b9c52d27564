"""What the purge APIs of the tests share: what they were asked, how often they may be, when not."""

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from purger.drivers.model import RateLimit
from tests.support.serve import serve

Answer = Callable[[], Awaitable[Response]]

_JITTER = 2  # requests that may come too early: the network delays some more than others


@dataclass
class Contract:
    """A purge API that takes what is documented and refuses everything else.

    Attributes:
        url: where it listens.
        limit: how often it may be asked; None: as often as one likes.
        instead: what it does at the next requests, in place of its work, oldest first.
        loses: so many next answers, after its work, for a 500.
        purged: the tags of each request that it took.
        statuses: of every answer.
        asked_at_s: when each request came, on the monotonic clock.
    """

    url: str = ""
    limit: RateLimit | None = None
    instead: list[Answer] = field(default_factory=list[Answer])
    loses: int = 0
    purged: list[list[str]] = field(default_factory=list[list[str]])
    statuses: list[int] = field(default_factory=list[int])
    asked_at_s: list[float] = field(default_factory=list[float])
    _next_s: float = 0.0

    async def __call__(self, request: Request) -> Response:
        self.asked_at_s.append(time.monotonic())
        response = await self._answer(request)
        if self.loses > 0:
            self.loses -= 1
            response = Response(status_code=500)
        self.statuses.append(response.status_code)
        return response

    async def _answer(self, request: Request) -> Response:
        if self.instead:
            return await self.instead.pop(0)()
        early_s = self._early_s(time.monotonic())
        if early_s > 0:
            return self.too_many(math.ceil(early_s))
        return self.take(request, await request.body())

    def take(self, request: Request, body: bytes) -> Response:
        """Check a request and do it."""
        raise NotImplementedError

    def too_many(self, retry_after_s: int) -> Response:
        """Answer 429."""
        return Response(status_code=429, headers={"Retry-After": str(retry_after_s)})

    @property
    def tags(self) -> list[str]:
        """Every tag that was purged, in order."""
        return [tag for tags in self.purged for tag in tags]

    def _early_s(self, now_s: float) -> float:
        """Return by how much a request is too early (generic cell rate algorithm, ITU-T I.371)."""
        if self.limit is None:
            return 0.0
        due_s = max(self._next_s, now_s)
        tolerance_s = (self.limit.burst + _JITTER) / self.limit.per_s
        early_s = due_s + 1 / self.limit.per_s - tolerance_s - now_s
        if early_s <= 0:
            self._next_s = due_s + 1 / self.limit.per_s
        return early_s


@asynccontextmanager
async def running(contract: Contract) -> AsyncGenerator[None]:
    """Serve a contract at every path, for every method."""

    async def endpoint(request: Request) -> Response:
        return await contract(request)

    methods = ["GET", "POST", "PUT", "DELETE", "PURGE"]
    async with serve(Starlette(routes=[Route("/{path:path}", endpoint, methods=methods)])) as url:
        contract.url = url
        yield


def answering(status: int, **headers: str) -> Answer:
    """Answer one request with a status."""

    async def answer() -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status_code=status, headers=named)

    return answer


def saying(body: str) -> Answer:
    """Answer one request 200 with a body."""

    async def answer() -> Response:
        return Response(body, media_type="application/json")

    return answer
