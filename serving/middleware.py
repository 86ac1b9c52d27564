"""The outermost layer of every process: a request id, one log line and one count per request."""

import itertools
import logging
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping

import orjson
import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.at_once import PlainRequest
from serving.counts import Counts, Durations
from serving.fields import BadFieldsError, one_line_each
from serving.tracing import request_span

log = structlog.get_logger("http")
_level = logging.getLogger("http")

_ID_HEADER = b"x-request-id"  # ASGI has them in lower case
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")
_PROCESS = secrets.token_hex(10).encode()
_ID_LINE = _ID_HEADER + b": %b\r\n"
_NEW_ID_LINE = _ID_LINE % (_PROCESS + b"%012x")
_numbers = itertools.count()
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_OPERATIONS = ("/health/", "/metrics")
_SUCCESSES = frozenset({*range(200, 300), 304})
_STATUSES = [str(status) for status in range(600)]  # 0: there was no answer

_REQUESTS = Counts("vitrine_http_requests", "Requests answered.", ("method", "status"))
_SECONDS = Durations(
    "vitrine_http_request_seconds",
    "Time from the request's head to the end of its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class RequestMiddleware:
    """Wraps an app.

    An exception that nothing inside translated ends here: it is logged once with the request's
    id, and the client gets a plain 500 with the same id.

    Args:
        app: what is wrapped.
        logs_successes: whether a 2xx and a 304 are logged at `info`, as everything else is; where a
            line costs as much as the answer they are logged at `debug`, and counted.
        single: names of headers that may stand once, such as those that tell a country.
    """

    def __init__(
        self, app: ASGIApp, *, logs_successes: bool = True, single: Collection[str] = ()
    ) -> None:
        self._app = _OneLineEach(app, frozenset(name.lower().encode() for name in single))
        self._quiet = frozenset[int]() if logs_successes else _SUCCESSES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(scope, send, self._quiet).run(self._app, receive)


class _OneLineEach:
    """Hands requests on with one line of each header, and refuses those that cannot be read so."""

    def __init__(self, app: ASGIApp, single: frozenset[bytes]) -> None:
        self._app = app
        self._single = single

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            scope["headers"] = one_line_each(
                scope["headers"],
                single=self._single,
                needs_host=scope["http_version"] not in ("1.0", "0.9"),
            )
        except BadFieldsError as error:
            body = {"title": str(error), "status": 400, "code": "BAD_REQUEST"}
            response = Response(
                orjson.dumps(body),
                400,
                headers={"Cache-Control": "no-store"},
                media_type="application/problem+json",
            )
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, quiet: frozenset[int]) -> None:
        self._quiet = quiet
        self._scope = scope
        self._send = send
        self._status = 0  # nothing sent yet
        self._started = time.perf_counter()
        self._id = request_id(scope)

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        with (
            structlog.contextvars.bound_contextvars(request_id=self._id),
            request_span(self._scope, self._id) as span,
        ):
            try:
                await app(self._scope, receive, self._tagged)
            except Exception:  # the last place where it can be handled
                log.exception("request_failed", path=self._scope["path"])
                await self._fail()
            span.set_attribute("http.response.status_code", self._status)
            record(self._scope, self._status, self._started, quiet=self._quiet)

    async def _tagged(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [*message.get("headers", ()), (_ID_HEADER, self._id.encode())]
        await self._send(message)

    async def _fail(self) -> None:
        if self._status:
            return  # the answer had begun; the server closes the connection
        problem = {"title": "Internal error", "status": 500, "code": "INTERNAL", "id": self._id}
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"cache-control", b"no-store"),
        ]
        await self._tagged({"type": "http.response.start", "status": 500, "headers": headers})
        await self._send({"type": "http.response.body", "body": orjson.dumps(problem)})


def record(
    scope: Scope, status: int, started: float, *, quiet: frozenset[int] = _SUCCESSES
) -> None:
    """Count an answer, and log it.

    Args:
        scope: of the request.
        status: of the answer; 0: there was none.
        started: by `time.perf_counter`.
        quiet: statuses that are logged at `debug` only.
    """
    seconds = time.perf_counter() - started
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    _REQUESTS.add((method, _STATUSES[status]))
    _SECONDS.add(seconds)
    path = scope["path"]
    is_loud = not (status in quiet or path.startswith(_OPERATIONS))
    if is_loud or _level.isEnabledFor(logging.DEBUG):
        _log(log.info if is_loud else log.debug, method, path, status, seconds)


def record_at_once(asked: PlainRequest, status: int, started: float) -> None:
    """Count an answer that was given at once, and log it at `debug`.

    Args:
        asked: the request.
        status: of the answer, a success.
        started: by `time.perf_counter`.
    """
    seconds = time.perf_counter() - started
    _REQUESTS.add((asked.method, _STATUSES[status]))
    _SECONDS.add(seconds)
    if _level.isEnabledFor(logging.DEBUG):
        path = asked.target.partition(b"?")[0].decode("latin-1")
        _log(log.debug, asked.method, path, status, seconds)


def _log(write: Callable[..., object], method: str, path: str, status: int, seconds: float) -> None:
    """Write the line of a request.

    Args:
        write: of the log, at the level that it is worth.
        method: of the request.
        path: without the query, which holds the token.
        status: of the answer.
        seconds: that it took.
    """
    write("request", method=method, path=path, status=status, ms=round(seconds * 1000, 2))


def request_id(scope: Scope) -> str:
    """Return the id that a proxy in front gave, where it has the form of one; else a new one."""
    for name, value in scope["headers"]:
        if name == _ID_HEADER:
            return _checked_id(value).decode()
    return _new_id().decode()


def id_line(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the id as the line of an answer that is written by hand."""
    given = headers.get(_ID_HEADER)
    return _NEW_ID_LINE % next(_numbers) if given is None else _ID_LINE % _checked_id(given)


def _checked_id(given: bytes) -> bytes:
    """Return an id that was given, where it has the form of one; else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else _new_id()


def _new_id() -> bytes:
    """Return an id that no process gives twice."""
    return b"%s%012x" % (_PROCESS, next(_numbers))
