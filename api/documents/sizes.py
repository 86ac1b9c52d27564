"""How many rows and values arguments stand for: what is written, and what variables may hold."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from graphql import IntValueNode, ListValueNode, ObjectValueNode, StringValueNode, ValueNode

from api.documents.declared import Page, RowEach, Rows

#: Digits of a number; what is longer is larger than any page.
_MOST_DIGITS = 9
_SIZES = ("first", "last")


class Written(NamedTuple):
    """An argument as a document writes it.

    Attributes:
        value: its literal.
        variables: in it, each as often as it stands there.
    """

    value: Any
    variables: Sequence[str]


def literal(node: ValueNode | None) -> Any:  # noqa: ANN401 - a value as JSON would have it
    """Return lists, objects, texts and whole numbers; anything else, variables too, is None."""
    match node:
        case IntValueNode(value=digits):  # Python reads none of thousands of digits
            return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
        case StringValueNode():
            return node.value
        case ListValueNode():
            return [literal(each) for each in node.values]
        case ObjectValueNode():
            return {each.name.value: literal(each.value) for each in node.fields}
        case _:
            return None


def values_in(value: object) -> int:
    """Return how many values are in the lists of a value, at any depth."""
    count, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            held = cast("list[object]", each)
            count += len(held)
            waiting += [one for one in held if isinstance(one, list | dict)]
        elif isinstance(each, dict):
            waiting += cast("dict[str, object]", each).values()
    return count


class Sizes:
    """What the arguments of a document come to with some variables.

    Args:
        variables: as they were sent.
        defaults: of each variable in the operations that have it; None: it has none there.
    """

    def __init__(
        self, variables: Mapping[str, Any], defaults: Mapping[str, Sequence[object]]
    ) -> None:
        self._variables = variables
        self._defaults = defaults
        self._values: dict[str, int] = {}

    def values(self, arguments: Iterable[Written]) -> int:
        """Return how many values are in the lists of arguments."""
        return sum(
            values_in(each.value) + sum(map(self._values_of, each.variables)) for each in arguments
        )

    def rows(self, rows: Rows, arguments: Mapping[str, Written]) -> int:
        """Return how many rows a field may have."""
        match rows:
            case Page():
                given = [
                    self._held_by(size.variables[0]) if size.variables else (size.value,)
                    for name in _SIZES
                    if (size := arguments.get(name))
                ]
                sizes = [max(map(rows.counted, each)) for each in given if tuple(each) != (None,)]
                return max(sizes, default=rows.default)
            case RowEach(argument) if argument in arguments:
                # one value may stand for a list of it (GraphQL October 2021, 3.11)
                return max(1, self.values([arguments[argument]]))
            case _:
                return 1

    def _held_by(self, variable: str) -> Sequence[object]:
        """Return what a variable may hold."""
        if variable in self._variables:
            return (self._variables[variable],)
        return self._defaults.get(variable, (None,))

    def _values_of(self, variable: str) -> int:
        if variable not in self._values:
            self._values[variable] = max(map(values_in, self._held_by(variable)))
        return self._values[variable]
