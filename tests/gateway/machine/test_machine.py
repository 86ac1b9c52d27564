"""Whatever changes and whatever breaks: no gateway answers what was not right a lease ago.

`MACHINE_EXAMPLES=5000 pytest tests/gateway/machine` looks longer, and elsewhere each time; without
it the same few dozen examples are run, so that a failure is always the change's own.
"""

import asyncio
import os
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.gateway.machine import changes, shop
from tests.gateway.machine.links import Lane
from tests.gateway.machine.world import SETTLED_S, Site, Tally, World
from tests.support.virtual_time import VirtualTimeLoop

EXAMPLES = 150
STEPS = 30
GATEWAYS = 2

tally = Tally()

Lanes: TypeAlias = Callable[[Site], list[Lane]]

gateways = st.integers(0, GATEWAYS - 1)
skews_s = st.sampled_from((-2.0, -0.3, 0.0, 0.3, 2.0))
pauses_s = st.sampled_from((0.0, 0.01, 0.05, 0.2, 0.6, 1.2))
delays_s = st.lists(
    st.sampled_from((0.001, 0.02, 0.1, 0.2, 0.4, 0.8, 0.95)), min_size=1, max_size=4
)
lanes: st.SearchStrategy[Lanes] = st.sampled_from((
    lambda site: [site.link.feed],
    lambda site: [site.link.loads],
    lambda site: [site.link.feed, site.link.loads],
))
requests = st.fixed_dictionaries({
    "asset": st.sampled_from(shop.ASSETS),
    "owner": st.sampled_from((None, *shop.OWNERS)),
    "country": st.sampled_from(("DE", "FR", None)),
    "newer_by": st.integers(-1, 2),
    "key_age": st.integers(0, 3),
    "ends_soon": st.booleans(),
    "leave_only": st.booleans(),
    "has_copy": st.booleans(),
})


class Machine(RuleBasedStateMachine):
    """What may happen, in any order; after each step some time passes, with all clients asking."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.world = World(tally)

    @initialize(skews=st.tuples(*[skews_s] * GATEWAYS))
    def start(self, skews: tuple[float, ...]) -> None:
        self._do(lambda: self.world.open(skews), then_s=0.5)

    @rule(change=changes.ANY, then_s=pauses_s)
    def change(self, change: shop.Change, then_s: float) -> None:
        """Commit a change."""
        self._do(lambda: self.world.commit(change), then_s)

    @rule(first=changes.ANY, second=changes.ANY, between_s=pauses_s, then_s=pauses_s)
    def change_twice(
        self, first: shop.Change, second: shop.Change, between_s: float, then_s: float
    ) -> None:
        """Commit two changes shortly one after the other."""
        self._do(lambda: self.world.commit(first), between_s)
        self._do(lambda: self.world.commit(second), then_s)

    @rule(change=changes.ANY, then_s=pauses_s)
    def begin(self, change: shop.Change, then_s: float) -> None:
        """Begin a transaction that others will overtake."""
        self._do(lambda: self.world.begin(change), then_s)

    @precondition(lambda self: self.world.primary.open_transactions)
    @rule(place=st.integers(0, 9), commits=st.booleans(), then_s=pauses_s)
    def end(self, place: int, then_s: float, *, commits: bool) -> None:
        """Commit a transaction late, or roll it back."""
        primary = self.world.primary
        transactions = primary.open_transactions
        last = primary.commit if commits else primary.roll_back
        self._do(lambda: last(transactions[place % len(transactions)]), then_s)

    @rule(gateway=gateways, asked=requests, then_s=pauses_s)
    def ask(self, gateway: int, asked: Mapping[str, Any], then_s: float) -> None:
        """Ask for something less usual."""
        self._do(lambda: self.world.sites[gateway].ask(self.world.asked(**asked)), then_s)

    @rule(gateway=gateways, take_s=st.sampled_from((0.0, 0.05, 0.7, 1.6, 3.0)))
    def render_slowly(self, gateway: int, take_s: float) -> None:
        """Let renders take so long from now on."""
        self.world.sites[gateway].gateway.renders.take_s = take_s

    @rule(gateway=gateways, lanes=lanes, delays=delays_s, then_s=pauses_s)
    def slow_down(self, gateway: int, lanes: Lanes, delays: list[float], then_s: float) -> None:
        """Delay messages, each by another time, so that they overtake each other."""
        self._disturb(gateway, lanes, lambda lane: lane.slow_down(delays), then_s)

    @rule(gateway=gateways, lanes=lanes, count=st.integers(1, 3), then_s=pauses_s)
    def lose(self, gateway: int, lanes: Lanes, count: int, then_s: float) -> None:
        """Lose the next messages."""
        self._disturb(gateway, lanes, lambda lane: lane.lose(count), then_s)

    @rule(gateway=gateways, lanes=lanes, then_s=pauses_s)
    def partition(self, gateway: int, lanes: Lanes, then_s: float) -> None:
        """Let nothing through until it is healed."""
        self._disturb(gateway, lanes, Lane.partition, then_s)

    @rule(gateway=gateways, lanes=lanes, then_s=pauses_s)
    def cut(self, gateway: int, lanes: Lanes, then_s: float) -> None:
        """Reset the connections."""
        self._disturb(gateway, lanes, Lane.cut, then_s)

    @rule(gateway=gateways)
    def garble(self, gateway: int) -> None:
        """Bring everything twice and backwards."""
        self.world.sites[gateway].link.is_garbled = True

    @rule(gateway=gateways, then_s=pauses_s)
    def heal(self, gateway: int, then_s: float) -> None:
        """End what is wrong with a network."""
        self._do(self.world.sites[gateway].link.heal, then_s)

    @rule(gateway=gateways, skew_s=skews_s, then_s=pauses_s)
    def restart(self, gateway: int, skew_s: float, then_s: float) -> None:
        """Start a gateway anew, with a cold index, on a machine with another clock."""
        self.runner.run(self.world.sites[gateway].restart(skew_s=skew_s))
        self._do(lambda: None, then_s)

    def teardown(self) -> None:
        """Heal everything, and see that every gateway answers for everything by the rule again."""
        try:
            for site in self.world.sites:
                self._do(site.link.heal)
            self._do(lambda: None, then_s=SETTLED_S + 1)
            tally.examples += 1
        finally:
            self.runner.close()

    def _disturb(
        self, gateway: int, lanes: Lanes, trouble: Callable[[Lane], None], then_s: float
    ) -> None:
        for lane in lanes(self.world.sites[gateway]):
            self._do(lambda lane=lane: trouble(lane))
        self._do(lambda: None, then_s)

    def _do(self, what: Callable[[], object], then_s: float = 0.0) -> None:
        async def act() -> None:
            what()
            await asyncio.sleep(then_s)

        self.runner.run(act())
        assert not self.world.errors, self.world.errors[0]


@pytest.fixture
def quiet() -> Generator[None]:
    """Log nothing: a hundred thousand refusals are no news."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("quiet")
def test_every_answer_is_one_that_was_right_within_the_lease() -> None:
    longer = os.environ.get("MACHINE_EXAMPLES")
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(longer or EXAMPLES),
            stateful_step_count=STEPS,
            phases=(Phase.generate, *([Phase.shrink] if longer else [])),
            derandomize=longer is None,
            database=None,
            deadline=None,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
        ),
    )
    print(f"{tally.examples} examples, answers judged: {dict(tally.answers)}")  # noqa: T201
    assert set(tally.answers) == {200, 204, 304, 307, 401, 403, 404, 410, 451, 503}
