"""What differs between a value as it was and as it is, for people to read: pure.

Values are dataclasses or mappings. Where a field is a mapping on both sides, such as the values of
a product, only its entries that differ are told.
"""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, TypeGuard, cast

#: Ready for JSON; None: there was, or is, no such thing.
Fields: TypeAlias = dict[str, Any] | None

#: What differs with every change and says nothing of it.
_BOOKKEEPING = frozenset({"id", "revision", "updated_at"})
_PLAIN = frozenset({str, int, float, bool, type(None)})


def difference(before: object | None, after: object | None) -> tuple[Fields, Fields]:
    """Return the fields that differ, as they were and as they are.

    Args:
        before: None: it is new.
        after: None: it is no more.
    """
    old, new = _fields(before), _fields(after)
    was, now = _differing(old, new), _differing(new, old)
    for name in was.keys() & now.keys():
        one, other = was[name], now[name]
        if _is_mapping(one) and _is_mapping(other):
            was[name], now[name] = _differing(one, other), _differing(other, one)
    return (
        None if before is None else _plain(was),
        None if after is None else _plain(now),
    )


def together(*parts: object) -> dict[str, Any]:
    """Return the fields of several as those of one."""
    return {name: each for part in parts for name, each in _fields(part).items()}


def _differing(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
    missing = object()
    return {name: each for name, each in one.items() if other.get(name, missing) != each}


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _fields(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if _is_mapping(value):
        return value
    return {name: getattr(value, name) for name in _names(type(value))}


@cache
def _names(of: Any) -> tuple[str, ...]:  # noqa: ANN401 - any dataclass
    return tuple(each.name for each in dataclasses.fields(of) if each.name not in _BOOKKEEPING)


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911 - of any kind; one line each
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if _is_mapping(value):
        return {_key(name): _plain(each) for name, each in value.items()}
    if dataclasses.is_dataclass(kind):
        return {name: _plain(each) for name, each in _fields(value).items()}
    if isinstance(value, AbstractSet):
        return sorted((_plain(each) for each in cast("Iterable[Any]", value)), key=str)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("Iterable[Any]", value)]
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, date):  # and instants
        return value.isoformat()
    raise TypeError(f"the audit cannot write a {kind.__name__}")


def _key(name: object) -> str:
    if isinstance(name, Enum):
        return str(name.value)
    if isinstance(name, tuple):  # a value by attribute and, where it has them, its scopes
        parts = cast("tuple[Any, ...]", name)
        return "/".join(str(part) for part in parts if part is not None)
    return str(name)
