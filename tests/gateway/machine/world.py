"""The primary, its gateways, their clients, and the judge of every answer."""

import asyncio
from collections import Counter, deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import cycle, product
from typing import Any

from starlette.responses import Response

from tests.gateway.machine import shop
from tests.gateway.machine.asking import ExpectedAnswer, MachineRequest, lifetimes_of
from tests.gateway.machine.edges import MachineEdge
from tests.gateway.machine.gateways import LEASE_S, RunningGateway
from tests.gateway.machine.links import CONNECT_S, Link
from tests.gateway.machine.oracle import Oracle, RightAnswer
from tests.gateway.machine.primary import Primary, instant

#: So long after the last disturbance a gateway answers for certain: a connect that was lost has
#: been given up, and the next one and its first question have succeeded.
SETTLED_S = CONNECT_S + 2 * LEASE_S
_POLL_S = 0.06
_EDGE_POLL_S = 0.4
_PAGES = 2
_COUNTRIES = ("DE", "FR", None)
_FORMS: tuple[dict[str, Any], ...] = (
    {},
    {"leave_only": True},
    {"has_copy": True},
    {"newer_by": -1},
)
_BOUND_TO = (None, shop.OWNERS[0], None, shop.OWNERS[1])


@dataclass(slots=True)
class Tally:
    """How much was judged, over all examples.

    Attributes:
        kept_deliveries: by leaves that an edge kept.
    """

    answers: Counter[int] = field(default_factory=Counter[int])
    kept_deliveries: int = 0
    examples: int = 0


