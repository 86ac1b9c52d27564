"""How many rows and values arguments stand for: what is written, and what variables hold."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias, cast

from graphql import IntValueNode, ListValueNode, ObjectValueNode, StringValueNode, ValueNode

from api.documents.declared import PageSize, RowEach, Rows

#: Digits of a number; what is longer is larger than any page.
_MOST_DIGITS = 9


#: All of a value that a cost depends on: null, the rows that a whole number stands for, or how many
#: values are in the lists of anything else, from -1 for none on downwards.
Size: TypeAlias = int | None
#: What variables may hold; the default of one depends on the operation.
Possible: TypeAlias = Mapping[str, Sequence[Size]]


class Written(NamedTuple):
    """An argument of a document: the size of what is written, and the variables in it."""

    size: Size
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


def size_of(value: object) -> Size:
    """Return the size of a value as JSON has it."""
    if value is None:
        return None
    return PageSize.counted(value) if isinstance(value, int) else -1 - _values_in(value)


def _values_in(value: object) -> int:
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


def count_values(arguments: Iterable[Written], possible: Possible) -> int:
    """Return how many values are in the lists of arguments."""
    sizes = chain.from_iterable(_sizes(each, possible) for each in arguments)
    return sum(max(0, *(-1 - (size or 0) for size in each)) for each in sizes)


def count_rows(rows: Rows, arguments: Mapping[str, Written], possible: Possible) -> int:
    """Return how many rows a field may have."""
    match rows:
        case PageSize():
            given = [arguments[name] for name in ("first", "last") if name in arguments]
            sizes = [size for each in given if (size := _sizes(each, possible)[-1]) != (None,)]
            rows_of = (max(_rows(size, rows) for size in each) for each in sizes)
            return max(rows_of, default=rows.default)
        case RowEach(argument) if argument in arguments:
            # one value may stand for a list of it (GraphQL October 2021, 3.11)
            return max(1, count_values([arguments[argument]], possible))
        case _:
            return 1


def _sizes(written: Written, possible: Possible) -> Sequence[Sequence[Size]]:
    """Return the size of what is written, and those that each variable in it may have."""
    return [(written.size,), *(possible.get(name, (None,)) for name in written.variables)]


def _rows(size: Size, page: PageSize) -> int:
    if size is None:
        return page.default
    return size if size >= 0 else page.largest  # it will be refused
