"""What has to be loaded for a root field: the sum of what the fields below it need."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import graphql
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    Node,
    TypeInfo,
    TypeInfoVisitor,
    VariableValues,
    Visitor,
    visit,
)
from graphql.execution.values import get_argument_values

from api.documents.declared import NOTHING, Needs, NeedsOf, declared_of
from api.documents.facts import variables_in
from api.execution.core import ResolveInfo

_BYTES, _BYTES_BY_ARGUMENTS = 600, 300


@dataclass(frozen=True, slots=True)
class _ByArguments:
    """A field whose needs its arguments decide."""

    needs: NeedsOf
    core: GraphQLField
    node: FieldNode

    def needs_in(self, variables: VariableValues | None) -> Needs:
        try:
            arguments = get_argument_values(self.core, self.node, variables)
        except GraphQLError:  # said where the field is resolved
            return NOTHING
        return self.needs(arguments)


@dataclass(frozen=True, slots=True)
class RootNeeds:
    """What is needed below a root field.

    Attributes:
        known: whatever the variables are.
        by_arguments: fields whose needs their arguments decide, in each run.
    """

    known: Needs
    by_arguments: tuple[_ByArguments, ...]

    @property
    def weight(self) -> int:
        """Return the bytes that it takes, about."""
        return _BYTES + _BYTES_BY_ARGUMENTS * len(self.by_arguments)

    def of(self, variables: Mapping[str, Any]) -> Needs:
        """Return what is needed with these variables, coerced."""
        needs = self.known
        for each in self.by_arguments:
            needs |= each.needs_in(VariableValues({}, dict(variables)))
        return needs


def find_needs(info: ResolveInfo) -> RootNeeds:
    """Look through all that is selected below a root field, under whatever conditions."""
    finder, named = _NeedFinder(), cast("Any", graphql).get_named_type
    for node in info.field_nodes:
        if node.selection_set is not None:
            types = TypeInfo(info.schema, named(info.return_type))
            finder.look(node.selection_set, types)
    for name in finder.spread:  # to need twice is to need once
        finder.look(info.fragments[name], TypeInfo(info.schema))
    return RootNeeds(finder.known, tuple(finder.by_arguments))


class _NeedFinder(Visitor):
    """Sums up what fields need.

    Attributes:
        spread: names of fragments, each once; it grows while they are looked at.
    """

    def __init__(self) -> None:
        super().__init__()
        self.known = NOTHING
        self.by_arguments: list[_ByArguments] = []
        self.spread: list[str] = []
        self._types: Any = None

    def look(self, node: Node, types: TypeInfo) -> None:
        self._types = types
        visit(node, TypeInfoVisitor(types, self))

    def enter_field(self, node: FieldNode, *_: object) -> None:
        core = self._types.get_field_def()
        needs = declared_of(core).needs
        if isinstance(needs, Needs):
            self.known |= needs
            return
        found = _ByArguments(needs, core, node)
        if any(True for each in node.arguments or () for _ in variables_in(each.value)):
            self.by_arguments.append(found)
        else:
            self.known |= found.needs_in(None)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        if node.name.value not in self.spread:
            self.spread.append(node.name.value)
