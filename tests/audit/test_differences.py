"""What differs is told field by field, and ready for JSON."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import NamedTuple

import orjson
import pytest

from catalog.audit.differences import difference, together


class Colour(Enum):
    RED = "red"


class Size(StrEnum):
    SMALL = "small"


class Key(NamedTuple):
    attribute: str
    locale: str | None


@dataclass(frozen=True, kw_only=True)
class Shoe:
    id: int = 0
    revision: int = 0
    name: str = "Shoe"
    tags: frozenset[str] = frozenset()
    values: Mapping[Key, object] = field(default_factory=dict[Key, object])


def test_only_what_differs_is_told() -> None:
    before = Shoe(id=1, revision=1, name="Old", tags=frozenset({"b", "a"}))
    after = Shoe(id=1, revision=2, name="New", tags=frozenset({"b", "a"}))
    assert difference(before, after) == ({"name": "Old"}, {"name": "New"})


def test_of_values_only_those_that_differ() -> None:
    before = Shoe(values={Key("name", "de"): "Alt", Key("size", None): 1, Key("gone", None): 2})
    after = Shoe(values={Key("name", "de"): "Neu", Key("size", None): 1})
    assert difference(before, after) == (
        {"values": {"name/de": "Alt", "gone": 2}},
        {"values": {"name/de": "Neu"}},
    )


def test_what_is_new_has_no_before_and_what_is_gone_no_after() -> None:
    whole: dict[str, object] = {"name": "Shoe", "tags": ["a", "b"], "values": {}}
    shoe = Shoe(tags=frozenset({"b", "a"}))
    assert difference(None, shoe) == (None, whole)
    assert difference(shoe, None) == (whole, None)
    assert difference(None, None) == (None, None)


def test_several_parts_are_told_as_one() -> None:
    parts = together(Shoe(), {"grants": [Shoe(name="Inner")]})
    assert difference(None, parts)[1] == {
        "name": "Shoe",
        "tags": [],
        "values": {},
        "grants": [{"name": "Inner", "tags": [], "values": {}}],
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Colour.RED, "red"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ((1, None, True), [1, None, True]),
        ({Colour.RED: 1}, {"red": 1}),
        ({Size.SMALL: 1, 7: 2}, {"small": 1, "7": 2}),
    ],
)
def test_every_kind_of_value_is_ready_for_json(value: object, told: object) -> None:
    after = difference(None, {"x": value})[1]
    assert orjson.loads(orjson.dumps(after)) == {"x": told}


def test_bytes_are_refused_since_they_may_be_secrets() -> None:
    with pytest.raises(TypeError, match="bytes"):
        difference(None, {"x": b"secret"})
