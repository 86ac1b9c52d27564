"""A leaver is out with the last answer that they were given, whoever is asked and however late."""

import pytest

from bench.leaver import out_s
from bench.time_to_dark.client import TimedAnswer

TOLD_AT = 100.0


def answered(received_s: float, status: int = 200) -> TimedAnswer:
    """Answer so long after SCIM did."""
    return TimedAnswer(status, TOLD_AT + received_s - 0.01, TOLD_AT + received_s)


def test_out_is_counted_to_the_last_answer_that_came() -> None:
    answers = [
        answered(-0.1),
        answered(0.02),
        answered(0.03, 401),
        answered(0.7),
        answered(0.8, 401),
    ]
    assert out_s(answers, TOLD_AT) == pytest.approx(0.7)
    assert out_s(answers[:1] + answers[2:3], TOLD_AT) == 0


def test_whoever_was_never_answered_shows_nothing() -> None:
    with pytest.raises(RuntimeError, match="not answered before"):
        out_s([answered(-0.1, 401)], TOLD_AT)
