"""What is wrong with the fields of a record, in plain words that say what to write instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import ValidationError

from catalog.bulk.model import InvalidRecordError
from catalog.errors import VitrineError
from catalog.wording import no_such

Path = tuple[str | int, ...]

_TEXT, _LIST, _OBJECT = "write a text", "write a list", "write an object"
_NUMBER, _WHOLE = "write a number, without quotes", "write a whole number, without quotes"
_TRUTH = "write true or false, without quotes"
#: By the type of the parser's error.
_WORDS = {
    "missing": "it is needed: write it",
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "tuple_type": _LIST,
    "is_instance_of": _LIST,
    "sequence_str": _LIST,
    "dict_type": _OBJECT,
}


def faults_of(
    error: ValidationError, data: Mapping[str, Any], record: type[Any]
) -> list[VitrineError]:
    """Return one fault for each place, of several readings of it those that got furthest.

    Args:
        error: of the parser, of a list with this one record.
        data: of the record.
        record: the dataclass that it should have been.
    """
    found: dict[Path, str] = {}
    for each in error.errors(include_url=False):
        if each.get("ctx", {}).get("expected") == "''":
            continue  # an empty text stands for null, which is what people write
        path = tuple(_path(each["loc"][1:], data, is_missing=each["type"] == "missing"))
        found.setdefault(path, _message(each["type"], each.get("ctx", {}), path, record))
    inside = {path[:depth] for path in found for depth in range(len(path))}
    return [
        InvalidRecordError(message, field=".".join(map(str, path)))
        for path, message in found.items()
        if path not in inside or len(found) == 1
    ]


def _path(
    loc: Sequence[str | int],
    data: Any,  # noqa: ANN401 - JSON
    *,
    is_missing: bool,
) -> list[str | int]:
    """Return where in the data a fault is, without the names of what was tried there."""
    path: list[str | int] = []
    for place, part in enumerate(loc, start=1):
        if isinstance(data, dict) and (part in data or (is_missing and place == len(loc))):
            data = cast("dict[str | int, Any]", data).get(part)
            path.append(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = cast("list[Any]", data)[part]
            path.append(part)
    return path


def _message(type_: str, context: Mapping[str, Any], path: Path, record: type[Any]) -> str:
    match type_:
        case "literal_error":
            return f"choose one of {context['expected'].replace(' or ', ', ')}"
        case "unexpected_keyword_argument":
            return no_such("field", str(path[-1]), _names_at(path[:-1], record))
        case "dataclass_type" if context["class_name"] == "Moment":
            return "write an instant such as 2026-01-01, or leave it out"
        case "dataclass_type":
            names = _names_at(path, record)
            return f"{_OBJECT} with {', '.join(names)}" if names else _OBJECT
        case _:
            return _WORDS.get(type_, "it is written in another way than the format has it")


def _names_at(path: Path, record: type[Any]) -> list[str]:
    """Return the fields that an object at a place of a record may have."""
    at: list[Any] = [record]
    for part in path:
        at = [inner for hint in at for each in _alternatives(hint) for inner in _step(each, part)]
    found = [each for hint in at for each in _alternatives(hint)]
    kinds = {get_origin(each) or each for each in found}
    return sorted({each.name for kind in kinds if is_dataclass(kind) for each in fields(kind)})


def _alternatives(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any type
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _step(hint: Any, part: str | int) -> Iterator[Any]:  # noqa: ANN401 - any type
    """Yield what stands at a key or place of what a type describes."""
    kind: Any = get_origin(hint) or hint
    members = get_args(hint)
    if is_dataclass(kind):
        inner = get_type_hints(kind).get(str(part))
        if inner is not None:
            yield inner[members] if members else inner
    elif members:
        is_mapping = issubclass(kind, Mapping)
        if is_mapping != isinstance(part, int):
            yield members[-1] if is_mapping else members[0]
