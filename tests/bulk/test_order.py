"""Records come behind what they name, and stay as they stand where that is possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bulk.order import in_order


@pytest.mark.parametrize(
    ("keys", "named", "places"),
    [
        ([1, 2, 3], [0, 1, 2], [0, 1, 2]),
        ([3, 2, 1], [2, 1, 0], [2, 1, 0]),
        ([1, 2, 3, 4], [4, 1, 4, 0], [3, 0, 1, 2]),
        ([1, 2, 3], [9, 0, 9], [0, 1, 2]),  # stored, or nowhere
        ([1, 1, 2], [2, 0, 0], [2, 0, 1]),  # those of one key in their order
        ([1, 2, 2], [2, 0, 1], [1, 0, 2]),
    ],
)
def test_what_is_named_comes_first(keys: list[int], named: list[int], places: list[int]) -> None:
    assert list(in_order(keys, named).places) == places


def test_a_circle_is_told_with_its_members_alone_and_what_follows_comes_after_it() -> None:
    order = in_order([1, 2, 3, 4, 5, 6], [2, 3, 2, 1, 0, 6])
    assert [sorted(circle) for circle in order.circles] == [[1, 2], [5]]
    places = list(order.places)
    assert sorted(places) == [0, 1, 2, 3, 4, 5]
    assert places.index(0) > max(places.index(1), places.index(2))
    assert places.index(3) > places.index(0)


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9)), max_size=12))
def test_every_record_comes_once_behind_the_first_that_it_names(
    records: list[tuple[int, int]],
) -> None:
    keys, named = [key for key, _ in records], [name for _, name in records]
    order = in_order(keys, named)
    places = list(order.places)
    assert sorted(places) == list(range(len(records)))
    in_circle = {place for circle in order.circles for place in circle}
    for place, name in enumerate(named):
        if place not in in_circle and name in keys:
            assert places.index(keys.index(name)) < places.index(place)
    for key in set(keys):
        same = [place for place in places if keys[place] == key and place not in in_circle]
        assert same == sorted(same)
