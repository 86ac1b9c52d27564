"""Which variants look alike: pure."""

import uuid

from catalog.graph.siblings import MOST_ALIKE, groups_of

MODEL, OTHER = uuid.uuid4(), uuid.uuid4()


def test_variants_of_one_model_with_one_value_look_alike() -> None:
    one, two, blue, elsewhere, plain = (uuid.uuid4() for _ in range(5))
    assert groups_of([
        (MODEL, one, "red"),
        (MODEL, blue, "blue"),
        (MODEL, two, "red"),
        (OTHER, elsewhere, "red"),
        (MODEL, plain, None),
    ]) == {one: (one, two), two: (one, two), blue: (blue,), elsewhere: (elsewhere,)}


def test_of_many_that_look_alike_the_first_are_looked_at() -> None:
    many = [uuid.uuid4() for _ in range(MOST_ALIKE + 1)]
    groups = groups_of((MODEL, each, "red") for each in many)
    assert groups == dict.fromkeys(many, tuple(many[:MOST_ALIKE]))
