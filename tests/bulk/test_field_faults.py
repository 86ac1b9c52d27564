"""What is wrong with a field is said in plain words, whatever stands in it."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from catalog.bulk.records import TYPES_BY_NAME
from catalog.errors import VitrineError, faults_of
from tests.bulk.test_what_a_record_says import FULL

_WRONG: tuple[Any, ...] = (
    5,
    1.5,
    "x",
    True,
    [],
    [1],
    {},
    {"x": 1},
    [[1]],
    None,
    [None],
    [{}],
    float("inf"),
)
_OF_A_PARSER = ("Input", "valid ", "argument", "instance", "Sequence", "Field", "tuple", "literal")


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where anything stands in a record."""
    if isinstance(value, dict):
        inner = cast("dict[Any, object]", value).items()
    elif isinstance(value, list):
        inner = enumerate(cast("list[object]", value))
    else:
        inner = ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple[Any, ...], into: object) -> Any:  # noqa: ANN401 - JSON
    if not path:
        return into
    head, *rest = path
    if isinstance(value, list):
        return [*value[:head], changed(value[head], tuple(rest), into), *value[head + 1 :]]
    return {**value, head: changed(value.get(head), tuple(rest), into)}


def told(name: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        TYPES_BY_NAME[name].parse(data)
    except VitrineError as error:
        return [(each.field or "", each.message) for each in faults_of(error)]
    return []


@pytest.mark.parametrize("name", FULL)
def test_no_word_of_a_parser_is_told(name: str) -> None:
    record = FULL[name]
    faults = told(name, {**record, "bogus": 1})
    for path in places(record):
        for wrong in _WRONG:
            faults += told(name, changed(record, path, wrong))
    assert faults
    for field, message in faults:
        assert not any(word in message for word in _OF_A_PARSER), (field, message)
        assert "[" not in field, field


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("product", {"categorys": []}, "categorys", "did you mean categories? choose one of cat"),
    ("product", {"kind": "simple"}, "kind", "choose one of 'MODEL', 'VARIANT', 'SIMPLE'"),
    ("product", {"values": [{"attribute": "a"}]}, "values.0.data", "it is needed: write it"),
    ("product", {"values": {}}, "values", "write a list"),
    ("product", {"categories": {"ad": []}}, "categories.ad", "did you mean add? choose one of"),
    ("asset", {"grants": [{"teritory": 1}]}, "grants.0.teritory", "did you mean territory? "),
    ("asset", {"grants": {"add": [{"usage": []}]}}, "grants.add.0.usage", "mean usages? "),
    ("asset", {"focal_point": {"x": 0.1}}, "focal_point.y", "it is needed: write it"),
    ("category", {"position": "first"}, "position", "write a whole number, without quotes"),
    ("channel", {"public": "maybe"}, "public", "write true or false, without quotes"),
]


@pytest.mark.parametrize(("name", "wrong", "field", "message"), CASES)
def test_a_fault_says_what_to_write(
    name: str, wrong: dict[str, Any], field: str, message: str
) -> None:
    faults = dict(told(name, {**FULL[name], **wrong}))
    assert message in faults[field]


@pytest.mark.parametrize("sign", ["\0", "\b", "\f", "\x1b", "\x1f", "\x7f"])
def test_a_control_character_is_found_wherever_it_stands(sign: str) -> None:
    values = [{"attribute": f"a{sign}", "data": {"b": [sign]}}]
    faults = dict(told("product", {"sku": sign, "values": values}))
    assert {"sku", "values.0.attribute", "values.0.data.b.0"} <= set(faults)


@pytest.mark.parametrize("text", ["\\u0000", "a\\b", "\t\r\n", "\u00a0", "\u0085"])
def test_what_only_looks_like_a_control_character_is_a_text(text: str) -> None:
    assert told("product", {"sku": "s", "values": [{"attribute": "a", "data": text}]}) == []
