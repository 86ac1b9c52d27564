"""Samples of the stack are counted by what is being done."""

import time

from bench.graphql.samples import Samples


def test_time_that_no_executor_is_part_of_is_around() -> None:
    samples = Samples()

    with samples.taken():
        until_s = time.process_time() + 0.1
        while time.process_time() < until_s:
            pass

    assert samples.shares() == {"around": 1.0}
    assert samples.of_resolvers == 0
