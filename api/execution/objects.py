"""Which Python classes stand for which object types.

The stock executor asks each object; here each class is asked once.
"""

from collections.abc import Callable

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType
from strawberry.types.base import StrawberryObjectDefinition

from api.execution.errors import UnsupportedError, UnusualValueError

_BACKREF = "strawberry-definition"
#: What makes the stock executor do something else than reading fields.
_UNUSUAL = ("__await__", "__aiter__", "__as_strawberry_type__")


def definition_of(object_type: GraphQLObjectType) -> StrawberryObjectDefinition:
    """Return what Strawberry knows of an object type.

    Raises:
        UnsupportedError: it is not Strawberry's, or tells its objects by a function of its own.
    """
    definition = object_type.extensions.get(_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of:
        raise UnsupportedError(f"the objects of {object_type.name} are not told by their class")
    return definition


def class_check(object_type: GraphQLObjectType) -> Callable[[type], None]:
    """Return what is called with the class of an object, other than the type's own.

    The function that is returned raises `UnusualValueError` for whatever the stock executor would
    not simply read fields of.
    """
    definition = definition_of(object_type)
    origins = (definition.origin, *(each.origin for each in definition.interfaces))
    has_check = object_type.is_type_of is not None

    def check(cls: type) -> None:
        is_unusual = issubclass(cls, Exception) or any(hasattr(cls, name) for name in _UNUSUAL)
        if is_unusual or cls is type(None) or (has_check and not issubclass(cls, origins)):
            raise UnusualValueError

    return check


def classes_of(
    abstract: GraphQLAbstractType, schema: GraphQLSchema
) -> dict[type, GraphQLObjectType]:
    """Return which object type the instances of a class are of, where an interface or union is.

    Specialisations of one generic class share it, so none of them is listed.

    Raises:
        UnsupportedError: the type of its objects is told by a function of the schema's own.
    """
    definition = abstract.extensions.get(_BACKREF)
    is_union = isinstance(abstract, GraphQLUnionType)
    if not is_union and getattr(definition, "resolve_type", True) is not None:
        raise UnsupportedError(f"{abstract.name} has a `resolve_type` of its own")
    found: dict[type, GraphQLObjectType] = {}
    shared: set[type] = set()
    for object_type in schema.get_possible_types(abstract):
        known = definition_of(object_type)
        if known.origin in found or known.concrete_of is not None:
            shared.add(known.origin)
        elif not issubclass(known.origin, Exception):
            found[known.origin] = object_type
    return {cls: object_type for cls, object_type in found.items() if cls not in shared}
