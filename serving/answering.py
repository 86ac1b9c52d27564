"""The protocol of every process: HTTP/1.1 that gives at once what its app holds in memory.

For such an answer nothing is made of a request but its target and its headers: no scope, no cycle
of request and answer, no task. Those are most of what a request costs in Python.
"""

import asyncio
from typing import Final

import httptools
import structlog

from serving.at_once import AnswersAtOnce, PlainRequest, plain_headers
from serving.bounded_reading import WITHOUT_BODY
from serving.fields import Lines
from serving.send_timeout import BoundedSendProtocol

log = structlog.get_logger(__name__)

_WITH_BODY: Final = b"POST"
_CHUNKED: Final = b"transfer-encoding"


class AnsweringProtocol(BoundedSendProtocol):
    """HTTP/1.1 in bounds, whose app is asked what it holds in memory before anything is begun."""

    _held: Lines | None = None  # the headers of a request whose body may have come with them
    _held_body = b""
    _stamped: Lines = ()
    _stamp = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Find out whether the app holds answers in memory."""
        app: object = self.app
        super().connection_made(transport)
        self._app_with_answers = app if isinstance(app, AnswersAtOnce) else None
        self._asked = PlainRequest("", b"", {}, self.client[0] if self.client else "")

    def data_received(self, data: bytes) -> None:
        """Read on; a request whose body did not come with its head begins without it."""
        super().data_received(data)
        if self._held is not None:
            try:
                self._let_go(self._held)
            except httptools.HttpParserError:
                self._refuse(400)

    def on_head(self, lines: Lines) -> None:
        """Answer at once, or see whether the body has come as well, or begin the app."""
        method = self._reader.get_method()
        has_body = method == _WITH_BODY
        if not (has_body or method in WITHOUT_BODY) or not self._may_answer_now():
            self.hand_on(lines)
        elif has_body:
            self._held, self._held_body = lines, b""
        elif not self._answer(method, lines):
            self.hand_on(lines)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held_body += body

    def on_message_complete(self) -> None:
        """Answer a request whose body has come with its head."""
        held = self._held
        if held is not None:
            if self._answer(_WITH_BODY, held, self._held_body):
                self._held = None
            else:
                self._let_go(held)
        super().on_message_complete()

    def _may_answer_now(self) -> bool:
        """Whether nothing was sent ahead, and the peer has every answer before.

        What is answered at once is decided now: its first byte must not wait for another's last.
        """
        reader, cycle = self._reader, self._cycle()
        if self._app_with_answers is None or not (cycle is None or cycle.response_complete):
            return False
        if reader.should_upgrade() or not reader.should_keep_alive():
            return False
        connection = self._socket()
        return connection is not None and not self._unsent_bytes(connection)

    def _answer(self, method: bytes, lines: Lines, body: bytes = b"") -> bool:
        """Write what the app holds in memory; False: that is nothing, and it has to begin."""
        headers = plain_headers(lines)
        if self._app_with_answers is None or headers is None:
            return False
        # without the header, whoever keeps the connection speaks 1.1 (RFC 9112, 9.3)
        if b"connection" in headers and self._reader.get_http_version() != "1.1":
            return False
        if method != _WITH_BODY and (b"content-length" in headers or _CHUNKED in headers):
            return False
        asked = self._asked
        asked.method, asked.target = method.decode(), self.url
        asked.headers, asked.body = headers, body
        try:
            answer = self._app_with_answers.answer_at_once(asked)
        except Exception:  # a fault of ours must not look like a bad request: the app is asked
            log.exception("not_answered_at_once")
            return False
        if answer is None:
            return False
        head = answer.head + self._end_of_head()
        if answer.body:
            self.transport.writelines((head, answer.body))  # one system call
        else:
            self.transport.write(head)
        self._is_answered = self._has_answered = True
        self.server_state.total_requests += 1
        return True

    def _end_of_head(self) -> bytes:
        """Return `Date` and the empty line; uvicorn makes another list of it once a second."""
        if self.server_state.default_headers is not self._stamped:
            self._stamped = self.server_state.default_headers
            self._stamp = b"".join([b"%s: %s\r\n" % line for line in self._stamped]) + b"\r\n"
        return self._stamp

    def _let_go(self, held: Lines) -> None:
        """Begin the app for a request that was held, with what has come of its body.

        Raises:
            httptools.HttpParserError: its target is none.
        """
        self.hand_on(held)
        self._held = None
        if self._held_body:
            super().on_body(self._held_body)

    def _has_its_answer(self) -> bool:
        return self._held is None and super()._has_its_answer()

    def _refuse(self, status: int) -> None:
        super()._refuse(status)
        self._held = None
