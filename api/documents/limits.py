"""What one operation may ask for, measured before anything is validated or run.

Fragments are measured once each and counted wherever they are spread, so that the measure takes as
long as the document is, and not as long as what it stands for.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

import graphql
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from api.documents.declared import Page, RowEach, Rows, declared_of
from api.documents.introspection import ROOTS, Introspection, Within
from catalog.errors import InvalidInputError

MAX_DEPTH = 14
#: Of selections and of fragments within each other, whatever they select.
MAX_NESTING = 64
MAX_COST = 20_000
#: Digits of a size; what is longer is larger than any page.
_MOST_DIGITS = 9
_SIZES = ("first", "last")


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
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    introspection: Introspection,
) -> Measure:
    """Measure the costliest operation of a document; what it defines and leaves unused, too."""
    ruler = _Ruler(schema, document, _possible(document, variables), introspection)
    measured = [
        ruler.of(each.selection_set, _Place(schema.get_root_type(each.operation)))
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    ]
    return Measure(
        cost=math.ceil(max((each.cost for each in measured), default=0)),
        depth=max((each.depth for each in (*measured, *ruler.fragments())), default=0),
        introspection=math.ceil(max((each.introspection for each in measured), default=0)),
    )


def _possible(document: DocumentNode, variables: Mapping[str, Any]) -> dict[str, list[object]]:
    """Return what each variable may hold: what is given, or its default in any operation."""
    found: dict[str, list[object]] = {name: [value] for name, value in variables.items()}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for each in definition.variable_definitions or ():
                name = each.variable.name.value
                if name not in variables:
                    default = each.default_value
                    found.setdefault(name, []).append(default and _written(default))
    return found


def _written(node: ValueNode) -> object:
    """Return what a literal is measured by: a number, null, or as many values as it has."""
    match node:
        case IntValueNode(value=digits):  # Python reads none of thousands of digits
            return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
        case NullValueNode():
            return None
        case _:
            return [None] * _values_written(node, {})


def size_of(variables: Mapping[str, Any], name: str) -> int | Literal["null"] | None:
    """Return all that a measure depends on of a variable: the size of a page, or the values in it.

    None: it is left to its default. No values are told apart from sizes by being negative.
    """
    if name not in variables:
        return None
    value = variables[name]
    if value is None:
        return "null"
    return Page.counted(value) if isinstance(value, int) else -1 - values_in(value)


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


class _Place(NamedTuple):
    """Where a selection stands.

    Attributes:
        parent: that it selects from; None: there is no such type, as long as nothing is validated.
        level: of fields around it; introspection counts none, since types nest deep.
        nesting: of all that is around it; what is deeper is refused, whatever it is.
        within: a question about the schema itself; None: it is of none.
    """

    parent: Any
    level: int = 0
    nesting: int = 0
    within: Within | None = None


class _Ruler:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        possible: Mapping[str, list[object]],
        introspection: Introspection,
    ) -> None:
        self._schema = schema
        self._possible = possible
        self._counts = {name: max(map(values_in, each)) for name, each in possible.items()}
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
            yield self._of_fragment(name, _Place(None))

    def of(self, selections: SelectionSetNode | None, place: _Place) -> Measure:
        """Measure a selection; None: it is a leaf."""
        if selections is None or place.level > MAX_DEPTH:  # deeper is refused, however deep it is
            return Measure()
        if place.nesting > MAX_NESTING:
            return _TOO_NESTED
        total = Measure()
        for each in selections.selections:
            total += self._of_one(each, place)
        return total

    def _of_one(self, selection: SelectionNode, place: _Place) -> Measure:
        inner = place._replace(nesting=place.nesting + 1)
        match selection:
            case FieldNode():
                if place.within is not None or selection.name.value in ROOTS:
                    return self._of_introspection(selection, inner)
                core = _field_in(place.parent, selection.name.value)
                declared = declared_of(core)
                inside = None if core is None else cast("Any", graphql).get_named_type(core.type)
                inner = inner._replace(parent=inside, level=place.level + 1)
                below = self.of(selection.selection_set, inner)
                rows = self._rows(selection, declared.rows)
                return Measure(
                    declared.weight + self._values(selection) + rows * below.cost,
                    1 + below.depth,
                    rows * below.introspection,
                )
            case InlineFragmentNode(type_condition=on):
                if on is not None:
                    inner = inner._replace(parent=self._schema.get_type(on.name.value))
                return self.of(selection.selection_set, inner)
            case FragmentSpreadNode():
                found = self._of_fragment(selection.name.value, place)
                return Measure(1) + found  # to spread is work, whatever is there
            case _:
                return Measure()

    def _of_introspection(self, field: FieldNode, inner: _Place) -> Measure:
        name, known = field.name.value, self._introspection
        within = known.below(name, inner.within)
        below = self.of(field.selection_set, inner._replace(level=0, within=within))
        made = known.row_count(name, inner.within) * (1 + below.introspection)
        depth = below.depth if below.depth > MAX_DEPTH else 0
        return Measure(below.cost, depth, made)

    def _of_fragment(self, name: str, place: _Place) -> Measure:
        key = name, place.within
        if key not in self._measured and name in self._fragments:
            self._measured[key] = Measure()  # a fragment within itself is refused elsewhere
            fragment = self._fragments[name]
            parent = self._schema.get_type(fragment.type_condition.name.value)
            inner = _Place(parent, nesting=place.nesting + 1, within=place.within)
            self._measured[key] = self.of(fragment.selection_set, inner)
        return self._measured.get(key, Measure())

    def _values(self, field: FieldNode) -> int:
        """Return how many values are in the lists of a field's arguments."""
        return sum(_values_written(each.value, self._counts) for each in field.arguments or ())

    def _rows(self, field: FieldNode, rows: Rows) -> int:
        given = {each.name.value: each.value for each in field.arguments or ()}
        match rows:
            case Page():
                sizes = [self._size(given[name], rows) for name in _SIZES if name in given]
                return max((each for each in sizes if each is not None), default=rows.default)
            case RowEach(argument) if argument in given:
                # one value may stand for a list of it (GraphQL October 2021, 3.11)
                return max(1, _values_written(given[argument], self._counts))
            case _:
                return 1

    def _size(self, node: ValueNode, page: Page) -> int | None:
        """Return how many rows a size may stand for; None: it is left out."""
        if isinstance(node, VariableNode):
            possible = self._possible.get(node.name.value, [None])
        else:
            possible = [_written(node)]
        if possible == [None]:
            return None
        return max(_counted(each, page) for each in possible)


def _field_in(parent: object, name: str) -> Any:  # noqa: ANN401 - graphql-core leaves it open
    has_fields = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
    return parent.fields.get(name) if has_fields else None


def _counted(size: object, page: Page) -> int:
    if size is None:
        return page.default
    return page.counted(size) if isinstance(size, int) else page.largest  # it will be refused


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
