"""Arguments of a field: those that no variable is part of are coerced once, the others each run."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, is_dataclass
from enum import Enum
from typing import Any, cast

from graphql import (
    Executor,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from strawberry.schema import Schema
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UnsetType

from api.execution.resolvers import Place

_SIMPLE = (str, int, float, bool, type(None), Enum, UnsetType)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Some of the arguments of a field in a place.

    Attributes:
        core: the field with these arguments alone.
        converted: the same as Strawberry has them; None: they stay as graphql-core coerces them.
    """

    core: GraphQLField
    details: FieldDetails
    converted: list[StrawberryArgument] | None

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
        if self.converted is None:
            return given
        schema = schema_of(executor)
        return convert_arguments(
            given,
            self.converted,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
        )


def split(
    executor: Executor[Any], place: Place, field: StrawberryField | None
) -> tuple[dict[str, Any], Arguments | None]:
    """Return the arguments that are the same in each run, and the others; None: there are none.

    The same are scalars, lists of them, and input objects of scalars. A resolver may change the
    last two, so each run is given a copy.

    Args:
        executor: of any run.
        place: of the field.
        field: whose own names and types they are to have; None: they stay graphql-core's.

    Raises:
        GraphQLError: a value does not fit.
    """
    core, details = place.core, place.details[0]

    def some(names: Collection[str]) -> Arguments:
        part = copy(core)
        part.args = {name: each for name, each in core.args.items() if name in names}
        if field is None:
            return Arguments(part, details, None)
        name_of = schema_of(executor).config.name_converter.from_argument
        return Arguments(
            part, details, [each for each in field.arguments if name_of(each) in names]
        )

    given = details.node.arguments or ()
    varying = {each.name.value for each in given if _has_variables(each.value)} & core.args.keys()
    constant: dict[str, Any] = {}
    for name in core.args:
        if name not in varying:
            coerced = some({name}).coerced(executor)
            if all(map(_is_constant, coerced.values())):
                constant |= coerced
            else:
                varying.add(name)
    return constant, some(varying) if varying else None


def schema_of(executor: Executor[Any]) -> Schema:
    """Return Strawberry's schema."""
    return cast("Any", executor.schema)._strawberry_schema  # noqa: SLF001 - no public way in


def is_simple(value: object) -> bool:
    """Return whether a constant argument is one that no resolver can change."""
    return isinstance(value, _SIMPLE)


def _is_constant(value: object) -> bool:
    if isinstance(value, list):
        return all(map(is_simple, cast("list[object]", value)))
    if is_dataclass(value) and hasattr(value, "__dict__"):
        return all(map(is_simple, vars(value).values()))
    return is_simple(value)


def _has_variables(value: ValueNode) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(map(_has_variables, value.values))
        case ObjectValueNode():
            return any(_has_variables(each.value) for each in value.fields)
        case _:
            return False
