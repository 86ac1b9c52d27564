"""A record of answers is judged strictly: a planted late delivery is always counted."""

import math

import pytest

from bench.time_to_dark.client import TimedAnswer
from bench.time_to_dark.judge import Darkness, judge_load, judge_watch, percentile

COMMITTED_AT = 100.0
LEASE_S = 1.0
LIMITS_S = {"gateway": LEASE_S, "edge": LEASE_S, "plain": 38.0}


def at(sent_s: float, status: int, *, took_s: float = 0.002) -> TimedAnswer:
    """Answer a request that was sent so long after the commit."""
    sent_at = COMMITTED_AT + sent_s
    return TimedAnswer(status, sent_at, sent_at + took_s)


def watched(*answers: TimedAnswer) -> tuple[float, float | None, int]:
    verdict = judge_watch(answers, committed_at=COMMITTED_AT, limit_s=LEASE_S)
    return verdict.dark_s, verdict.denied_s, verdict.leaks


def test_darkness_begins_with_the_last_request_that_was_delivered() -> None:
    dark_s, denied_s, leaks = watched(at(-0.01, 200), at(0.004, 200), at(0.008, 410), at(0.1, 410))
    assert dark_s == pytest.approx(0.004)
    assert denied_s == pytest.approx(0.010)
    assert leaks == 0


def test_an_image_that_is_never_delivered_after_the_commit_is_dark_at_once() -> None:
    assert watched(at(-0.004, 200), at(0.001, 410, took_s=0.003)) == (
        0.0,
        pytest.approx(0.004),
        0,
    )


def test_a_denial_that_was_asked_for_before_the_commit_is_not_earlier_than_it() -> None:
    assert watched(at(-0.01, 410))[1] == 0.0


@pytest.mark.parametrize("status", [200, 304, 307])
def test_a_planted_late_delivery_is_a_leak_whatever_its_form(status: int) -> None:
    dark_s, denied_s, leaks = watched(at(0.0, 410), at(1.5, status), at(1.6, 410))
    assert (dark_s, leaks) == (pytest.approx(1.5), 1)
    assert denied_s is not None


def test_a_delivery_is_judged_by_when_it_was_asked_for_and_not_by_when_it_came() -> None:
    assert watched(at(0.9, 200, took_s=5.0))[2] == 0
    assert watched(at(1.001, 200, took_s=5.0))[2] == 1


def test_a_place_that_never_denies_has_no_instant_of_denial() -> None:
    assert watched(at(0.0, 200), at(2.0, 200)) == (pytest.approx(2.0), None, 1)


def test_what_is_neither_a_delivery_nor_a_denial_is_a_fault() -> None:
    verdict = judge_watch(
        [at(0.0, 503), at(0.1, 0), at(0.2, 451)], committed_at=COMMITTED_AT, limit_s=LEASE_S
    )
    assert (verdict.faults, verdict.denials, verdict.leaks) == (2, 1, 0)


def dark(*images: int, lasts_s: float = math.inf) -> Darkness:
    return Darkness(
        images=frozenset(images),
        committed_at=COMMITTED_AT,
        restoring_at=COMMITTED_AT + lasts_s,
    )


def test_a_planted_leak_in_the_load_is_found_at_the_place_that_gave_it() -> None:
    record = [
        ("gateway", 7, 0, at(5, 410)),
        ("edge", 7, 0, at(5, 200)),
        ("gateway", 8, 0, at(5, 200)),
    ]
    verdict = judge_load(record, [dark(7)], limits_s=LIMITS_S)
    assert verdict.leaks == {"gateway": 0, "edge": 1, "plain": 0}
    assert (verdict.requests, verdict.judged) == (3, 2)


def test_a_plain_edge_may_deliver_until_the_second_purge_and_no_longer() -> None:
    record = [("plain", 7, 0, at(37, 200)), ("plain", 7, 0, at(39, 200))]
    verdict = judge_load(record, [dark(7)], limits_s=LIMITS_S)
    assert (verdict.judged, verdict.leaks["plain"]) == (1, 1)


def test_what_ended_after_the_right_began_to_come_back_is_not_judged() -> None:
    record = [("gateway", 7, 0, at(9.9, 200, took_s=0.2)), ("gateway", 7, 0, at(9.9, 200))]
    verdict = judge_load(record, [dark(7, lasts_s=10)], limits_s=LIMITS_S)
    assert (verdict.judged, verdict.leaks["gateway"]) == (1, 1)


def test_a_delivery_is_one_leak_however_often_the_image_was_revoked() -> None:
    again = Darkness(images=None, generation=0, committed_at=COMMITTED_AT)
    record = [("gateway", 7, 0, at(5, 200))]
    assert judge_load(record, [dark(7), again], limits_s=LIMITS_S).leaks["gateway"] == 1


def test_every_url_of_a_revoked_key_is_dark_and_no_url_of_the_next() -> None:
    revoked = Darkness(images=None, generation=3, committed_at=COMMITTED_AT)
    record = [("gateway", 1, 3, at(5, 200)), ("gateway", 1, 4, at(5, 200))]
    verdict = judge_load(record, [revoked], limits_s=LIMITS_S)
    assert (verdict.judged, verdict.leaks["gateway"]) == (1, 1)


def test_faults_of_the_load_are_counted() -> None:
    record = [("gateway", 1, 0, at(5, 503)), ("gateway", 1, 0, at(5, 200))]
    assert judge_load(record, [], limits_s=LIMITS_S).faults == 1


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1000, 0, -1)]
    assert percentile(values, 50) == 500.0
    assert percentile(values, 99) == 990.0
    assert percentile(values, 100) == 1000.0
    assert percentile([3.0], 99) == 3.0
