"""The offset of the database's clock: by the quickest of its answers, whatever others took."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import DRIFT, ClockOffset, Clocks

BEGIN = datetime(2026, 11, 30, tzinfo=UTC)
TRUTH_S = 3.0


class TwoMachines:
    """A machine whose time passes as it is told, and another that is ahead of it."""

    def __init__(self) -> None:
        self.monotonic_s = 1_000.0
        self.set_by_s = 0.0
        self.ahead_s = TRUTH_S
        self.offset = ClockOffset(
            Clocks(monotonic_s=lambda: self.monotonic_s, utc=lambda: self.at(self.set_by_s))
        )

    def at(self, ahead_s: float) -> datetime:
        return BEGIN + timedelta(seconds=self.monotonic_s + ahead_s)

    def ask(self, out_s: float, back_s: float) -> float:
        """Ask once; return the offset in seconds."""
        asked_s = self.monotonic_s
        self.monotonic_s += out_s
        told = self.at(self.ahead_s)
        self.monotonic_s += back_s
        self.offset.add_answer(told, asked_s=asked_s, came_s=self.monotonic_s)
        self.monotonic_s += 0.1
        return self.offset.value.total_seconds()


@pytest.mark.parametrize(("out_s", "back_s"), [(0.001, 0.45), (0.45, 0.001), (2.0, 0.3)])
def test_an_answer_that_is_read_late_moves_nothing(out_s: float, back_s: float) -> None:
    world = TwoMachines()
    quick = world.ask(0.001, 0.001)
    for _ in range(50):
        assert world.ask(out_s, back_s) == pytest.approx(quick, abs=0.003)
    assert quick == pytest.approx(TRUTH_S, abs=0.001)
    assert world.offset.error_s < 0.01 + 50 * (out_s + back_s) * DRIFT


def test_the_first_quick_answer_mends_what_slow_ones_said() -> None:
    world = TwoMachines()
    assert world.ask(0.0, 0.4) == pytest.approx(TRUTH_S - 0.2, abs=0.001)
    assert world.offset.error_s == pytest.approx(0.2, abs=0.001)
    assert world.ask(0.001, 0.001) == pytest.approx(TRUTH_S, abs=0.001)
    assert world.offset.error_s < 0.002


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40))
def test_the_truth_is_always_within_the_stated_error(turns: list[tuple[float, float]]) -> None:
    world = TwoMachines()
    for out_s, back_s in turns:
        found = world.ask(out_s, back_s)
        assert abs(found - TRUTH_S) <= world.offset.error_s + 1e-6
    quickest = min(out_s + back_s for out_s, back_s in turns)
    assert world.offset.error_s <= quickest / 2 + 0.02


def test_a_clock_that_is_set_is_followed_at_the_next_answer() -> None:
    world = TwoMachines()
    for _ in range(3):
        world.ask(0.001, 0.001)
    world.set_by_s = -7.0  # ours
    assert world.ask(0.001, 0.001) == pytest.approx(TRUTH_S + 7, abs=0.002)
    world.ahead_s = -20.0  # the database's
    assert world.ask(0.001, 0.001) == pytest.approx(-13, abs=0.002)


def test_nothing_is_certain_before_the_first_answer() -> None:
    assert TwoMachines().offset.error_s == float("inf")


@given(st.floats(-DRIFT / 2, DRIFT / 2), st.floats(0, 1e6), st.floats(-10, 10))
def test_the_truth_is_within_the_stated_error_however_long_no_answer_comes(
    drift: float, away_s: float, set_by_s: float
) -> None:
    world = TwoMachines()
    world.ask(0.001, 0.001)
    sure_s = world.offset.error_s
    world.monotonic_s += away_s
    world.ahead_s += drift * away_s
    world.set_by_s = set_by_s
    now = world.at(set_by_s) + world.offset.value
    off_s = abs((now - world.at(world.ahead_s)).total_seconds())
    assert off_s <= world.offset.error_s + 1e-5
    assert world.offset.error_s <= sure_s + DRIFT * away_s + abs(set_by_s) + 1e-5
