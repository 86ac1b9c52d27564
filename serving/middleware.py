"""The outermost layer of every process: a request id, one log line and one count per request."""

import re
import time
import uuid

import orjson
import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("http")

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_OPERATIONS = ("/health/", "/metrics")

_REQUESTS = Counter("vitrine_http_requests", "Requests answered.", ("method", "status"))
_SECONDS = Histogram(
    "vitrine_http_request_seconds",
    "Time from the request's head to the end of its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class RequestMiddleware:
    """Wraps an app.

    An exception that nothing inside translated ends here: it is logged once with the request's
    id, and the client gets a plain 500 with the same id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(scope, send).run(self._app, receive)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._status = 0  # nothing sent yet
        self._started = time.perf_counter()
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        self._id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        with structlog.contextvars.bound_contextvars(request_id=self._id):
            try:
                await app(self._scope, receive, self._tagged)
            except Exception:  # the last place where it can be handled
                log.exception("request_failed", path=self._scope["path"])
                await self._fail()
            self._record()

    async def _tagged(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID_HEADER] = self._id
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

    def _record(self) -> None:
        seconds = time.perf_counter() - self._started
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        _REQUESTS.labels(method, self._status).inc()
        _SECONDS.observe(seconds)
        path = self._scope["path"]
        write = log.debug if path.startswith(_OPERATIONS) else log.info
        write(
            "request",
            method=method,
            path=path,  # without the query, which holds the token
            status=self._status,
            ms=round(seconds * 1000, 2),
        )
