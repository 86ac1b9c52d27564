"""Which Python classes stand for which object types.

The stock executor asks each object; here each class is asked once.
"""

from collections.abc import Callable
from types import NoneType
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType
from strawberry.types.base import StrawberryObjectDefinition

from api.execution.core import STRAWBERRY
from api.execution.errors import UnsupportedError, UnusualValueError

#: What makes the stock executor do something else than reading fields.
_UNUSUAL = ("__await__", "__aiter__", "__as_strawberry_type__")


def definition_of(object_type: GraphQLObjectType) -> StrawberryObjectDefinition:
    """Return what Strawberry knows of an object type.

    Raises:
        UnsupportedError: it is not Strawberry's, or tells its objects by a function of its own.
    """
    definition = object_type.extensions.get(STRAWBERRY)
    own_check: object = getattr(definition, "is_type_of", None)
    if not isinstance(definition, StrawberryObjectDefinition) or own_check is not None:
        raise UnsupportedError(f"the objects of {object_type.name} are not told by their class")
    if issubclass(definition.origin, Exception):
        raise UnsupportedError(f"the objects of {object_type.name} are raised")
    return definition


def class_check(object_type: GraphQLObjectType) -> Callable[[type], None]:
    """Return what is called with the class of an object, other than the type's own.

    The function that is returned raises `UnusualValueError` for whatever the stock executor would
    not simply read fields of.
    """
    definition = definition_of(object_type)
    origins: tuple[type, ...] = tuple(each.origin for each in (definition, *definition.interfaces))
    untyped: Any = object_type
    has_check = untyped.is_type_of is not None

    def check(cls: type) -> None:
        is_unusual = cls is NoneType or any(hasattr(cls, name) for name in _UNUSUAL)
        is_other = has_check and not issubclass(cls, origins)
        if is_unusual or is_other or issubclass(cls, Exception):
            raise UnusualValueError

    return check


def classes_of(
    abstract: GraphQLAbstractType, schema: GraphQLSchema
) -> dict[type, GraphQLObjectType]:
    """Return which object type the instances of a class are of, where an interface or union is.

    Specialisations of a generic class share it, so none of them is listed.

    Raises:
        UnsupportedError: the type of its objects is told by a function of the schema's own.
    """
    definition = abstract.extensions.get(STRAWBERRY)
    is_union = isinstance(abstract, GraphQLUnionType)
    own_resolver: object = getattr(definition, "resolve_type", True)
    if not is_union and own_resolver is not None:
        raise UnsupportedError(f"{abstract.name} has a `resolve_type` of its own")
    found: dict[type, GraphQLObjectType] = {}
    for object_type in schema.get_possible_types(abstract):
        known = definition_of(object_type)
        if known.concrete_of is None:
            found[known.origin] = object_type
    return found
