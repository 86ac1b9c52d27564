"""An authorising edge that keeps leave, as `edge/vcl/authorise.vcl` does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from tests.gateway.machine.asking import MachineRequest
from tests.gateway.machine.links import Link


@dataclass(frozen=True, slots=True)
class Leave:
    """What the edge may deliver by.

    Attributes:
        asked_s: when the question left that brought it.
        clock_error_s: of the gateway, when it decided.
    """

    response: Response
    asked_s: float
    clock_error_s: float

    @property
    def good_until_s(self) -> float:
        return self.asked_s + float(self.response.headers["X-Good-For"])

    @property
    def is_kept(self) -> bool:
        return "xkey" in self.response.headers


class MachineEdge:
    """Asks the gateway of a site, one question for all who wait for the same.

    Args:
        ask: the gateway.
        link: of that gateway.

    Attributes:
        out_s, back_s: how long questions and answers are under way.
        kept_deliveries: how many were not asked for.
    """

    def __init__(self, ask: Callable[[MachineRequest], Awaitable[Response]], link: Link) -> None:
        self._ask = ask
        self._link = link
        self._kept: dict[MachineRequest, Leave] = {}
        self._flights: dict[MachineRequest, asyncio.Task[Leave | None]] = {}
        self.out_s = self.back_s = 0.0
        self.kept_deliveries = 0

    async def leave(self, asked: MachineRequest) -> Leave | None:
        """Return what may be delivered by at this instant; None: nothing may."""
        leave = self._kept.get(asked)
        if leave is not None and self._is_good(leave):
            self.kept_deliveries += 1
            return leave
        flight = self._flights.get(asked)
        if flight is None:
            flight = asyncio.create_task(self._fetch(asked))
            self._flights[asked] = flight
            flight.add_done_callback(lambda _: self._flights.pop(asked, None))
        leave = await asyncio.shield(flight)
        return leave if leave is not None and self._is_good(leave) else None

    def lose_gateway(self) -> None:
        """Let every question under way fail; what is kept stays."""
        for flight in self._flights.values():
            flight.cancel()
        self._flights.clear()

    def _is_good(self, leave: Leave) -> bool:
        return asyncio.get_running_loop().time() <= leave.good_until_s

    async def _fetch(self, asked: MachineRequest) -> Leave | None:
        asked_s = asyncio.get_running_loop().time()
        await asyncio.sleep(self.out_s)
        response = await self._ask(asked)
        clock_error_s = self._link.round_trip_s / 2
        await asyncio.sleep(self.back_s)
        if response.status_code != 204:
            return None
        leave = Leave(response, asked_s, clock_error_s)
        if leave.is_kept:
            self._kept[asked] = leave
        return leave
