"""A real server that goes on delivering is caught, and one that goes dark is timed."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bench.time_to_dark.client import TimedAnswer, ViewerClient
from bench.time_to_dark.judge import judge_watch
from bench.time_to_dark.places import Place
from bench.time_to_dark.watch import until_lit, watch
from tests.support.serve import serve

LIMIT_S = 0.2


class SwitchedServer:
    """Delivers while it is lit."""

    def __init__(self) -> None:
        self.is_lit = True
        self.countries: set[str] = set()

    async def answer(self, request: Request) -> Response:
        self.countries.add(request.headers["CF-IPCountry"])
        if request.url.path == "/old":
            return RedirectResponse("/new", 307)
        headers = {"Connection": "close"} if request.url.path == "/once" else {}
        return Response(b"picture" * 9000, 200 if self.is_lit else 410, headers)


@asynccontextmanager
async def run_server() -> AsyncGenerator[tuple[SwitchedServer, Place]]:
    server = SwitchedServer()
    async with serve(Starlette(routes=[Route("/{_:path}", server.answer)])) as base:
        port = urlsplit(base).port
        assert port is not None
        client = ViewerClient(port, country="DE")
        yield (
            server,
            Place(
                kind="gateway",
                client=client,
                port=port,
                limit_s=LIMIT_S,
                watch_s=3 * LIMIT_S,
                lit_s=0.005,
                dark_s=0.02,
            ),
        )
        client.close()


async def watched(
    place: Place, after_commit: list[tuple[float, bool]], server: SwitchedServer
) -> list[TimedAnswer]:
    """Watch while the server is switched so many seconds after the commit."""
    committed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    watching = asyncio.create_task(watch(place, "/picture", committed))
    await asyncio.sleep(0.02)
    committed.set_result(time.monotonic())
    for pause_s, is_lit in after_commit:
        await asyncio.sleep(pause_s)
        server.is_lit = is_lit
    return await watching


async def test_a_server_that_goes_dark_at_once_leaks_nothing() -> None:
    async with run_server() as (server, place):
        committed_at = time.monotonic() + 0.02
        answers = await watched(place, [(0.0, False)], server)
        verdict = judge_watch(answers, committed_at=committed_at, limit_s=30)
        assert verdict.leaks == 0
        assert verdict.denials > 3
        assert answers[0].status == 200
        assert answers[-1].sent_at > committed_at + 2 * LIMIT_S


async def test_a_server_that_lights_up_again_past_the_limit_is_caught() -> None:
    async with run_server() as (server, place):
        began = time.monotonic()
        answers = await watched(place, [(0.0, False), (2 * LIMIT_S, True)], server)
        verdict = judge_watch(answers, committed_at=began, limit_s=LIMIT_S)
        assert verdict.leaks > 0
        assert verdict.dark_s > LIMIT_S


async def test_a_redirect_is_followed_to_the_path_that_is_delivered() -> None:
    async with run_server() as (server, place):
        assert await until_lit(place, "/old") == "/new"
        assert server.countries == {"DE"}


async def test_a_connection_is_used_again_and_replaced_when_the_server_closes_it() -> None:
    async with run_server() as (_, place):
        statuses = [
            (await place.client.get(path)).status for path in ("/a", "/once", "/b", "/once", "/c")
        ]
        assert statuses == [200] * 5


async def test_a_server_that_is_gone_is_an_error_and_not_a_denial() -> None:
    async with run_server() as (_, place):
        pass
    with pytest.raises(ConnectionError):
        await place.client.get("/a")
