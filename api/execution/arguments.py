"""Arguments of a field: coerced once for a document, or once for each run where they vary."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from graphql import Executor, FieldNode, GraphQLField, Node, VariableNode, Visitor, visit
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from strawberry.schema import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

_SIMPLE = (str, int, float, bool, type(None), Enum)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a field in a place.

    Attributes:
        field: what they are converted for; None: they stay as graphql-core coerces them.
    """

    core: GraphQLField
    details: FieldDetails
    field: StrawberryField | None

    @property
    def are_any(self) -> bool:
        """Whether there may be any."""
        return bool(self.core.args or self.details.node.arguments)

    def coerced(self, executor: Executor[Any]) -> dict[str, Any]:
        """Return them by the resolver's own names, as the stock executor does.

        Raises:
            GraphQLError: a value does not fit.
        """
        given = get_argument_values(
            self.core,
            self.details.node,
            executor.variable_values,
            self.details.fragment_variable_values,
            executor.hide_suggestions,
        )
        if self.field is None:
            return given
        schema = cast("Schema", cast("Any", executor.schema)._strawberry_schema)  # noqa: SLF001 - no public way in
        return convert_arguments(
            given,
            self.field.arguments,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
        )

    def constant(self, executor: Executor[Any]) -> dict[str, Any] | None:
        """Return them where they are the same in each run: scalars, and lists of them.

        Raises:
            GraphQLError: a value does not fit.
        """
        if _names_a_variable(self.details.node):
            return None
        coerced = self.coerced(executor)
        return coerced if all(map(_is_simple, coerced.values())) else None


def _is_simple(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, _SIMPLE) for each in cast("list[object]", value))
    return isinstance(value, _SIMPLE)


def _names_a_variable(node: FieldNode) -> bool:
    class Finder(Visitor):
        found = False

        def enter_variable(self, _node: VariableNode, *_: object) -> None:
            self.found = True

    finder = Finder()
    for argument in node.arguments or ():
        visit(cast("Node", argument), finder)
    return finder.found
