"""WebSockets whose clients take no more of a process than its other clients leave them."""

import asyncio
from typing import ClassVar, Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from serving.connections import ConnectionLimits, Connections, WatchedConnection

MAX_FRAMES: Final = 256  # between two looks, pings among them

_PART_BYTES = 1_024  # at most some hundred frames at once
_POLICY = 1008  # RFC 6455, 7.4.1


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket whose frames are counted, and whose messages come in time."""

    limits: ClassVar[ConnectionLimits]
    everyone: ClassVar[Connections]

    _frames = 0  # since the last look
    _messages = 0
    _seen = 0  # messages, at the last look
    _waited_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection over from the protocol that read its first request."""
        stream = cast("asyncio.Transport", transport)
        self.everyone.hand_over(cast("WatchedConnection", stream.get_protocol()), self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        self.everyone.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as far as frames may come."""
        for begin in range(0, len(data), _PART_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[begin : begin + _PART_BYTES])

    def handle_events(self) -> None:
        """Handle the frames that have come, if they are not too many."""
        self._frames += len(self.conn.events)
        if self._frames > MAX_FRAMES:
            self._end("too many frames")
        else:
            super().handle_events()

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message on."""
        self._messages += 1
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """Read nothing more of a client that does not take its answers: each ping has one."""
        super().pause_writing()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on, if the app is done with what has come."""
        super().resume_writing()
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def look(self, passed_s: float) -> None:
        """End the connection, if a message that has begun does not come."""
        self._frames = 0
        has_begun = bool(self.frames or self.conn.reader.buffer)
        is_ours = self.read_paused or not self.writable.is_set()
        if not has_begun or is_ours or self._messages != self._seen:
            self._seen, self._waited_s = self._messages, 0.0
            return
        self._waited_s += passed_s
        if self._waited_s >= self.limits.body_s:
            self._end("the message did not come in time")

    def _end(self, why: str) -> None:
        if self.transport.is_closing():
            return
        self.everyone.ended(f"WebSocket: {why}", asyncio.get_running_loop())
        self.conn.fail(_POLICY, why)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
