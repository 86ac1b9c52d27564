"""The network between one gateway and the primary, and what can go wrong with it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import cycle
from typing import Any, TypeVar

from catalog.events.log import EventLog
from catalog.events.model import FeedAnswer, Touch
from catalog.graph.delivery import Catalogue, DeliverableAsset
from catalog.rights.model import Window
from gateway.loaders import Loaders
from tests.gateway.machine import shop
from tests.gateway.machine.primary import Primary, instant

Answer = TypeVar("Answer")

NOMINAL_S = 0.002
#: As `catalog.db.connect` has it.
CONNECT_S = 5.0
_RETRANSMIT_S = 0.05


class Lane:
    """A stretch of network: each message takes the next of the delays of its direction.

    Attributes:
        disturbed_at: when something last went wrong with a message.
    """

    def __init__(self) -> None:
        self._is_partitioned = False
        self._losses = 0
        self.disturbed_at = 0.0
        self._out_s = self._back_s = cycle([NOMINAL_S])
        self._is_slow = False
        self._cut = asyncio.Event()

    @property
    def connection(self) -> asyncio.Event:
        """Return what is set once the connections of now are cut."""
        return self._cut

    def slow_down(self, out_s: Iterable[float], back_s: Iterable[float]) -> None:
        """Delay messages to the primary and from it, each by another time."""
        self._out_s, self._back_s = cycle(out_s), cycle(back_s)
        self._is_slow = True

    def lose(self, count: int) -> None:
        """Let the next messages never arrive."""
        self._losses = count

    def partition(self) -> None:
        """Hold everything back until it is healed."""
        self._is_partitioned = True

    def cut(self) -> None:
        """Reset every connection: whoever waits for an answer has an error at once."""
        self._note()
        self._cut.set()
        self._cut = asyncio.Event()

    def heal(self) -> None:
        self._is_partitioned, self._losses = False, 0
        self._out_s = self._back_s = cycle([NOMINAL_S])
        self._is_slow = False

    async def to_primary(self) -> None:
        """Take a question across: see `_travel`."""
        await self._travel(next(self._out_s))

    async def from_primary(self) -> None:
        """Take an answer across: see `_travel`."""
        await self._travel(next(self._back_s))

    async def _travel(self, delay_s: float) -> None:
        """Take a message across; it may be late, held back until the network heals, or lost.

        Raises:
            ConnectionResetError: the connection was cut meanwhile.
        """
        cut = self._cut
        if self._losses > 0:
            self._losses -= 1
            self._note()
            await cut.wait()
            raise ConnectionResetError
        await _unless(cut, delay_s)
        while self._is_partitioned:  # as TCP does, which sends again what was not acknowledged
            await _unless(cut, _RETRANSMIT_S)
            self._note()
        if self._is_slow:
            self._note()

    def drop_in(self, deliver: Callable[[], None]) -> None:
        """Send something that nobody waits for."""
        if not self._is_partitioned:
            asyncio.get_running_loop().call_later(next(self._back_s), deliver)

    def _note(self) -> None:
        self.disturbed_at = asyncio.get_running_loop().time()


async def _unless(cut: asyncio.Event, after_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(after_s):
            await cut.wait()
            raise ConnectionResetError


class Link:
    """What a gateway has of the primary: the event log on one lane, the loads on another.

    Attributes:
        is_garbled: answers name their subjects again, those of the answer before too, backwards.
        round_trip_s: of the last question whose answer arrived.
        applied: for each question that arrived, when, and the instant of the newest snapshot that
            was reported as applied until then.
        reads: for each row, when an answer arrived, and the newest instant that was told of.
        born_at: when the gateway on it was started.
    """

    def __init__(self, primary: Primary) -> None:
        self.feed, self.loads = Lane(), Lane()
        self.is_garbled = False
        self.round_trip_s = 0.0
        self.applied: list[tuple[float, float]] = []
        self.reads: dict[str, list[tuple[float, float]]] = {}
        self._primary = primary
        self._snapshots: dict[str, float] = {}
        self._brought: tuple[Touch, ...] = ()
        self.born_at = 0.0

    @property
    def disturbed_at(self) -> float:
        """Return when something was last wrong; a gateway that has just begun knows nothing."""
        return max(self.feed.disturbed_at, self.loads.disturbed_at, self.born_at)

    def forget(self) -> None:
        """Begin with another gateway, that has been told nothing."""
        self.born_at = self._primary.now_s
        self.round_trip_s = 0.0
        self.applied.clear()
        self.reads.clear()

    def heal(self) -> None:
        self.is_garbled = False
        self.feed.heal()
        self.loads.heal()

    @asynccontextmanager
    async def open_log(self, wake: Callable[[], None]) -> AsyncGenerator[EventLog]:
        """Connect, as `event_log_at` does."""
        async with asyncio.timeout(CONNECT_S):
            await self.feed.to_primary()

        def notify() -> None:
            for _ in range(2 if self.is_garbled else 1):
                self.feed.drop_in(wake)

        self._primary.listeners.append(notify)
        try:
            yield _ConnectedLog(self)
        finally:
            self._primary.listeners.remove(notify)

    async def ask(self, applied: str | None) -> FeedAnswer:
        asked_at = self._primary.now_s
        await self.feed.to_primary()
        if applied is not None:
            _note_newest(self.applied, self._primary.now_s, self._snapshots[applied])
        answer = self._primary.ask(applied)
        self._snapshots[answer.snapshot] = self._primary.now_s
        if self.is_garbled:
            again = (*reversed(answer.touches), *self._brought, *answer.touches)
            self._brought, answer = answer.touches, replace(answer, touches=again)
        await self.feed.from_primary()
        self.round_trip_s = self._primary.now_s - asked_at
        return answer

    @property
    def loaders(self) -> Loaders:
        """Return the three loads over this link."""
        return Loaders(asset=self._asset, windows=self._windows, catalogue=self._catalogue)

    async def _asset(self, public_id: str) -> DeliverableAsset | None:
        value, read_at_s = await self._read(shop.asset_row(public_id))
        return None if value is None else value.loaded(public_id, instant(read_at_s))

    async def _windows(self, owner: str, _: str) -> tuple[Window, ...]:
        return (await self._read(shop.windows_row(owner)))[0]

    async def _catalogue(self) -> Catalogue:
        return (await self._read(shop.CATALOGUE_ROW))[0]

    async def _read(self, row: str) -> tuple[Any, float]:
        await self.loads.to_primary()
        value, read_at_s = self._primary.read(row), self._primary.now_s
        await self.loads.from_primary()
        _note_newest(self.reads.setdefault(row, []), self._primary.now_s, read_at_s)
        return value, read_at_s


class _ConnectedLog:
    """One connection of a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._cut = link.feed.connection

    async def ask(self, applied: str | None) -> FeedAnswer:
        if self._cut.is_set():
            raise ConnectionResetError
        return await self._link.ask(applied)

    async def leave(self) -> None:
        """Nobody waits in this world for a gateway that has stopped."""


def _note_newest(told: list[tuple[float, float]], now_s: float, of_s: float) -> None:
    told.append((now_s, max(of_s, told[-1][1]) if told else of_s))
