"""An answer that is not sent within the send timeout is aborted, down to the kernel's buffer.

A body that was allowed when it began must not reach anyone much later: the last pass of every
purge counts on this bound.
"""

import asyncio
import fcntl
import socket
import struct
import termios
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, cast

import structlog
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from serving.at_once import AnswersAtOnce, Whole
from serving.bounded_reading import BoundedReadProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

log = structlog.get_logger(__name__)

#: An app sets it in the scope of a request whose answer goes on until the client leaves.
ENDLESS = "vitrine.endless"

_CHECKS = 10  # per timeout
_TURN_S = 0.005
_ACKNOWLEDGED = slice(120, 128)  # of Linux's tcp_info: tcpi_bytes_acked
_DROP_UNSENT = struct.pack("ii", 1, 0)  # SO_LINGER with no time: closing discards what is left


class _Leaving(NamedTuple):
    """An answer on its way: where it ends among all bytes of its connection, and its time."""

    end: int
    deadline: float


class BoundedSendProtocol(BoundedReadProtocol):
    """HTTP/1.1 whose answers leave in time or not at all."""

    _watch: asyncio.TimerHandle | None = None
    _is_reading = False
    _waiting: tuple[RequestResponseCycle, "ASGI3Application"] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Let the kernel, too, give up on a peer that takes nothing."""
        super().connection_made(transport)
        self._answer, self.app = self.app, self._answer_in_turn
        self._knows = self._answer if isinstance(self._answer, AnswersAtOnce) else None
        self._leaving = deque[_Leaving]()
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        is_tcp = connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6)
        self._connection = connection if is_tcp else None
        connection = self._socket()
        if connection is not None:
            milliseconds = round(self.limits.send_s * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def data_received(self, data: bytes) -> None:
        """Read on; a request whose body is still to come begins without it."""
        self._is_reading = True
        super().data_received(data)
        self._is_reading = False
        self._begin_waiting()

    def on_message_complete(self) -> None:
        """Answer a request that has come as a whole."""
        super().on_message_complete()
        self._begin_waiting()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self._waiting = cycle, app
        is_post = cycle.scope["method"] == "POST" and self._knows is not None
        if not (is_post and cycle.more_body and self._is_reading):
            self._begin_waiting()

    def _begin_waiting(self) -> None:
        if self._waiting is None:
            return
        (cycle, app), self._waiting = self._waiting, None
        whole = None if cycle.disconnected else self._answer_at_once(cycle)
        if whole is None:
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        date = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.writelines((whole.head, *date, b"\r\n", whole.body))
        cycle.on_response()

    def _answer_at_once(self, cycle: RequestResponseCycle) -> Whole | None:
        """Ask the app, where nothing was sent ahead and the peer has every answer before."""
        if self._knows is None or self.pipeline or not cycle.keep_alive:
            return None
        connection = self._socket()
        if connection is None or self._unsent_bytes(connection):
            return None
        try:
            body = b"" if cycle.more_body else bytes(cycle.body)
            return self._knows.answer_at_once(cast("Scope", cycle.scope), body)
        except Exception:  # a fault of ours must not look like a bad request: the app is asked
            log.exception("not_answered_at_once")
            return None

    async def _answer_in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request that was sent ahead begin once the peer has the answer before it.

        Else it would be decided now, and its first byte held back until that answer is taken.
        """
        connection = self._socket()
        while connection is not None and self._unsent_bytes(connection):
            await asyncio.sleep(_TURN_S)
            connection = self._socket()
        await self._answer(scope, receive, send)

    def on_response_complete(self) -> None:
        """Watch the answer that has been written until the peer has it all."""
        super().on_response_complete()
        connection = self._socket()
        if connection is None:
            return
        if unsent := self._unsent_bytes(connection):
            end = _acknowledged_bytes(connection) + unsent
            self._leaving.append(_Leaving(end, self.loop.time() + self.limits.send_s))
            if self._watch is None:
                self._look_later()

    def shutdown(self) -> None:
        """End an answer that has no end of its own; any other that was begun is finished."""
        super().shutdown()
        if self.cycle and not self.cycle.response_complete and self.cycle.scope.get(ENDLESS):
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: an upgrade may be ignored (RFC 9110, 7.8), and no library is missing."""

    def _look_later(self) -> None:
        self._watch = self.loop.call_later(self.limits.send_s / _CHECKS, self._look)

    def _look(self) -> None:
        self._watch = None
        connection = self._socket()
        if connection is None or not self._unsent_bytes(connection):
            self._leaving.clear()
            return
        acknowledged = _acknowledged_bytes(connection)
        while self._leaving and self._leaving[0].end <= acknowledged:
            self._leaving.popleft()
        if not self._leaving:
            return
        if self.loop.time() < self._leaving[0].deadline:
            self._look_later()
            return
        log.warning("send_aborted", client=self.client[0] if self.client else None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_UNSENT)
        self.transport.abort()

    def _unsent_bytes(self, connection: socket.socket) -> int:
        """Count what the peer has not acknowledged: in our buffer and in the kernel's."""
        queued = bytearray(4)
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, queued)
        return self.transport.get_write_buffer_size() + int.from_bytes(queued, "little")

    def _socket(self) -> socket.socket | None:
        return None if self.transport.is_closing() else self._connection


def _acknowledged_bytes(connection: socket.socket) -> int:
    """Count what the peer has acknowledged since the connection began."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED.stop)
    return int.from_bytes(info[_ACKNOWLEDGED], "little")
