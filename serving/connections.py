"""The connections of a process: how many there may be, and a look at all of them now and then.

Who waits is found by one sweep over all connections rather than by a timer for each, so a request
costs nothing but the note how far it has come.
"""

import asyncio
import resource
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from edge import addresses

log = structlog.get_logger(__name__)

_SWEEP_S = 1.0
_SWEEPS_PER_TIMEOUT = 4
_LOGGED_EVERY_S = 10.0
_OTHER_FILES = 512  # of pools, logs, renditions

_OPEN = Gauge("vitrine_connections", "Connections that are open.")
_ENDED = Counter(
    "vitrine_connections_ended",
    "Connections that were ended or not let in, by why.",
    ("reason",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What a connection may take, and how many there may be.

    Attributes:
        head_s: within which a request's head has to come, from its first byte; the first of a
            connection from its beginning.
        body_s: within which the body has to come, from the end of the head; a message of a
            WebSocket from its first byte.
        keep_alive_s: how long a connection may rest between two requests: longer than proxies keep
            idle ones, so that they close them first.
        send_s: within which an answer has to leave, from the first sweep after it was written.
        most: connections of the process.
        most_per_address: of one address, or one IPv6 network of 64 bits; 0: no bound.
        exempt: networks of proxies, behind each of whose addresses are many people.
    """

    head_s: float = 10.0
    body_s: float = 20.0
    keep_alive_s: float = 75.0
    send_s: float = 30.0
    most: int = 8_192
    most_per_address: int = 256
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()


class WatchedConnection(Protocol):
    """A connection that the sweep looks at, of HTTP or of WebSocket."""

    def look(self, passed_s: float) -> None:
        """End it, if it waits for too long; so many seconds have passed since the last look."""
        ...


class Connections:
    """Those of one process."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        # with the address that each counts for
        self._open: dict[WatchedConnection, str | None] = {}
        self._per_address: dict[str, int] = {}
        timeouts = limits.head_s, limits.body_s, limits.send_s
        self._sweep_s = min(_SWEEP_S, *(each / _SWEEPS_PER_TIMEOUT for each in timeouts))
        self._ended: dict[str, int] = {}  # since it was last logged
        self._silent_s = _LOGGED_EVERY_S
        self._next: asyncio.TimerHandle | None = None

    def enter(
        self, connection: WatchedConnection, address: str | None, loop: asyncio.AbstractEventLoop
    ) -> bool:
        """Let a connection in, and look at it until it leaves; False: there is no room for it.

        Args:
            connection: that was accepted.
            address: of the peer; None: it has none.
            loop: that it is served by.
        """
        counted = self._counted(address)
        if len(self._open) >= self._limits.most:
            self.ended("process full", loop)
            return False
        if counted is not None:
            if self._per_address.get(counted, 0) >= self._limits.most_per_address:
                self.ended("address full", loop)
                return False
            self._per_address[counted] = self._per_address.get(counted, 0) + 1
        self._open[connection] = counted
        _OPEN.set(len(self._open))
        self._sweep_later(loop)
        return True

    def hand_over(self, connection: WatchedConnection, successor: WatchedConnection) -> None:
        """Go on with one that speaks something else from now on."""
        self._open[successor] = self._open.pop(connection)

    def leave(self, connection: WatchedConnection) -> None:
        """Forget a connection; one that was not let in, or was handed over, is none."""
        counted = self._open.pop(connection, None)
        _OPEN.set(len(self._open))
        if counted is None:
            return
        self._per_address[counted] -= 1
        if not self._per_address[counted]:
            del self._per_address[counted]

    def ended(self, reason: str, loop: asyncio.AbstractEventLoop) -> None:
        """Count a connection that was ended or not let in."""
        _ENDED.labels(reason).inc()
        self._ended[reason] = self._ended.get(reason, 0) + 1
        self._sweep_later(loop)

    def _counted(self, address: str | None) -> str | None:
        """Return what a connection counts for; None: for none."""
        if not self._limits.most_per_address or address is None:
            return None
        peer = addresses.parsed(address)
        if peer is not None and any(peer in network for network in self._limits.exempt):
            return None
        return addresses.counted(address)

    def _sweep_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._next is None:
            self._next = loop.call_later(self._sweep_s, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._next = None
        for connection in tuple(self._open):
            connection.look(self._sweep_s)
        self._silent_s += self._sweep_s
        if self._ended and self._silent_s >= _LOGGED_EVERY_S:
            log.warning("connections_ended", open=len(self._open), why=self._ended)
            self._ended, self._silent_s = {}, 0.0
        if self._open or self._ended:
            self._sweep_later(loop)


def allow_files(connections: int) -> None:
    """Raise the process's own limit of open files to what so many connections need."""
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning(
            "too_few_files",
            allowed=hard,
            wanted=wanted,
            hint="raise `ulimit -Hn`, or lower VITRINE_MAX_CONNECTIONS",
        )
