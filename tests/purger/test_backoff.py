"""How long a purge waits before it is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from purger.backoff import PAUSE, REST, Backoff

jitters = st.floats(0, 1)


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [PAUSE.delay_s(failures, jitter=1) for failures in range(1, 10)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(1, 10_000), jitters)
def test_no_pause_of_our_own_is_longer_than_a_minute(failures: int, jitter: float) -> None:
    assert 0 < PAUSE.delay_s(failures, jitter=jitter) <= 60


@given(st.integers(1, 10_000), jitters, st.floats(0, 1e9))
def test_what_a_server_asks_for_is_waited_for_up_to_five_minutes(
    failures: int, jitter: float, wanted_s: float
) -> None:
    delay_s = PAUSE.delay_s(failures, jitter=jitter, wanted_s=wanted_s)
    assert delay_s == max(PAUSE.delay_s(failures, jitter=jitter), min(wanted_s, 300))


@given(st.integers(1, 100), jitters)
def test_a_refused_batch_rests_at_least_as_long_as_an_unanswered_one(
    failures: int, jitter: float
) -> None:
    assert REST.delay_s(failures, jitter=jitter) >= PAUSE.delay_s(failures, jitter=jitter)


def test_purgers_that_failed_together_do_not_return_together() -> None:
    backoff = Backoff(first_s=8)
    assert backoff.delay_s(1, jitter=0) == 4
    assert backoff.delay_s(1, jitter=1) == 8
