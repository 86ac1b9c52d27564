"""What a newer schema takes from clients of an older one.

What was deprecated in the older one was no promise any more, nor is a type that only deprecated
fields led to: that they go breaks nobody who heeded it.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChanges:
    """How a schema differs from an older one, each change as a sentence.

    Attributes:
        breaking: clients of the older one that heed deprecations may fail.
        retired: what went had been deprecated.
        dangerous: clients that do not expect the unknown may fail, as of a new value of an enum.
    """

    breaking: tuple[str, ...]
    retired: tuple[str, ...]
    dangerous: tuple[str, ...]


def changes_since(older: str, newer: str) -> SchemaChanges:
    """Compare two schemas.

    Args:
        older: in the Schema Definition Language.
        newer: in the same.

    Raises:
        GraphQLError: one of them is no schema.
    """
    old, new = build_schema(older), build_schema(newer)
    every = {each.description for each in find_breaking_changes(old, new)}
    dangerous = [each.description for each in find_dangerous_changes(old, new)]
    promised = _promised(old, new)
    breaking = [each.description for each in find_breaking_changes(promised, new)]
    return SchemaChanges(
        breaking=tuple(breaking),
        retired=tuple(sorted(every.difference(breaking))),
        dangerous=tuple(dangerous),
    )


def _promised(old: GraphQLSchema, new: GraphQLSchema) -> GraphQLSchema:
    """Take from the older schema, which is changed by this, what was deprecated and is gone."""
    for name, kind in old.type_map.items():
        now = new.type_map.get(name)
        match kind, now:
            case (GraphQLObjectType(), GraphQLObjectType()) | (
                GraphQLInterfaceType(),
                GraphQLInterfaceType(),
            ):
                _prune(kind.fields, now.fields)
                for field_name in kind.fields.keys() & now.fields.keys():
                    _prune(kind.fields[field_name].args, now.fields[field_name].args)
            case GraphQLInputObjectType(), GraphQLInputObjectType():
                _prune(kind.fields, now.fields)
            case GraphQLEnumType(), GraphQLEnumType():
                _prune(kind.values, now.values)
            case _:
                pass
    return GraphQLSchema(
        query=old.query_type,
        mutation=old.mutation_type,
        subscription=old.subscription_type,
        directives=old.directives,
        types=[
            each
            for each in old.type_map.values()
            if isinstance(each, GraphQLObjectType) and each.interfaces  # reached by those
        ],
    )


def _prune(
    old: MutableMapping[str, GraphQLField]
    | MutableMapping[str, GraphQLArgument]
    | MutableMapping[str, GraphQLInputField]
    | MutableMapping[str, GraphQLEnumValue],
    new: Mapping[str, object],
) -> None:
    for name in [*old]:
        if name not in new and old[name].deprecation_reason is not None:
            del old[name]
