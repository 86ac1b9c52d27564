"""What one operation may ask for, measured before anything is validated or run.

Fragments are measured once each and counted wherever they are spread, so that the measure takes as
long as the document is, and not as long as what it stands for.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from api.documents.introspection import ROOTS, Introspection, Within
from api.documents.needs import DEFAULT_PAGE, DEFAULT_VARIANTS, LARGEST_PAGE
from catalog.errors import InvalidInputError

MAX_DEPTH = 14
#: Of selections and of fragments within each other, whatever they select.
MAX_NESTING = 64
MAX_COST = 20_000
_MOST_DIGITS = 9
_PAGED = frozenset({"first", "last"})
_DEFAULT_ROWS: Final = {
    "products": DEFAULT_PAGE,
    "assets": DEFAULT_PAGE,
    "licences": DEFAULT_PAGE,
    "collections": DEFAULT_PAGE,
    "exceptions": DEFAULT_PAGE,
    "goingDark": DEFAULT_PAGE,
    "variants": DEFAULT_VARIANTS,
}
#: Fields that answer a row for each value of an argument.
_ROW_EACH: Final = {
    "nodes": "ids",
    "presetPreview": "assetIds",
    "publishProducts": "skus",
    "unpublishProducts": "skus",
    "bindMedia": "input",
    "unbindMedia": "ids",
}
#: Fields that make as much as so many others.
_HEAVY: Final = {"jsonLd": 20, "picture": 5}


class TooDeepError(InvalidInputError):
    """Selections, or fragments within each other, are nested deeper than anybody needs."""

    code = "TOO_DEEP"


class TooCostlyError(InvalidInputError):
    """The operation may make more fields than one request is given."""

    code = "TOO_COSTLY"


@dataclass(frozen=True, slots=True)
class Measure:
    """Of a selection.

    Attributes:
        cost: fields that it may make, those below a page once for each of its rows, and values in
            lists of arguments.
        depth: of its nesting.
        introspection: fields of the answer to questions about the schema itself, besides.
    """

    cost: float = 0
    depth: int = 0
    introspection: float = 0

    def __add__(self, other: "Measure") -> "Measure":
        """Return the measure of both side by side."""
        return Measure(
            self.cost + other.cost,
            max(self.depth, other.depth),
            self.introspection + other.introspection,
        )


_TOO_NESTED = Measure(depth=MAX_DEPTH + 1)


def measure(
    document: DocumentNode,
    variables: Mapping[str, Any],
    introspection: Introspection = Introspection(),  # noqa: B008 - it is frozen
) -> Measure:
    """Measure the costliest operation of a document; what it defines and leaves unused, too."""
    ruler = _Ruler(document, {**_defaults(document), **variables}, introspection)
    measured = [
        ruler.of(definition.selection_set, 0, 0)
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    return Measure(
        cost=math.ceil(max((each.cost for each in measured), default=0)),
        depth=max((each.depth for each in (*measured, *ruler.fragments())), default=0),
        introspection=math.ceil(max((each.introspection for each in measured), default=0)),
    )


def _defaults(document: DocumentNode) -> dict[str, object]:
    """Return sizes that variables have where they are not given; of several the largest."""
    found: dict[str, object] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for each in definition.variable_definitions or ():
                name, value = each.variable.name.value, each.default_value
                before = found.get(name, 0)
                if isinstance(value, IntValueNode) and isinstance(before, int):
                    found[name] = max(_page(_size_written(value)), before)
                elif value is not None:  # a list stays one: as a size it counts as the largest
                    count = max(_values_written(value, {}), values_in(before))
                    found[name] = [None] * count
    return found


def _size_written(node: IntValueNode) -> int:
    """Return the number of a literal; Python reads none of thousands of digits."""
    digits = node.value
    return int(digits) if len(digits) <= _MOST_DIGITS else LARGEST_PAGE


def _page(size: int) -> int:
    """Return how many rows are counted; fewer than none would make up for others."""
    return max(0, min(size, LARGEST_PAGE))


def size_of(variables: Mapping[str, Any], name: str) -> int | None:
    """Return all that a measure depends on of a variable: the size of a page, or the values in it.

    None: it is left to its default. No values are told apart from sizes by being negative.
    """
    if name not in variables:
        return None
    value = variables[name]
    return _page(value) if isinstance(value, int) else -1 - values_in(value)


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


def _values_written(value: ValueNode, counts: Mapping[str, int]) -> int:
    match value:
        case VariableNode():
            return counts.get(value.name.value, 0)
        case ListValueNode():
            return len(value.values) + sum(_values_written(each, counts) for each in value.values)
        case ObjectValueNode():
            return sum(_values_written(each.value, counts) for each in value.fields)
        case _:
            return 0


class _Ruler:
    def __init__(
        self, document: DocumentNode, variables: Mapping[str, Any], introspection: Introspection
    ) -> None:
        self._variables = variables
        self._counts = {name: values_in(value) for name, value in variables.items()}
        self._introspection = introspection
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._measured: dict[tuple[str, Within | None], Measure] = {}

    def fragments(self) -> Iterator[Measure]:
        """Yield the measure of each fragment, whether it is spread or not."""
        for name in self._fragments:
            yield self._of_fragment(name, 0, None)

    def of(
        self,
        selections: SelectionSetNode | None,
        level: int,
        nesting: int,
        within: Within | None = None,
    ) -> Measure:
        """Measure a selection.

        Args:
            selections: None: it is a leaf.
            level: of fields around it; introspection counts none, since types nest deep.
            nesting: of all that is around it; what is deeper is refused, whatever it is.
            within: a question about the schema itself; None: it is of none.
        """
        if selections is None or level > MAX_DEPTH:  # deeper is refused, however deep it is
            return Measure()
        if nesting > MAX_NESTING:
            return _TOO_NESTED
        total = Measure()
        for each in selections.selections:
            total += self._of_one(each, level, nesting, within)
        return total

    def _of_one(
        self, selection: SelectionNode, level: int, nesting: int, within: Within | None
    ) -> Measure:
        match selection:
            case FieldNode():
                if within is not None or selection.name.value in ROOTS:
                    return self._of_introspection(selection, nesting, within)
                below = self.of(selection.selection_set, level + 1, nesting + 1)
                rows = self._rows(selection)
                return Measure(
                    self._own(selection) + rows * below.cost,
                    1 + below.depth,
                    rows * below.introspection,
                )
            case InlineFragmentNode():
                return self.of(selection.selection_set, level, nesting + 1, within)
            case FragmentSpreadNode():
                found = self._of_fragment(selection.name.value, nesting, within)
                return Measure(1) + found  # to spread is work, whatever is there
            case _:
                return Measure()

    def _of_introspection(self, field: FieldNode, nesting: int, within: Within | None) -> Measure:
        name = field.name.value
        known = self._introspection
        below = self.of(field.selection_set, 0, nesting + 1, known.below(name, within))
        made = known.row_count(name, within) * (1 + below.introspection)
        depth = below.depth if below.depth > MAX_DEPTH else 0
        return Measure(below.cost, depth, made)

    def _of_fragment(self, name: str, nesting: int, within: Within | None) -> Measure:
        key = name, within
        if key not in self._measured and name in self._fragments:
            self._measured[key] = Measure()  # a fragment within itself is refused elsewhere
            self._measured[key] = self.of(
                self._fragments[name].selection_set, 0, nesting + 1, within
            )
        return self._measured.get(key, Measure())

    def _own(self, field: FieldNode) -> int:
        """Return what a field counts as by itself."""
        values = sum(_values_written(each.value, self._counts) for each in field.arguments or ())
        return _HEAVY.get(field.name.value, 1) + values

    def _rows(self, field: FieldNode) -> int:
        name = field.name.value
        for argument in field.arguments or ():
            if argument.name.value in _PAGED:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return _page(_size_written(value))
                named = value.name.value if isinstance(value, VariableNode) else ""
                given = self._variables.get(named)
                return _page(given) if isinstance(given, int) else LARGEST_PAGE
            if argument.name.value == _ROW_EACH.get(name):
                # one value may stand for a list of it (GraphQL October 2021, 3.11)
                return max(1, _values_written(argument.value, self._counts))
        return _DEFAULT_ROWS.get(name, 1)


def refusal(found: Measure, most_introspection: float = math.inf) -> InvalidInputError | None:
    """Return why a document of this measure is not executed; None: it is within the limits.

    Args:
        found: of the document.
        most_introspection: fields that questions about the schema itself may make, besides.
    """
    if found.depth > MAX_DEPTH:
        return TooDeepError(
            f"selections may be nested {MAX_DEPTH} deep, and fragments within each other "
            f"{MAX_NESTING}; these go deeper"
        )
    if found.introspection > most_introspection:
        return TooCostlyError("ask for the schema once, not several times in one request")
    if found.cost > MAX_COST:
        return TooCostlyError(
            f"one request may make {MAX_COST:,} fields, and this one up to {found.cost:,}: ask for "
            "smaller pages, or for less of each row"
        )
    return None
