"""What a request may bring: a head and a body of bounded size, within seconds, and not too much.

Bytes are counted as they arrive, per connection, so that what is too long is refused while it is
read and nothing of it is kept; how far a request has come is noted, and looked at by the sweep over
all connections.
"""

import asyncio
from enum import IntEnum
from http import HTTPStatus
from typing import ClassVar, Final, NamedTuple, cast

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from serving.connections import ConnectionLimits, Connections
from serving.fields import Lines

MAX_BODY_BYTES: Final = 1_048_576
MAX_HEAD_BYTES: Final = 32_768
MAX_HEADERS: Final = 100
MAX_URL_BYTES: Final = 16_384
MAX_AHEAD: Final = 16  # requests that wait for the answer before theirs

_BODY_ROOM_BYTES = 2 * MAX_BODY_BYTES  # as it comes, with the sizes of its chunks
_SWALLOWED_BYTES = MAX_BODY_BYTES
_LINGER_S = 2.0

#: Why each is refused: the code of the answer, and what is counted.
_REFUSALS: Final = {
    400: ("BAD_REQUEST", "This is no HTTP request, or a GET with a body or a fragment"),
    408: ("REQUEST_TIMEOUT", "The request did not come in time"),
    413: ("BODY_TOO_LARGE", f"A body has at most {MAX_BODY_BYTES:,} bytes"),
    414: ("PATH_TOO_LONG", f"A URL has at most {MAX_URL_BYTES:,} bytes"),
    431: (
        "HEAD_TOO_LARGE",
        f"The head of a request has at most {MAX_HEAD_BYTES:,} bytes and {MAX_HEADERS} headers",
    ),
    503: ("TOO_MANY_CONNECTIONS", "Too many connections are open: try again"),
}


#: Methods of requests that have none: the next request must never be read as one.
WITHOUT_BODY: Final = frozenset({b"GET", b"HEAD"})


class _Stage(IntEnum):
    """How far a connection has come with its present request."""

    BETWEEN = 0  # nothing of it is here
    HEAD = 1
    BODY = 2
    REFUSED = 3  # what still comes is thrown away
    HANDED_OVER = 4  # to the protocol of WebSockets


class LongBodies(NamedTuple):
    """Where bodies may be longer: of paths that begin so, in pieces that each come in time."""

    path: bytes
    most_bytes: int


NO_LONG_BODIES: Final = LongBodies(b"", 0)


class _NoTrailers(list[tuple[bytes, bytes]]):
    """Takes nothing: fields after a body may be discarded (RFC 9110, 6.5.1), and are no headers."""

    def append(self, _: tuple[bytes, bytes], /) -> None:
        """Take nothing."""


_NO_TRAILERS = _NoTrailers()


class BoundedReadProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose requests come in time and in bounds, or end their connection."""

    limits: ClassVar[ConnectionLimits]
    everyone: ClassVar[Connections]
    long_bodies: ClassVar[LongBodies] = NO_LONG_BODIES

    _stage = _Stage.BETWEEN
    _number = 0  # of the request
    _is_answered = False  # by ourselves, so that nothing of the request is handed on
    _room = MAX_HEAD_BYTES  # bytes that may still come of what is being read
    _refused_with = 400
    _pieces = (0, 0)  # of a long body: of which request, and how many more have been let in
    _seen: tuple[int, _Stage, tuple[int, int]] = (0, _Stage.BETWEEN, (0, 0))  # at the last look
    _waited_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Let a connection in, or turn it away."""
        super().connection_made(transport)
        self._reader = cast("httptools.HttpRequestParser", self.parser)
        address = self.client[0] if self.client else None
        if not self.everyone.enter(self, address, self.loop):
            self._stage, self._room = _Stage.REFUSED, -1
            transport.write(_refusal(503))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        self.everyone.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if len(data) > self._room:
            self._take_in_parts(data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        number, is_between = self._number, self._stage is _Stage.BETWEEN
        try:
            self._reader.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(self._refused_with)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        # what began amid these bytes is counted from the next ones on
        if self._number - number == is_between:
            self._room -= len(data)

    def _take_in_parts(self, data: bytes) -> None:
        while data and self._stage < _Stage.REFUSED and not self.transport.is_closing():
            if self._stage is _Stage.BETWEEN:
                self._room = MAX_HEAD_BYTES
            if self._room <= 0 and not self._lets_another_piece_in():
                self._refuse(self._too_long())
                return
            part, data = data[: self._room], data[self._room :]
            self._take(part)
        if self._stage is _Stage.REFUSED:
            self._room -= len(data)
            if self._room < -_SWALLOWED_BYTES:
                self.transport.abort()

    def _lets_another_piece_in(self) -> bool:
        path, most_bytes = self.long_bodies
        if self._stage is not _Stage.BODY or not path or not self.url.startswith(path):
            return False
        number, pieces = self._pieces
        pieces = pieces + 1 if number == self._number else 1
        if pieces * MAX_BODY_BYTES > most_bytes:
            return False
        self._pieces, self._room = (self._number, pieces), MAX_BODY_BYTES
        return True

    def _too_long(self) -> int:
        if self._stage is _Stage.BODY:
            return 413
        return 414 if len(self.url) > MAX_URL_BYTES else 431

    def on_message_begin(self) -> None:
        """Begin to count; what an app is handed is made once it is asked."""
        self.url, self.headers = b"", []
        self._number += 1
        self._is_answered = False
        self._stage = _Stage.HEAD
        self._room = MAX_HEAD_BYTES

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what it means is looked at once all are here."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin a request whose head is in bounds.

        Raises:
            ValueError: it is not; the parser stops.
        """
        lines, self.headers = self.headers, _NO_TRAILERS
        if len(self.url) > MAX_URL_BYTES:
            self._stop(414)
        if len(lines) > MAX_HEADERS:
            self._stop(431)
        self.on_head(lines)
        self._stage, self._room = _Stage.BODY, _BODY_ROOM_BYTES
        if len(self.pipeline) > MAX_AHEAD:
            self._stop(503)

    def on_head(self, lines: Lines) -> None:
        """Do what a request that is in bounds is for: ask the app."""
        self.hand_on(lines)

    def hand_on(self, lines: Lines) -> None:
        """Have uvicorn make of the head what an app is handed, and ask it in its turn.

        Args:
            lines: the headers.

        Raises:
            httptools.HttpParserError: the target is none.
            ValueError: it is what caches and we might read differently (RFC 9110, 9.3.1, and
                RFC 9112, 3.2); the parser stops.
        """
        if b"#" in self.url or (self._reader.get_method() in WITHOUT_BODY and announce_body(lines)):
            self._stop(400)
        url = self.url
        super().on_message_begin()
        self.url, self.expect_100_continue = url, _expects_continue(lines)
        self.headers.extend(lines)  # of the scope
        super().on_headers_complete()
        if not self._reader.should_upgrade():  # else they are looked at once more
            self.headers = _NO_TRAILERS

    def on_body(self, body: bytes) -> None:
        """Hand a part of the body on."""
        if not self._is_answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the next request."""
        if not self._is_answered:
            super().on_message_complete()
        self._stage = _Stage.BETWEEN

    def on_response_complete(self) -> None:
        """Go on with the next request; how long there is none is found by the sweep."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over."""
        self._stage = _Stage.HANDED_OVER
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """End what was refused, too."""
        super().shutdown()
        if self._stage is _Stage.REFUSED:
            self.transport.abort()

    def look(self, passed_s: float) -> None:
        """End the connection, if what is to come does not."""
        now = self._number, self._stage, self._pieces
        if now != self._seen or self._is_answering():
            self._seen, self._waited_s = now, 0.0
            return
        self._waited_s += passed_s
        if self._waited_s < self._patience_s():
            return
        match self._stage:
            case _Stage.HEAD | _Stage.BODY:
                self._refuse(408)
            case _Stage.REFUSED:
                self.transport.abort()
            case _:
                self.everyone.ended("idle" if self._number else "silent", self.loop)
                self.transport.close()

    def _is_answering(self) -> bool:
        """Whether it is our turn, and not the client's."""
        cycle = self._cycle()
        if cycle is None or cycle.response_complete or self._stage is _Stage.REFUSED:
            return False
        is_sending = cycle.response_started or self.flow.read_paused
        return is_sending or self._stage is not _Stage.BODY

    def _patience_s(self) -> float:
        match self._stage:
            case _Stage.BETWEEN if self._number:
                return self.limits.keep_alive_s
            case _Stage.BODY:
                return self.limits.body_s
            case _Stage.REFUSED:
                return _LINGER_S
            case _:
                return self.limits.head_s

    def _cycle(self) -> RequestResponseCycle | None:
        """Return the newest request with its answer; None: there was none."""
        return self.cycle

    def _stop(self, status: int) -> None:
        """Stop the parser, which says nothing of why.

        Raises:
            ValueError: always.
        """
        self._refused_with = status
        raise ValueError(status)

    def _refuse(self, status: int) -> None:
        """Answer, and end the connection once that is read (RFC 9112, 9.6)."""
        cycle, is_its_own = self._cycle(), self._stage is _Stage.BODY
        unanswered = None if cycle is None or cycle.response_complete else cycle
        waits, may_be_answered = bool(self.pipeline), not self._has_its_answer()
        self._stage, self._room = _Stage.REFUSED, -1
        self.pipeline.clear()
        self.everyone.ended(_REFUSALS[status][0], self.loop)
        if waits or (unanswered and (unanswered.response_started or not is_its_own)):
            self.transport.abort()  # another answer is on its way: nothing can be said amid it
            return
        if unanswered:
            unanswered.disconnected = True
            unanswered.message_event.set()
        if may_be_answered:
            self.transport.write(_refusal(status))
        self.flow.resume_reading()
        self.transport.write_eof()

    def _has_its_answer(self) -> bool:
        """Whether the request whose body is being read was answered before it was read."""
        cycle = self._cycle()
        is_over = cycle is None or cycle.response_complete
        return self._stage is _Stage.BODY and is_over


def _expects_continue(lines: Lines) -> bool:
    """Return whether the client waits for `100 Continue` before its body (RFC 9110, 10.1.1)."""
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in lines)


def announce_body(lines: Lines) -> bool:
    """Return whether these headers say that a body follows (RFC 9112, 6)."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and bool(value.strip(b"0 \t")))
        for name, value in lines
    )


def _refusal(status: int) -> bytes:
    code, title = _REFUSALS[status]
    body = orjson.dumps({"title": title, "status": status, "code": code})
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "content-type: application/problem+json\r\ncache-control: no-store\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
