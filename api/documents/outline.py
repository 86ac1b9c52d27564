"""The one walk of a document: all that it may cost, needs, and bounds its variables by.

It comes before validation, whose rules would expand every fragment, so it takes whatever was
parsed. Fragments are walked once and counted wherever they are spread, so that it takes as long as
the document is, and not as long as what it stands for.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from api.documents.bounds import Slot
from api.documents.declared import NOTHING, Needs, Rows, field_declaration_of
from api.documents.introspection import ROOTS, Introspection, Within
from api.documents.limits import MAX_DEPTH, MAX_NESTING, Measure
from api.documents.needs import ByArguments, RootNeeds
from api.documents.sizes import Possible, Size, Written, count_rows, count_values, literal, size_of
from api.execution.core import get_named_type
from catalog.errors import InvalidInputError

_MAX_COSTS = 16
#: About, in memory; sizes are part of each cost that is kept.
_BYTES_A_COUNT, _BYTES_A_SLOT, _BYTES_A_SIZE, _BYTES_A_NEED = 500, 250, 130 * _MAX_COSTS, 100
_CONDITIONS = frozenset({"skip", "include"})


@dataclass(frozen=True, slots=True)
class Count:
    """The cost of a field or a selection, where variables decide it.

    Attributes:
        rows: of the field, each of which costs what is below.
        arguments: of the field.
        known: what is below costs so much, whatever the variables are.
        counts: and as much as these, by their numbers in the document.
    """

    rows: Rows
    arguments: Mapping[str, Written]
    known: int
    counts: Sequence[int]

    def cost(self, possible: Possible, found: Sequence[int]) -> int:
        """Return its fields and values in lists, where the counts before it have these costs."""
        below = self.known + sum(found[number] for number in self.counts)
        values = count_values(self.arguments.values(), possible)
        return values + count_rows(self.rows, self.arguments, possible) * below


@dataclass(slots=True, kw_only=True, eq=False)
class Outline(Measure):
    """What is found in a document.

    Attributes:
        of_schema: keys in the answer that hold the schema itself, and nothing else.
        operations: what each costs.
        counts: that those refer to, and each to those before it.
        sizing: variables that they depend on.
        defaults: sizes of each variable in the operations that have it; null: it has none there.
        costs: of all, by sizes of variables that were asked about.
        conditions: variables that decide what is selected.
        needs: of root fields, by their place in the text.
        slots: where variables go.
        refusal: of what is written in it; None: it is within its bounds.
    """

    of_schema: frozenset[str] = frozenset()
    operations: list[Count] = field(default_factory=list[Count])
    counts: list[Count] = field(default_factory=list[Count])
    sizing: Sequence[str] = ()
    defaults: dict[str, Sequence[Size]] = field(default_factory=dict[str, Sequence[Size]])
    costs: dict[object, int] = field(default_factory=dict[object, int])
    conditions: set[str] = field(default_factory=set[str])
    needs: dict[int | None, RootNeeds] = field(default_factory=dict[int | None, RootNeeds])
    slots: dict[tuple[str, Slot], None] = field(default_factory=dict[tuple[str, Slot], None])
    refusal: InvalidInputError | None = None

    @property
    def weight(self) -> int:
        """Return the bytes that it takes, about."""
        needed = sum(1 + len(each.parts) for each in self.needs.values())
        of_variables = _BYTES_A_SLOT * len(self.slots) + _BYTES_A_SIZE * len(self.sizing)
        return of_variables + _BYTES_A_COUNT * len(self.counts) + _BYTES_A_NEED * needed

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return what the costliest operation costs with these variables."""
        key = tuple([(name, size_of(variables[name])) for name in self.sizing if name in variables])
        if key not in self.costs:
            if len(self.costs) >= _MAX_COSTS:
                self.costs.clear()
            possible: Possible = self.defaults | {name: (size,) for name, size in key}
            found: list[int] = []
            for each in (*self.counts, *self.operations):
                found.append(each.cost(possible, found))
            self.costs[key] = max(found[len(self.counts) :], default=0)
        return self.costs[key]

    def beyond_bounds(self, variables: Mapping[str, Any]) -> InvalidInputError | None:
        """Return what is too large in a valid document or in these variables; None: nothing."""
        found = self.refusal
        for name, slot in self.slots:
            found = found or slot.refusal(variables.get(name))
        return found


