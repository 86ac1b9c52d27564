"""The token bucket, by a clock that the test turns."""

from hypothesis import given
from hypothesis import strategies as st

from purger.bucket import TokenBucket
from purger.drivers.model import RateLimit

limits = st.builds(RateLimit, per_s=st.floats(0.05, 200), burst=st.integers(1, 500))


def test_a_full_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket = TokenBucket(RateLimit(per_s=5, burst=3), now_s=100)
    for _ in range(3):
        assert bucket.wait_s(100) == 0
        bucket.take(100)
    assert bucket.wait_s(100) == 0.2
    assert bucket.wait_s(100.2) < 1e-9


def test_a_bucket_fills_up_to_its_burst_and_no_further() -> None:
    bucket = TokenBucket(RateLimit(per_s=1, burst=2), now_s=0)
    bucket.take(0)
    bucket.take(0)
    for _ in range(2):
        assert bucket.wait_s(10_000) == 0
        bucket.take(10_000)
    assert bucket.wait_s(10_000) == 1


def test_a_clock_that_stands_or_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(RateLimit(per_s=1), now_s=50)
    bucket.take(50)
    assert bucket.wait_s(49) == 1
    assert bucket.wait_s(50) == 1


@given(limits, st.lists(st.floats(0, 30), max_size=12), st.floats(0, 1e6))
def test_no_span_of_time_holds_more_than_the_burst_and_the_rate(
    limit: RateLimit, idle_s: list[float], start_s: float
) -> None:
    bucket, now_s, made = TokenBucket(limit, now_s=start_s), start_s, list[float]()
    for idle in idle_s:
        now_s += idle
        for _ in range(3):
            now_s += bucket.wait_s(now_s)
            bucket.take(now_s)
            made.append(now_s)
    for first, from_s in enumerate(made):
        for last in range(first, len(made)):
            allowed = limit.burst + limit.per_s * (made[last] - from_s)
            assert last - first + 1 <= allowed + 1e-3
