"""Completes values that the compiled code does not complete in line.

What the stock executor would treat in a way of its own (exceptions as values, awaitables, what can
be iterated over only once) is refused before it is touched, so that the stock executor finds it as
it was.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from graphql import Executor, GraphQLLeafType
from graphql.pyutils import Undefined

from api.execution.core import is_awaitable
from api.execution.errors import UnusualValueError

_EMPTY: dict[Any, Any] = {}
_LISTS: frozenset[type] = frozenset({
    list,
    tuple,
    set,
    frozenset,
    deque,
    type(_EMPTY.keys()),
    type(_EMPTY.values()),
})
#: What is neither an exception nor awaited, whatever it holds.
_PLAIN: frozenset[type] = frozenset({str, int, float, bool, datetime, list, dict})


def as_list(value: Any) -> Iterable[Any]:  # noqa: ANN401 - whatever a resolver returns
    """Return a value that can be iterated over again.

    Raises:
        UnusualValueError: it is no list, or may be used up.
    """
    if value.__class__ in _LISTS:
        return value
    raise UnusualValueError


def leaf_completion(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    """Return what completes a value of a scalar or an enum, exactly as the stock executor does.

    The function that is returned raises whatever the type's own does, and `UnusualValueError` for
    an exception or an awaitable.
    """

    def complete(value: Any) -> Any:  # noqa: ANN401 - whatever a resolver returns
        if value.__class__ not in _PLAIN and (
            value is Undefined or isinstance(value, Exception) or is_awaitable(value)
        ):
            raise UnusualValueError
        return Executor.complete_leaf_value(leaf, value)

    return complete


def enum_names(leaf: GraphQLLeafType) -> Mapping[int, str]:
    """Return the names of an enum's members by the `id` of each; a member lives as its class does.

    Empty where the type is no enum of Python's.
    """
    members = getattr(leaf, "wrapped_cls", None)
    if not (isinstance(members, type) and issubclass(members, Enum)):
        return {}
    return {id(member): Executor.complete_leaf_value(leaf, member) for member in members}
