"""The smallest HTTP/1.1 client that will do: keep-alive, one request at a time, exact instants."""

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple, cast

import httptools

_TIMEOUT_S = 45.0  # longer than any server of ours lets a request wait
_REDIRECT = 307
_CLOSED = 0
_DELIVERING = frozenset({200, 304, _REDIRECT})


class TimedAnswer(NamedTuple):
    """One answer; instants are those of `time.monotonic`, which all processes share.

    Attributes:
        status: 0: the connection ended without an answer.
        sent_at: when the request was written.
        received_at: when the answer was complete.
        location: of a redirect.
    """

    status: int
    sent_at: float
    received_at: float
    location: str = ""

    @property
    def delivers(self) -> bool:
        """Whether it was given because the right is there; a 307 is never given without it."""
        return self.status in _DELIVERING


class ViewerClient:
    """Asks one server for one viewer; opens as many connections as are in use at once.

    Args:
        port: of the server.
        country: where a hop says that the viewer is.
        headers: sent with each request besides.
    """

    def __init__(
        self, port: int, *, country: str | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        self._port = port
        own = {"Host": f"127.0.0.1:{port}", "Accept": "*/*"}
        if country is not None:
            own["CF-IPCountry"] = country
        lines = [f"{name}: {value}\r\n" for name, value in {**own, **headers}.items()]
        self._rest = f" HTTP/1.1\r\n{''.join(lines)}\r\n"
        self._idle: list[_ViewerConnection] = []

    async def get(self, path: str) -> TimedAnswer:
        """Ask once; again over a new connection where the old one had been closed meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                answer = await self._ask(connection, path)
                if answer.status != _CLOSED:
                    return answer
        return await self._ask(await self._connect(), path)

    async def _connect(self) -> "_ViewerConnection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_ViewerConnection, "127.0.0.1", self._port)
        return connection

    async def _ask(self, connection: "_ViewerConnection", path: str) -> TimedAnswer:
        answer = await connection.ask(f"GET {path}{self._rest}".encode())
        if connection.is_open:
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """End every connection that is idle."""
        while self._idle:
            self._idle.pop().close()


class _ViewerConnection(asyncio.Protocol):
    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport
        self._parser: httptools.HttpResponseParser
        self._answered: asyncio.Future[None] | None = None
        self._location = ""

    async def ask(self, request: bytes) -> TimedAnswer:
        self._answered = asyncio.get_running_loop().create_future()
        self._parser, self._location = httptools.HttpResponseParser(self), ""
        sent_at = time.monotonic()
        self._transport.write(request)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self._answered
        except (ConnectionError, TimeoutError):
            self.close()
            return TimedAnswer(_CLOSED, sent_at, time.monotonic())
        status = self._parser.get_status_code()
        return TimedAnswer(status, sent_at, self._received_at, self._location)

    def close(self) -> None:
        self.is_open = False
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError())

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location":
            self._location = value.decode("latin-1")

    def on_message_complete(self) -> None:
        self._received_at = time.monotonic()
        if not self._parser.should_keep_alive():
            self.close()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)
