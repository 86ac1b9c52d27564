"""The load: requests written beforehand over kept connections, one thread, epoll and `recv_into`.

It does as little as can be done in Python for each answer, so that the server is what is measured;
what it takes itself is stated (`cpu_s`). Every answer's status and size are checked. A request that
is told to come again later (503) does; the time goes on, and how often that was is counted.
"""

import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from bench.homes import HOST
from bench.shop import HOME_COUNTRY

#: Index of the request, head and body of its answer.
Take: TypeAlias = Callable[[int, bytes, bytes], None]

_BUFFER_BYTES = 1 << 18
_SILENCE_S = 60.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
_OK = 200
_TRY_AGAIN = 503
_RETRY_AFTER_S = 1.0
_BODILESS = frozenset({204, 304})


class AnswerError(Exception):
    """An answer was not the one that it had to be; the measurement is void."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it goes over the wire.

    Attributes:
        size: of the body in bytes; None: not known yet.
    """

    text: bytes
    status: int = _OK
    size: int | None = None


def get(url: str, *, status: int = _OK, size: int | None = None, **headers: str) -> Request:
    """Write a GET as a browser's neighbour would: a hop that says the country.

    Args:
        url: path and query.
        status: of the answer that it has to get.
        size: of its body.
        headers: with `_` for `-`.
    """
    lines = [f"GET {url} HTTP/1.1", "Host: media.example", f"CF-IPCountry: {HOME_COUNTRY}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Request("\r\n".join([*lines, "", ""]).encode("latin-1"), status, size)


def post(url: str, body: bytes, *, size: int | None = None) -> Request:
    """Write a POST of JSON.

    Args:
        url: path and query.
        body: in UTF-8.
        size: of the answer's body.
    """
    head = f"POST {url} HTTP/1.1\r\nHost: api.example\r\nContent-Type: application/json\r\n"
    length = f"Content-Length: {len(body)}\r\n\r\n"
    return Request(f"{head}{length}".encode("latin-1") + body, size=size)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTimes:
    """What it took.

    Attributes:
        latencies_s: by index of the request, from when it was due to its last byte.
        cpu_s: of this client.
        body_bytes: of all answers.
        repeated: how often the server was busy and the request was sent again.
    """

    seconds: float
    latencies_s: list[float]
    cpu_s: float
    body_bytes: int
    repeated: int

    @property
    def per_s(self) -> float:
        """Return answers a second."""
        return len(self.latencies_s) / self.seconds


def ask(
    port: int,
    requests: Sequence[Request],
    *,
    connections: int,
    rate_hz: float | None = None,
    take: Take | None = None,
) -> ClientTimes:
    """Send all requests and wait for all answers.

    Args:
        port: of loopback.
        requests: in the order in which they are sent.
        connections: how many are in flight at once, at most.
        rate_hz: when each is due; None: as soon as a connection is free. A request that is due
            while none is free is late from then on.
        take: gets every answer; costs time.

    Raises:
        AnswerError: an answer was another, or did not come.
    """
    run = _Run(requests, rate_hz, take)
    with select.epoll() as poll:
        opened = [_Connection(port) for _ in range(connections)]
        try:
            for each in opened:
                poll.register(each.socket.fileno(), select.EPOLLIN)
            return run.through(poll, opened)
        finally:
            for each in opened:
                each.socket.close()


class _Connection:
    __slots__ = ("answer", "index", "is_refused", "missing", "since", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.index = -1
        self.since = 0.0
        self.missing = -1  # bytes of the body; negative: the head is not complete
        self.is_refused = False
        self.answer = b""


class _Refused(NamedTuple):
    """A request that is sent again, and when; its time goes on."""

    again_at: float
    request: int
    since: float


class _Run:
    def __init__(
        self, requests: Sequence[Request], rate_hz: float | None, take: Take | None
    ) -> None:
        self._requests = requests
        self._every_s = 1 / rate_hz if rate_hz else 0.0
        self._take = take
        self._latencies_s = [0.0] * len(requests)
        self._body_bytes = 0
        self._refused = deque[_Refused]()
        self._repeated = 0
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))

    def through(self, poll: select.epoll, opened: Sequence[_Connection]) -> ClientTimes:
        by_handle = {each.socket.fileno(): each for each in opened}
        # in turn: none is idle for so long that the server closes it
        idle, left = deque(opened), len(self._requests)
        cpu_s, began = time.process_time(), time.perf_counter()
        following = self._due(began)
        due = next(following)
        while left:
            now = time.perf_counter()
            while idle and due is not None and due[1] <= now:
                self._send(idle.popleft(), *due, now)
                due = next(following)
            while idle and self._refused and self._refused[0].again_at <= now:
                self._send_again(idle.popleft(), self._refused.popleft())
            wait_s = self._wait_s(due, now) if idle else _SILENCE_S
            events = poll.poll(wait_s)
            if not events and wait_s == _SILENCE_S:
                raise AnswerError(f"no answer for {_SILENCE_S:.0f} s")
            for handle, _ in events:
                connection = by_handle[handle]
                if self._receive(connection):
                    idle.append(connection)
                    left -= not connection.is_refused
        return ClientTimes(
            seconds=time.perf_counter() - began,
            latencies_s=self._latencies_s,
            cpu_s=time.process_time() - cpu_s,
            body_bytes=self._body_bytes,
            repeated=self._repeated,
        )

    def _due(self, began: float) -> Iterator[tuple[int, float] | None]:
        for index in range(len(self._requests)):
            yield index, began + index * self._every_s
        yield None

    def _send(self, connection: _Connection, index: int, due: float, now: float) -> None:
        # the timer's grain, a millisecond, is not the server's: only real lateness counts
        is_late = self._every_s and now - due > self._every_s + 0.001
        connection.index, connection.since = index, due if is_late else now
        connection.socket.sendall(self._requests[index].text)

    def _send_again(self, connection: _Connection, refused: _Refused) -> None:
        connection.index, connection.since = refused.request, refused.since
        connection.socket.sendall(self._requests[refused.request].text)
        self._repeated += 1

    def _wait_s(self, due: tuple[int, float] | None, now: float) -> float:
        """Return how long there is nothing to send, unless an answer comes."""
        instants = [due[1]] if due else []
        if self._refused:
            instants.append(self._refused[0].again_at)
        return max(0.0, min(instants) - now) if instants else _SILENCE_S

    def _receive(self, connection: _Connection) -> bool:
        """Take what is there; return whether the answer is complete.

        Raises:
            AnswerError: it is not the one that it has to be.
        """
        count = connection.socket.recv_into(self._buffer)
        if count == 0:
            raise AnswerError("the server closed a connection")
        if self._take is not None:
            connection.answer += self._buffer[:count]
        if connection.missing >= 0:
            connection.missing -= count
        else:
            self._begin(connection, bytes(self._buffer[: min(count, 4096)]), count)
        if connection.missing > 0:
            return False
        if connection.missing < 0:
            raise AnswerError("an answer is longer than it says")
        connection.missing = -1
        if connection.is_refused:
            again_at = time.perf_counter() + _RETRY_AFTER_S
            self._refused.append(_Refused(again_at, connection.index, connection.since))
            connection.answer = b""
            return True
        self._latencies_s[connection.index] = time.perf_counter() - connection.since
        if self._take is not None:
            head, _, body = connection.answer.partition(_HEAD_END)
            self._take(connection.index, head, body)
            connection.answer = b""
        return True

    def _begin(self, connection: _Connection, start: bytes, count: int) -> None:
        """Read the head, which every server here sends in one piece, and check what it says.

        Raises:
            AnswerError: another status or size.
        """
        request = self._requests[connection.index]
        end = start.find(_HEAD_END)
        status = int(start[9:12])
        connection.is_refused = status == _TRY_AGAIN
        if end < 0 or status not in {request.status, _TRY_AGAIN}:
            raise AnswerError(f"{request.text!r} was answered: {start[:600]!r}")
        size = 0 if status in _BODILESS else _length(start[: end + 2])
        if not connection.is_refused and request.size not in {None, size}:
            raise AnswerError(f"{request.text!r} has {size} bytes, not {request.size}")
        connection.missing = size - (count - end - len(_HEAD_END))
        self._body_bytes += 0 if connection.is_refused else size


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(_LENGTH)
    if at < 0:
        raise AnswerError(f"an answer does not say its length: {head!r}")
    at += len(_LENGTH)
    return int(lowered[at : lowered.index(b"\r", at)])
