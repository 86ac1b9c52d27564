"""An answer that is not sent within the send timeout is aborted, down to the kernel's buffer.

A body that was allowed when it began must not reach anyone much later: the last pass of every
purge counts on this bound.
"""

import asyncio
import fcntl
import socket
import struct
import termios
from array import array
from collections import deque
from typing import NamedTuple

import structlog
from starlette.types import Receive, Scope, Send

from serving.bounded_reading import BoundedReadProtocol

log = structlog.get_logger(__name__)

#: An app sets it in the scope of a request whose answer goes on until the client leaves.
ENDLESS = "vitrine.endless"

_TURN_S = 0.005
_ACKNOWLEDGED = slice(120, 128)  # of Linux's tcp_info: tcpi_bytes_acked
_DROP_UNSENT = struct.pack("ii", 1, 0)  # SO_LINGER with no time: closing discards what is left


class _PendingAnswer(NamedTuple):
    """Answers on their way: where they end among all bytes of their connection, and their time."""

    end: int
    deadline: float


class BoundedSendProtocol(BoundedReadProtocol):
    """HTTP/1.1 whose answers leave in time or not at all."""

    _has_answered = False  # since the last look

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Let the kernel, too, give up on a peer that takes nothing."""
        super().connection_made(transport)
        self._app, self.app = self.app, self._answer_in_turn
        self._leaving = deque[_PendingAnswer]()
        self._queued = array("i", [0])  # by the kernel, when it was asked last
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        is_tcp = connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6)
        self._connection = connection if is_tcp else None
        connection = self._socket()
        if connection is not None:
            milliseconds = round(self.limits.send_s * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    async def _answer_in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request that was sent ahead begin once the peer has the answer before it.

        Else it would be decided now, and its first byte held back until that answer is taken.
        """
        connection = self._socket()
        while connection is not None and self._unsent_bytes(connection):
            await asyncio.sleep(_TURN_S)
            connection = self._socket()
        await self._app(scope, receive, send)

    def on_response_complete(self) -> None:
        """Note that an answer has been written; whether the peer has it is looked at later."""
        super().on_response_complete()
        self._has_answered = True

    def look(self, passed_s: float) -> None:
        """End the connection, too, if an answer has not left in time."""
        if self._has_answered or self._leaving:
            self._look_after_answers()
        super().look(passed_s)

    def shutdown(self) -> None:
        """End an answer that has no end of its own; any other that was begun is finished."""
        super().shutdown()
        if self.cycle and not self.cycle.response_complete and self.cycle.scope.get(ENDLESS):
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: an upgrade may be ignored (RFC 9110, 7.8), and no library is missing."""

    def _look_after_answers(self) -> None:
        """Give what was written since the last look its time from now on, and end what had it.

        So an answer has up to two looks more than the send timeout, and none costs a timer.
        """
        connection = self._socket()
        unsent = 0 if connection is None else self._unsent_bytes(connection)
        if connection is None or not unsent:
            self._has_answered = False
            self._leaving.clear()
            return
        acknowledged, now = _acknowledged_bytes(connection), self.loop.time()
        while self._leaving and self._leaving[0].end <= acknowledged:
            self._leaving.popleft()
        if self._has_answered:
            self._has_answered = False
            self._leaving.append(_PendingAnswer(acknowledged + unsent, now + self.limits.send_s))
        if self._leaving and self._leaving[0].deadline <= now:
            log.warning("send_aborted", client=self.client[0] if self.client else None)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_UNSENT)
            self.transport.abort()

    def _unsent_bytes(self, connection: socket.socket) -> int:
        """Count what the peer has not acknowledged: in our buffer and in the kernel's."""
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, self._queued)
        return self.transport.get_write_buffer_size() + self._queued[0]

    def _socket(self) -> socket.socket | None:
        return None if self.transport.is_closing() else self._connection


def _acknowledged_bytes(connection: socket.socket) -> int:
    """Count what the peer has acknowledged since the connection began."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED.stop)
    return int.from_bytes(info[_ACKNOWLEDGED], "little")