class Site:
    """One gateway with its link, its background client and its judge.

    Args:
        world: that it is in.
        skew_s: of its clock.
        remembers: whether it keeps what it rendered, and so delivers at once; else each request
            renders or joins a render.
    """

    def __init__(self, world: "World", *, skew_s: float, remembers: bool) -> None:
        self._world = world
        self._remembers = remembers
        self.link = Link(world.primary)
        self.oracle = Oracle(world.primary, self.link, lease_s=LEASE_S)
        self.gateway = self._start(skew_s)
        self.edge = MachineEdge(self._ask_gateway, self.link)
        self.requests: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self._clients = [loop.create_task(self._poll()), loop.create_task(self._poll_edge())]

    def ask(self, asked: MachineRequest) -> None:
        """Send a request; it is judged when it is answered."""
        self._watch(self._judge(asked))

    async def _ask_gateway(self, asked: MachineRequest) -> Response:
        return await self.gateway.get(asked)  # the one of now

    def _watch(self, judging: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(judging)
        self.requests.add(task)
        task.add_done_callback(self._judged)

    def _judged(self, task: asyncio.Task[None]) -> None:
        self.requests.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._world.errors.append(f"not answered at all: {error!r}")

    async def restart(self, *, skew_s: float) -> None:
        """Kill the gateway with all that it holds, and start another."""
        await self.gateway.stop()
        for request in self.requests:
            request.cancel()
        self.edge.lose_gateway()
        take_s = self.gateway.renders.take_s
        self.link.forget()
        self.gateway = self._start(skew_s)
        self.gateway.renders.take_s = take_s

    def _start(self, skew_s: float) -> RunningGateway:
        return RunningGateway(
            self._world.primary, self.link, skew_s=skew_s, remembers=self._remembers
        )

    async def _poll(self) -> None:
        """Ask for every picture in turn, over and over, as a page view does."""
        kinds = cycle(product(_COUNTRIES, _FORMS, _BOUND_TO, shop.ASSETS))
        for country, form, owner, asset in kinds:
            if self._world.are_clients_asking:
                self.ask(self._world.asked(asset, owner=owner, country=country, **form))
            await asyncio.sleep(_POLL_S)

    async def _poll_edge(self) -> None:
        """Ask the edge for what pages of now and of a moment ago show."""
        shown: deque[MachineRequest] = deque(maxlen=_PAGES)
        for owner in cycle((None, shop.OWNERS[0])):
            if self._world.are_clients_asking:
                asked = self._world.asked(shop.LAMP, owner=owner, leave_only=True)
                if asked not in shown:
                    shown.append(asked)
                for each in shown:
                    self._watch(self._judge_edge(each))
            await asyncio.sleep(_EDGE_POLL_S)

    async def _judge_edge(self, asked: MachineRequest) -> None:
        leave = await self.edge.leave(asked)
        if leave is None:
            return  # a refusal is the gateway's, and judged there
        error = self._disagreement(
            self.oracle.verdicts(asked, kept=leave),
            ExpectedAnswer.of(leave.response),
            leave.response,
        )
        if error is not None:
            age_s = self._world.primary.now_s - leave.asked_s
            self._note(asked, f"an edge, by leave of {age_s:.3f} s ago: {error}")

    async def _judge(self, asked: MachineRequest) -> None:
        response = await self.gateway.get(asked)
        answer = ExpectedAnswer.of(response)
        self._world.tally.answers[answer.status] += 1
        error = self._error(asked, answer, response)
        if error is not None:
            self._note(asked, error)

    def _note(self, asked: MachineRequest, error: str) -> None:
        self._world.errors.append(f"at {self._world.primary.now_s:.3f} s: {asked}: {error}")

    def _error(
        self, asked: MachineRequest, answer: ExpectedAnswer, response: Response
    ) -> str | None:
        if answer.status == 503:
            if self._world.primary.now_s - self.link.disturbed_at > SETTLED_S:
                return "503 although nothing is wrong"
            return None
        return self._disagreement(self.oracle.verdicts(asked), answer, response)

    def _disagreement(
        self, verdicts: Sequence[RightAnswer], answer: ExpectedAnswer, response: Response
    ) -> str | None:
        agreed = [verdict for verdict in verdicts if verdict.answer == answer]
        if not agreed:
            return f"{answer} where only {[each.answer for each in verdicts]} could be right"
        browser_s, edge_s = lifetimes_of(response)
        if not any(browser_s <= each.browser_s and edge_s <= each.edge_s for each in agreed):
            return f"kept for {browser_s} s and {edge_s} s, beyond the boundary: {agreed}"
        return None


class World:
    """Everything of one example."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.errors: list[str] = []
        self.primary = Primary(shop.rows_at_the_beginning())
        self.sites: list[Site] = []
        self.are_clients_asking = True

    def open(self, skews_s: tuple[float, ...]) -> None:
        """Start a gateway for each skew; every other one remembers what it rendered."""
        self.sites = [
            Site(self, skew_s=skew_s, remembers=number % 2 == 1)
            for number, skew_s in enumerate(skews_s)
        ]

    def asked(  # noqa: PLR0913 - a request has that many dimensions
        self,
        asset: str,
        *,
        owner: str | None = None,
        country: str | None = "DE",
        newer_by: int = 0,
        key_age: int = 0,
        ends_soon: bool = False,
        leave_only: bool = False,
        has_copy: bool = False,
    ) -> MachineRequest:
        """Make a request as the API would have written its URL now, or a little off.

        Its epoch is `newer_by` above the current one, and its token was signed by the key that is
        `key_age` before the active one.
        """
        known = self.primary.read(shop.asset_row(asset))
        active = self.primary.read(shop.CATALOGUE_ROW).keys.active.kid
        return MachineRequest(
            asset=asset,
            epoch=max(1, (known.epoch if known else 1) + newer_by),
            owner=owner,
            key=max(1, int(active.removeprefix("k")) - key_age),
            ends=shop.TOKEN_ENDS[ends_soon],
            country=country,
            leave_only=leave_only,
            has_copy=has_copy,
        )

    def change(self, change: shop.Change, *, lasts_s: float = 0.0, commits: bool = True) -> None:
        """Make a change in a transaction, unless it would have to wait for a lock.

        Args:
            change: what to do.
            lasts_s: how long the transaction stays open; others may overtake it.
            commits: or it is rolled back.
        """
        if self.primary.is_locked(change.row):
            return
        row = change.make(self.primary.read(change.row), instant(self.primary.now_s))
        transaction = self.primary.begin({change.row: row}, change.subject)
        end = self.primary.commit if commits else self.primary.roll_back
        if lasts_s:
            asyncio.get_running_loop().call_later(lasts_s, end, transaction)
        else:
            end(transaction)
