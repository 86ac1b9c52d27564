"""What has to be loaded for a root field: the sum of what the fields below it need."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, VariableValues
from graphql.execution.values import get_argument_values

from api.documents.declared import NOTHING, Needs, NeedsOf


@dataclass(frozen=True, slots=True, eq=False)
class ByArguments:
    """A field whose needs its arguments decide, in each run."""

    needs_of: NeedsOf
    core: GraphQLField
    node: FieldNode

    def needs(self, variables: VariableValues | None) -> Needs:
        """Return what it needs with these variables, coerced; None: it has none."""
        try:
            arguments = get_argument_values(self.core, self.node, variables)
        except GraphQLError:  # said where the field is resolved
            return NOTHING
        return self.needs_of(arguments)


@dataclass(frozen=True)
class RootNeeds:
    """What all that is selected below a root field needs, under whatever conditions."""

    parts: frozenset[Needs | ByArguments]

    @cached_property
    def _known(self) -> tuple[Needs, list[ByArguments]]:
        known = (each for each in self.parts if isinstance(each, Needs))
        others = [each for each in self.parts if isinstance(each, ByArguments)]
        return reduce(Needs.__or__, known, NOTHING), others

    def of(self, variables: Mapping[str, Any]) -> Needs:
        """Return what is needed with these variables, coerced."""
        known, others = self._known
        if not others:
            return known
        given = VariableValues({}, dict(variables))
        return reduce(Needs.__or__, (each.needs(given) for each in others), known)
