"""What one operation may ask for, measured before anything is validated or run.

Fragments are measured once each and counted wherever they are spread, so that the measure takes as
long as the document is, and not as long as what it stands for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)

from api.selection import DEFAULT_VARIANTS, LARGEST_PAGE
from catalog.errors import InvalidInputError

MAX_DEPTH = 14
MAX_COST = 20_000
_PAGED = frozenset({"first", "last"})
_CONNECTIONS = frozenset({"products", "assets", "variants", "licences", "collections", "goingDark"})


class TooDeepError(InvalidInputError):
    """Selections are nested deeper than anybody needs."""

    code = "TOO_DEEP"


class TooCostlyError(InvalidInputError):
    """The operation may make more fields than one request is given."""

    code = "TOO_COSTLY"


@dataclass(frozen=True, slots=True)
class Measure:
    """Of a selection.

    Attributes:
        cost: fields that it may make; those below a page count once for each of its rows.
        depth: of its nesting.
    """

    cost: int = 0
    depth: int = 0


def measure(document: DocumentNode, variables: Mapping[str, Any]) -> Measure:
    """Measure the costliest operation of a document."""
    ruler = _Ruler(document, {**_defaults(document), **variables})
    measured = [
        ruler.of(definition.selection_set, 0)
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    return Measure(
        cost=max((each.cost for each in measured), default=0),
        depth=max((each.depth for each in measured), default=0),
    )


def _defaults(document: DocumentNode) -> dict[str, int]:
    """Return the numbers that variables are where they are not given; of several the largest."""
    found: dict[str, int] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for each in definition.variable_definitions or ():
                if isinstance(each.default_value, IntValueNode):
                    name, number = each.variable.name.value, int(each.default_value.value)
                    found[name] = max(number, found.get(name, 0))
    return found


def _page(size: int) -> int:
    """Return how many rows are counted; fewer than none would make up for others."""
    return max(0, min(size, LARGEST_PAGE))


def paging_variables(document: DocumentNode) -> tuple[str, ...]:
    """Return the variables that a measure depends on: those that say how large a page is."""
    finder = _PagingFinder()
    visit(document, finder)
    return tuple(finder.found)


class _PagingFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        if node.name.value in _PAGED and isinstance(node.value, VariableNode):
            self.found[node.value.name.value] = None


class _Ruler:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}

    def of(self, selections: SelectionSetNode | None, level: int) -> Measure:
        if selections is None or level > MAX_DEPTH:  # deeper is refused, however deep it is
            return Measure()
        cost = depth = 0
        for selection in selections.selections:
            found = self._of_one(selection, level)
            cost, depth = cost + found.cost, max(depth, found.depth)
        return Measure(cost, depth)

    def _of_one(self, selection: SelectionNode, level: int) -> Measure:
        match selection:
            case FieldNode():
                if selection.name.value.startswith("__"):
                    return Measure(1, 0)  # introspection nests deep, and is small
                below = self.of(selection.selection_set, level + 1)
                return Measure(1 + self._rows(selection) * below.cost, 1 + below.depth)
            case InlineFragmentNode():
                return self.of(selection.selection_set, level)
            case FragmentSpreadNode():
                found = self._of_fragment(selection.name.value)
                return Measure(1 + found.cost, found.depth)  # to spread is work, whatever is there
            case _:
                return Measure()

    def _of_fragment(self, name: str) -> Measure:
        if name not in self._measured and name in self._fragments:
            self._measured[name] = Measure()  # a fragment within itself is refused elsewhere
            self._measured[name] = self.of(self._fragments[name].selection_set, 0)
        return self._measured.get(name, Measure())

    def _rows(self, field: FieldNode) -> int:
        for argument in field.arguments or ():
            if argument.name.value in _PAGED:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return _page(int(value.value))
                named = value.name.value if isinstance(value, VariableNode) else ""
                given = self._variables.get(named)
                return _page(given) if isinstance(given, int) else LARGEST_PAGE
        return DEFAULT_VARIANTS if field.name.value in _CONNECTIONS else 1


def refusal(found: Measure) -> InvalidInputError | None:
    """Return why a document of this measure is not executed; None: it is within the limits."""
    if found.depth > MAX_DEPTH:
        return TooDeepError(f"selections may be nested {MAX_DEPTH} deep; these go deeper")
    if found.cost > MAX_COST:
        return TooCostlyError(
            f"one request may make {MAX_COST:,} fields, and this one up to {found.cost:,}: ask for "
            "smaller pages, or for less of each row"
        )
    return None