def outline_of(
    schema: GraphQLSchema, document: DocumentNode, introspection: Introspection
) -> Outline:
    """Walk through a document, with what it defines and leaves unused."""
    return _Walk(schema, document, introspection).outline()


@dataclass(slots=True, eq=False)
class _Part:
    """What a selection asks for, with all below it; as `Outline` and `Count` have it."""

    known: int = 0
    counts: list[int] = field(default_factory=list[int])
    depth: int = 0
    introspection: float = 0
    needs: set[Needs | ByArguments] = field(default_factory=set[Needs | ByArguments])

    def add(self, other: "_Part") -> None:
        self.known += other.known
        self.counts += other.counts
        self.depth = max(self.depth, other.depth)
        self.introspection += other.introspection
        self.needs |= other.needs


class _Place(NamedTuple):
    """Where a selection stands.

    Attributes:
        parent: that it selects from; None: there is no such type.
        level: of fields around it; introspection counts none, since types nest deep.
        nesting: of all that is around it; what is deeper is refused, whatever it is.
        within: a question about the schema itself; None: it is of none.
    """

    parent: Any
    level: int = 0
    nesting: int = 0
    within: Within | None = None


class _Walk:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, introspection: Introspection
    ) -> None:
        self._schema = schema
        self._document = document
        self._introspection = introspection
        self._roots = {schema.get_root_type(each) for each in OperationType} - {None}
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._parts: dict[tuple[str, Within | None], _Part] = {}
        self._defaults: dict[str, list[object]] = {}
        self._keys: dict[bool, set[str]] = {True: set(), False: set()}
        self._outline = Outline()

    def outline(self) -> Outline:
        found = self._outline
        operations = [
            self._operation(each)
            for each in self._document.definitions
            if isinstance(each, OperationDefinitionNode)
        ]
        for name in self._fragments.keys() - {name for name, _ in self._parts}:
            self._fragment(name, _Place(None))
        found.operations = [Count(None, {}, each.known, each.counts) for each in operations]
        parts = (*operations, *self._parts.values())
        found.depth = max((each.depth for each in parts), default=0)
        found.introspection = math.ceil(max((each.introspection for each in parts), default=0))
        found.of_schema = frozenset(self._keys[True] - self._keys[False])
        found.sizing = tuple({name for name, slot in found.slots if slot.is_sizing})
        found.defaults = {name: (*map(size_of, each),) for name, each in self._defaults.items()}
        for name, slot in found.slots:
            for default in self._defaults.get(name, ()):
                found.refusal = found.refusal or slot.refusal(default)
        return found

    def _operation(self, operation: OperationDefinitionNode) -> _Part:
        self._directives(operation)
        for each in operation.variable_definitions or ():
            defaults = self._defaults.setdefault(each.variable.name.value, [])
            defaults.append(literal(each.default_value))
            self._directives(each)
        root = self._schema.get_root_type(operation.operation)
        return self._selection(operation.selection_set, _Place(root))

    def _selection(self, selections: SelectionSetNode | None, place: _Place) -> _Part:
        """Walk through a selection; None: it is a leaf."""
        total = _Part()
        if selections is None or place.level > MAX_DEPTH:  # deeper is refused, however deep it is
            return total
        if place.nesting > MAX_NESTING:
            return _Part(depth=MAX_DEPTH + 1)
        inner = place._replace(nesting=place.nesting + 1)
        for each in selections.selections:
            self._directives(each)
            match each:
                case FieldNode():
                    total.add(self._field(each, inner))
                case InlineFragmentNode(type_condition=on):
                    parent = self._schema.get_type(on.name.value) if on else place.parent
                    total.add(self._selection(each.selection_set, inner._replace(parent=parent)))
                case FragmentSpreadNode():
                    total.known += 1  # to spread is work, whatever is there
                    total.add(self._fragment(each.name.value, inner))
                case _:
                    pass
        return total

    def _field(self, node: FieldNode, place: _Place) -> _Part:
        name = node.name.value
        self._keys[name in ROOTS].add(node.alias.value if node.alias else name)
        core: Any = self._schema.get_field(place.parent, name)
        arguments = self._arguments(node.arguments, core)
        inner = place._replace(parent=core and get_named_type(core.type))
        if place.within is not None or name in ROOTS:
            return self._field_of_schema(node, inner)
        self._outline.aliases += bool(node.alias and (node.arguments or node.selection_set))
        part = self._selection(node.selection_set, inner._replace(level=place.level + 1))
        part.depth += 1
        if place.parent in self._roots:
            self._outline.needs[node.loc and node.loc.start] = RootNeeds(frozenset(part.needs))
        declared = field_declaration_of(core)
        if not isinstance(needs := declared.needs, Needs):
            by_arguments = ByArguments(needs, core, node)
            is_varying = any(each.variables for each in arguments.values())
            part.needs.add(by_arguments if is_varying else by_arguments.needs(None))
        elif needs is not NOTHING:
            part.needs.add(needs)
        self._count(declared.rows, arguments, part)
        part.known += declared.weight
        return part

    def _count(self, rows: Rows, arguments: Mapping[str, Written], part: _Part) -> None:
        """Say what a field or a fragment costs: a number, unless variables decide it."""
        count = Count(rows, arguments, part.known, part.counts)
        if part.counts or any(each.variables for each in arguments.values()):
            part.known, part.counts = 0, [len(self._outline.counts)]
            self._outline.counts.append(count)
        else:
            part.known = count.cost({}, ())

    def _field_of_schema(self, node: FieldNode, inner: _Place) -> _Part:
        """Walk through a question about the schema itself."""
        name, known = node.name.value, self._introspection
        within = known.below(name, inner.within)
        part = self._selection(node.selection_set, inner._replace(level=0, within=within))
        part.introspection = known.row_count(name, inner.within) * (1 + part.introspection)
        part.depth = part.depth if part.depth > MAX_DEPTH else 0
        return part

    def _fragment(self, name: str, place: _Place) -> _Part:
        fragment = self._fragments.get(name)
        key: tuple[str, Within | None] = name, place.within
        if fragment is not None and key not in self._parts:
            self._parts[key] = _Part()  # a fragment within itself is refused elsewhere
            self._directives(fragment)
            parent = self._schema.get_type(fragment.type_condition.name.value)
            found = self._selection(fragment.selection_set, place._replace(parent=parent, level=0))
            self._count(None, {}, found)
            self._parts[key] = found
        return self._parts.get(key, _Part())

    def _directives(self, node: Any) -> None:  # noqa: ANN401 - whatever may have some
        for each in node.directives or ():
            arguments = self._arguments(each.arguments, self._schema.get_directive(each.name.value))
            if each.name.value in _CONDITIONS:
                self._outline.conditions.update(*(one.variables for one in arguments.values()))

    def _arguments(
        self, nodes: Iterable[ArgumentNode] | None, of: GraphQLField | GraphQLDirective | None
    ) -> Mapping[str, Written]:
        """Read arguments, and where their variables go."""
        known: Mapping[str, GraphQLArgument] = getattr(of, "args", {})
        arguments: dict[str, Written] = {}
        for each in nodes or ():
            name = each.name.value
            slot = Slot.of(known.get(name), name)
            slots = tuple(slot.variables(each.value))
            value = literal(each.value)
            arguments[name] = Written(size_of(value), [variable for variable, _ in slots])
            self._outline.slots.update(dict.fromkeys(slots))
            self._outline.refusal = self._outline.refusal or slot.refusal(value)
        return arguments
