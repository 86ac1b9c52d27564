"""Answers of the executors are compared as bytes."""

from bench.graphql.executor import OperationTimes


def test_an_answer_with_its_keys_in_another_order_is_a_difference() -> None:
    measured = OperationTimes()

    for body in (b'{"a":1,"b":2}', b'{"a":1,"b":2}', b'{"b":2,"a":1}'):
        measured.compare(body)

    assert measured.compared == 3
    assert measured.differences == 1
