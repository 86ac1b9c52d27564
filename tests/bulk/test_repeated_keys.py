"""A key that stands twice in one JSON object is told, with where it stands again."""

import pytest

from catalog.bulk.repeated_keys import repeated_key


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"a": 1, "b": {"a": 2}}', None),
        ('{"a": 1, "a": 2}', ("a", 10)),
        ('{"v": [{"ü": 1, "ü" : 2}]}', ("ü", 17)),
        ('{"a": "\\"a\\":", "b": 1}', None),
        ('{"a": 1, "\\u0061": 2}', ("a", 2)),
    ],
)
def test_a_key_that_is_there_twice_is_found(line: str, told: tuple[str, int] | None) -> None:
    assert repeated_key(line.encode()) == told
