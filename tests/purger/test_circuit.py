"""The circuit of a driver, by a clock that the test turns."""

import pytest

from catalog.purges.driver_store import CircuitState, StoredCircuit
from purger.circuit import Circuit, resumed

CLOSED, OPEN, HALF_OPEN = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN


def test_a_failure_opens_it_until_its_time_and_the_next_request_tries_it() -> None:
    opened = Circuit().asked().failed("no answer", next_try_s=107)
    assert (opened.state, opened.failures, opened.last_error) == (OPEN, 1, "no answer")
    assert (opened.wait_s(100), opened.wait_s(107), opened.wait_s(108)) == (7, 0, 0)
    assert opened.asked().state is HALF_OPEN
    assert opened.asked().wait_s(100) == 0


def test_an_answer_closes_it_and_what_was_wrong_is_remembered() -> None:
    tried = Circuit().failed("no answer", next_try_s=1).asked().failed("busy", next_try_s=2).asked()
    assert tried.failures == 2
    closed = tried.answered()
    assert (closed.state, closed.failures, closed.last_error) == (CLOSED, 0, "busy")
    assert closed.wait_s(0) == 0


def test_a_refusal_never_opens_it_and_closes_one_that_was_being_tried() -> None:
    assert Circuit().asked().refused("403").state is CLOSED
    refused = Circuit().failed("busy", next_try_s=1).asked().refused("403")
    assert (refused.state, refused.failures, refused.last_error) == (CLOSED, 0, "403")


def test_a_purge_that_is_done_changes_nothing_that_would_have_to_be_written() -> None:
    closed = Circuit().refused("403")
    assert closed.asked().answered() == closed


@pytest.mark.parametrize(
    ("state", "left_s", "wait_s"), [(OPEN, 250.0, 250), (OPEN, -3.0, 0), (HALF_OPEN, None, 0)]
)
def test_the_next_holder_leaves_alone_what_the_last_one_was_asked_to(
    state: CircuitState, left_s: float | None, wait_s: float
) -> None:
    stored = StoredCircuit(state=state, failures=4, next_try_in_s=left_s, last_error="busy")
    circuit = resumed(stored, now_s=1000)
    assert (circuit.state, circuit.failures, circuit.last_error) == (OPEN, 4, "busy")
    assert circuit.wait_s(1000) == wait_s


def test_a_closed_one_and_one_that_nobody_held_are_closed_for_the_next_holder() -> None:
    stored = StoredCircuit(state=CLOSED, failures=0, next_try_in_s=None, last_error="403")
    assert resumed(stored, now_s=5) == Circuit(last_error="403")
    assert resumed(None, now_s=5) == Circuit()


def test_a_row_from_a_clock_that_jumped_holds_nobody_up_for_long() -> None:
    stored = StoredCircuit(state=OPEN, failures=1, next_try_in_s=1e6, last_error=None)
    assert resumed(stored, now_s=0).wait_s(0) == 300
