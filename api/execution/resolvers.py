"""How a field gets its value: from an attribute, from a resolver, or from a resolver with more.

Only what asks for `Info` pays for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any, cast

from graphql import GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from strawberry.schema import schema_converter
from strawberry.types.field import StrawberryField

from api.execution.core import STRAWBERRY
from api.execution.errors import UnsupportedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field in a document, with its merged nodes: what `Info` is made of, apart from the run."""

    core: GraphQLField
    field: StrawberryField
    details: list[FieldDetails]
    parent: GraphQLObjectType


def strawberry_field_of(core: GraphQLField) -> StrawberryField:
    """Return Strawberry's own field behind one of graphql-core.

    Raises:
        UnsupportedError: there is none, as in introspection; or it has to be awaited.
    """
    field = _field_of(core)
    if field.is_async:
        raise UnsupportedError(f"`{field.python_name}` is awaited")
    return field


def awaited_field_of(core: GraphQLField) -> StrawberryField:
    """Return Strawberry's own field behind a root field whose resolver may be called directly.

    Raises:
        UnsupportedError: it is not awaited, or something stands before its resolver.
    """
    field = _field_of(core)
    is_strawberrys = getattr(core.resolve, "__module__", None) == schema_converter.__name__
    if not (field.is_async and is_strawberrys) or core.subscribe or field.extensions:
        raise UnsupportedError(f"`{field.python_name}` is not a resolver that is awaited alone")
    return field


def _field_of(core: GraphQLField) -> StrawberryField:
    field = core.extensions.get(STRAWBERRY)
    if not isinstance(field, StrawberryField):
        raise UnsupportedError("a field is not Strawberry's")
    return field


def attribute_of(field: StrawberryField) -> str | None:
    """Return the attribute that a field without a resolver reads; None: it reads otherwise."""
    name = field.python_name
    is_plain = field.is_basic_field and field.default_resolver is getattr
    return name if is_plain and name.isidentifier() and not iskeyword(name) else None


def source_parameters(field: StrawberryField) -> tuple[list[str], list[str], str | None]:
    """Return the positional and the named parameters for the object, and that for `Info`."""
    resolver = cast("Any", field).base_resolver
    positional = ["o"] if resolver.self_parameter else []
    named = [each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each]
    info = resolver.info_parameter
    return positional, named, info.name if info else None


def function_of(field: StrawberryField) -> Callable[..., Any]:
    """Return the function behind a field that has a resolver and no extensions."""
    return cast("Any", field).base_resolver.wrapped_func
