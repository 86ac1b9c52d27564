"""Request ids, logs without secrets, health and metrics, over real HTTP."""

import asyncio
import io
import json
import logging
import re
from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serving.health import Check, operations_routes
from serving.logs import configure_logging, redact
from serving.middleware import RequestMiddleware
from tests.support.serve import serve
from vitrine.settings import load_settings


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def broken(_: Request) -> Response:
    raise RuntimeError("postgresql://owner:hunter2@db/vitrine is away")


@pytest.fixture
def checks() -> dict[str, Check]:
    return {}


@pytest.fixture
async def client(checks: dict[str, Check]) -> AsyncGenerator[httpx2.AsyncClient]:
    app = Starlette(
        routes=[Route("/hello", hello), Route("/broken", broken), *operations_routes(checks)],
        middleware=[Middleware(RequestMiddleware)],
    )
    async with serve(app) as base, httpx2.AsyncClient(base_url=base) as opened:
        yield opened


@pytest.fixture
def json_logs() -> Generator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(load_settings(), process="test", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


async def test_a_request_id_is_kept_or_made(client: httpx2.AsyncClient) -> None:
    kept = await client.get("/hello", headers={"X-Request-Id": "abc-12345"})
    assert kept.headers["x-request-id"] == "abc-12345"
    made = await client.get("/hello", headers={"X-Request-Id": "no spaces, please"})
    assert re.fullmatch("[0-9a-f]{32}", made.headers["x-request-id"])


async def test_each_request_is_one_line_without_its_token(
    json_logs: io.StringIO, client: httpx2.AsyncClient
) -> None:
    answer = await client.get("/hello?t=secret-token")
    told = [json.loads(line) for line in json_logs.getvalue().splitlines()]
    (line,) = [line for line in told if line["event"] == "request"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/hello", 200)
    assert line["process"] == "test"
    assert "secret-token" not in str(line)


async def test_a_process_may_count_its_successes_without_telling_them(
    json_logs: io.StringIO,
) -> None:
    app = Starlette(
        routes=[Route("/hello", hello), *operations_routes({})],
        middleware=[Middleware(RequestMiddleware, logs_successes=False)],
    )
    async with serve(app) as base, httpx2.AsyncClient(base_url=base) as client:
        before = _requests((await client.get("/metrics")).text)
        await client.get("/hello")
        await client.get("/nothing")
        after = _requests((await client.get("/metrics")).text)

    told = [json.loads(line) for line in json_logs.getvalue().splitlines()]
    assert [line["status"] for line in told if line["event"] == "request"] == [404]
    assert after == before + 2  # the first question for metrics, and `/hello`


def _requests(metrics: str) -> float:
    (count,) = re.findall(r'requests_total\{method="GET",status="200"\} (\S+)', metrics) or ("0",)
    return float(count)


async def test_what_nothing_translates_is_a_plain_500_logged_once(
    json_logs: io.StringIO, client: httpx2.AsyncClient
) -> None:
    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "INTERNAL"
    assert "hunter2" not in answer.text
    told = json_logs.getvalue()
    assert told.count("Traceback") == 1
    assert "hunter2" not in told
    assert answer.json()["id"] in told


@pytest.mark.parametrize(
    "text",
    [
        "GET /a/1/card.1-640/x.jpg?t=hunter2",
        "GET /a?x=1&t=hunter2&y=2",
        "postgresql://user:hunter2@host/db",
        "redis://:hunter2@host",
        "{'authorization': 'Bearer hunter2'}",
        "host=db password=hunter2 dbname=x",
        "/a/1/card.1-640/x.jpg;t=hunter2",
        "/a/1/card.1-640/x.jpg/t=hunter2/more",
        "WebSocket /graphql?access_token=hunter2",
        "wherevtr_hunter2",
        "whsec_hunter2",
        "SCIM vts_hunter2",
        "PUT /files/1.put.hunter2.abc",
        "GET /login?link=hunter2",
        "token eyJhbGciOiJub25l.hunter2.hunter2",
    ],
)
def test_logs_hide_secrets(text: str) -> None:
    assert "hunter2" not in redact(text)
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize("owner", ["", "p1234567"])
@pytest.mark.parametrize("actor", ["", ".QWRh"])
@pytest.mark.parametrize("dot", [".", "%2E", "%2e", "%252E"])
@pytest.mark.parametrize("before", ["/", "/a,", ";token:", "(", "x=", "GET /a b "])
def test_logs_hide_a_media_token_wherever_it_stands(
    before: str, dot: str, actor: str, owner: str
) -> None:
    mac = "6xSEL7GMXNc8bLz7DbH0cj8HRzxhe5-mSmVuMIZ9ZfA"
    token = f"k1.7f3k2cq9.d2c.web..{owner}.w.towlk1.tozdk1{actor}.{mac}".replace(".", dot)
    told = redact(f"{before}{token}/x.jpg")
    assert mac not in told
    assert "7f3k2cq9" not in told


@pytest.mark.parametrize(
    "text",
    [
        "/7f3k2cq9/1c/card.3-640/red-running-shoe.avif",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "catalog.events.store: 1.2.3.4",
        '{"timestamp": "2026-11-30T04:15:01.123456Z", "logger": "a.b.c.d.e.f"}',
    ],
)
def test_logs_tell_what_is_no_secret(text: str) -> None:
    assert redact(text) == text


async def test_ready_says_what_is_missing(
    client: httpx2.AsyncClient, checks: dict[str, Check]
) -> None:
    problem: str | None = "out of reach"

    async def database() -> str | None:
        return problem

    checks["database"] = database
    unready = await client.get("/health/ready")
    assert unready.status_code == 503
    assert unready.json() == {"status": "unready", "checks": {"database": "out of reach"}}
    problem = None
    assert (await client.get("/health/ready")).json()["status"] == "ready"
    assert (await client.get("/health/live")).status_code == 200


async def test_a_check_that_raises_is_unready_without_its_reason(
    client: httpx2.AsyncClient, checks: dict[str, Check]
) -> None:
    async def database() -> str | None:
        raise ConnectionError("owner:hunter2")

    checks["database"] = database
    unready = await client.get("/health/ready")
    assert unready.json()["checks"] == {"database": "failed"}


async def test_a_check_that_hangs_is_unready(
    client: httpx2.AsyncClient, checks: dict[str, Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.health._CHECK_TIMEOUT_S", 0.05)
    checks["database"] = asyncio.Event().wait  # pyright: ignore[reportArgumentType] - never answers
    assert (await client.get("/health/ready")).json()["checks"] == {"database": "no answer in time"}


async def test_metrics_count_requests(client: httpx2.AsyncClient) -> None:
    await client.get("/hello")
    text = (await client.get("/metrics")).text
    assert 'vitrine_http_requests_total{method="GET",status="200"}' in text
    assert "vitrine_http_request_seconds_bucket" in text
