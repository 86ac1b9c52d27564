"""Every door of the graph with a question that reaches it, made from the schema alone."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from api.schema.build import SCHEMA, core_of
from api.schema.descriptions import actions_of
from catalog.access.roles import Action

_CORE = core_of(SCHEMA)
_SCALARS = {
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "DateTime": "2026-05-01T00:00:00Z",
}
#: Arguments that are needed, though the schema does not say so.
_ALSO = {"product": ("sku",)}


@dataclass(frozen=True, slots=True)
class Door:
    """A field that somebody has to be allowed to ask for.

    Attributes:
        kind: `query`, `mutation` or `subscription`.
        actions: empty: everybody may ask; None: nobody said which.
    """

    kind: str
    name: str
    field: GraphQLField
    actions: tuple[Action, ...] | None

    def question(self, names: Mapping[str, object]) -> str:
        """Return the field with its arguments and a selection.

        Args:
            names: values of arguments by their names; `*`: of all others.
        """
        arguments = ", ".join(
            f"{name}: {_written(cast('Any', argument).type, name, names)}"
            for name, argument in self.field.args.items()
            if is_required_argument(argument)
            or name in _ALSO.get(self.name, ())
            or (self.kind == "subscription" and name in names)
        )
        selection = " { __typename }" if _is_composite(cast("Any", self.field).type) else ""
        return f"{self.name}{f'({arguments})' if arguments else ''}{selection}"


def doors(kind: str) -> list[Door]:
    """Return the root fields of a kind of operation."""
    root: GraphQLObjectType = getattr(_CORE, f"{kind}_type")
    return [Door(kind, name, field, actions_of(field)) for name, field in root.fields.items()]


def inner_doors() -> Iterator[tuple[str, Action]]:
    """Return the fields below the roots that not everybody may have who sees their type."""
    roots = {_CORE.query_type, _CORE.mutation_type, _CORE.subscription_type}
    for each in _CORE.type_map.values():
        if isinstance(each, GraphQLObjectType) and each not in roots and each.name[:2] != "__":
            for name, field in each.fields.items():
                for action in actions_of(field) or ():
                    yield f"{each.name}.{name}", action


def _is_composite(of: object) -> bool:
    inner = getattr(of, "of_type", None)
    return is_composite_type(of) if inner is None else _is_composite(inner)


def _written(of: Any, name: str, names: Mapping[str, object]) -> str:  # noqa: ANN401 - as above
    """Write a value that the type takes."""
    inner: Any = getattr(of, "of_type", None)
    if inner is not None:
        written = _written(inner, name, names)
        return f"[{written}]" if isinstance(of, GraphQLList) else written
    if isinstance(of, GraphQLEnumType):
        return next(iter(of.values))
    if isinstance(of, GraphQLInputObjectType):
        fields = (
            f"{key}: {_written(field.type, key, names)}"
            for key, field in of.fields.items()
            if is_required_input_field(field)
        )
        return f"{{{', '.join(fields)}}}"
    value = _SCALARS[of.name] if of.name in _SCALARS else names.get(name, names["*"])
    return json.dumps(value)
