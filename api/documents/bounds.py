"""How much an argument may hold: said in the schema, and checked before anything is executed.

Every list and every text that a client may send has a bound. It is written where the argument is
described, or is that of its kind. Both executors are given only what is within it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

import graphql
from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from api.execution.core import is_list_type, is_non_null_type
from catalog.errors import InvalidInputError

MOST_VALUES: Final = 100
LONGEST_TEXT: Final = 256
_BOUND = "vitrine-bound"
_STRAWBERRY = "strawberry-definition"
#: A type of values that clients send; graphql-core leaves partly open what it is of.
_Input: TypeAlias = Any
_Part: TypeAlias = GraphQLArgument | GraphQLInputField


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How much an argument, or a field of an input object, may hold.

    Attributes:
        most: values of a list.
        longest: characters of a text, or of each in a list.
        refused_as: what is said of more.
        is_left_to_resolver: the resolver says it, in the payload of its mutation.
    """

    most: int = MOST_VALUES
    longest: int = LONGEST_TEXT
    refused_as: type[InvalidInputError] = InvalidInputError
    is_left_to_resolver: bool = False

    @property
    def metadata(self) -> Mapping[str, object]:
        """Return what Strawberry hands on to `bound_schema`."""
        return {_BOUND: self}

    def sentence(self, kind: _Input) -> str:
        """Return what the schema says of it; empty: values of this type have no bound."""
        named = _named(kind)
        if _is_list(kind):
            most = min(self.most, len(named.values)) if _is_enum(named) else self.most
            each = f", each at most {self.longest:,} characters" if _is_text(named) else ""
            return f"At most {most:,}{each}."
        return f"At most {self.longest:,} characters." if _is_text(named) else ""


_COMMON: Final = Bound()
#: Of a cursor, or of the id of an event: both hold what a page ends with.
CURSOR: Final = Bound(longest=8_192)
#: Of the grants or restrictions of something, and of the countries of one.
TERMS: Final = Bound(most=500)
#: Of what a person writes for others to read, and of an address.
PROSE: Final = Bound(longest=2_000)
#: Of the rows of a mutation, whose payload says what becomes of each.
ROWS: Final = Bound(most=500, is_left_to_resolver=True)


def bound_schema(schema: GraphQLSchema) -> None:
    """Write into the descriptions of a schema, once, what its lists and texts may hold."""
    for part in {id(each): each for each in _parts(schema)}.values():
        sentence = bound_of(part).sentence(cast("Any", part).type)
        if sentence:
            part.description = f"{part.description or ''} {sentence}".strip()


def bound_of(part: _Part) -> Bound:
    """Return the bound of an argument or of a field of an input object."""
    definition = part.extensions.get(_STRAWBERRY)
    metadata: Mapping[str, object] = getattr(definition, "metadata", {})
    bound = metadata.get(_BOUND, _COMMON)
    assert isinstance(bound, Bound)  # noqa: S101 - nothing else is put there
    return bound


@dataclass(frozen=True, slots=True)
class _Usage:
    """A place of a document that a variable is used in.

    Attributes:
        kind: that is expected there.
        path: as clients read it, such as `filter.attributes.values`.
    """

    variable: str
    kind: _Input
    bound: Bound
    path: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of what is sent with a document.

    Attributes:
        refusal: of what is written in the document; None: it is within the bounds.
        usages: where its variables go.
    """

    refusal: InvalidInputError | None = None
    usages: Sequence[_Usage] = field(default=())

    def refused(self, variables: Mapping[str, Any]) -> InvalidInputError | None:
        """Return what is wrong with the document or with these variables; None: nothing."""
        if self.refusal is not None:
            return self.refusal
        for each in self.usages:
            value = variables.get(each.variable)
            if value.__class__ in _HOLDING and (
                refusal := _refusal(value, each.kind, each.bound, each.path)
            ):
                return refusal
        return None


_HOLDING = frozenset((str, list, dict))


def read_bounds(schema: GraphQLSchema, document: DocumentNode) -> Bounds:
    """Return what bounds a valid document and its variables."""
    types = TypeInfo(schema)
    reader = _Reader(types)
    visit(document, TypeInfoVisitor(types, reader))
    usages = tuple(dict.fromkeys(reader.usages))
    refusal = reader.refusal or Bounds(None, usages).refused(reader.defaults)
    return Bounds(refusal, usages)


class _Reader(Visitor):
    """Looks at all arguments of a document.

    Attributes:
        refusal: of the first that is too large.
        defaults: of variables, as far as they are too large anywhere.
    """

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types: Any = types
        self._places: list[tuple[_Part | None, str]] = []
        self.refusal: InvalidInputError | None = None
        self.usages: list[_Usage] = []
        self.defaults: dict[str, Any] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            name, value = node.variable.name.value, _written(node.default_value)
            self.defaults[name] = max(self.defaults.get(name, value), value, key=_size)

    def enter_argument(self, node: graphql.ArgumentNode, *_: object) -> None:
        part: _Part | None = self._types.get_argument()
        name = node.name.value
        self._places.append((part, name))
        if part is not None and self.refusal is None:
            self.refusal = _refusal(
                _written(node.value), cast("Any", part).type, bound_of(part), name
            )

    def leave_argument(self, *_: object) -> None:
        self._places.pop()

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        parent = _named(self._types.get_parent_input_type())
        part = parent.fields.get(node.name.value) if _is_input_object(parent) else None
        above = f"{self._places[-1][1]}." if self._places else ""
        self._places.append((part, above + node.name.value))

    def leave_object_field(self, *_: object) -> None:
        self._places.pop()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        part, path = self._places[-1] if self._places else (None, "")
        kind = self._types.get_input_type()
        if part is not None and kind is not None:
            self.usages.append(_Usage(node.name.value, kind, bound_of(part), path))


def _written(node: ValueNode) -> Any:  # noqa: ANN401 - a value as JSON would have it
    """Return the lists, objects and texts of a literal; anything else is None."""
    match node:
        case ListValueNode():
            return [_written(each) for each in node.values]
        case ObjectValueNode():
            return {each.name.value: _written(each.value) for each in node.fields}
        case StringValueNode():
            return node.value
        case _:
            return None


def _size(value: object) -> int:
    return len(cast("str", value)) if value.__class__ in _HOLDING else 0


def _refusal(value: object, kind: _Input, bound: Bound, path: str) -> InvalidInputError | None:
    """Return what is wrong with a value; None: it is within its bounds, or not of its type."""
    if isinstance(value, str):
        if len(value) > bound.longest:
            return InvalidInputError(
                f"`{path}` has at most {bound.longest:,} characters, not {len(value):,}", field=path
            )
        return None
    if is_non_null_type(kind):
        kind = kind.of_type
    if isinstance(value, list):
        return _refusal_of_list(cast("list[object]", value), kind, bound, path)
    if isinstance(value, dict) and _is_input_object(named := _named(kind)):
        given = cast("dict[str, object]", value)
        for name, part in named.fields.items():
            if name in given and (
                refusal := _refusal(given[name], part.type, bound_of(part), f"{path}.{name}")
            ):
                return refusal
    return None


def _refusal_of_list(
    values: list[object], kind: _Input, bound: Bound, path: str
) -> InvalidInputError | None:
    named = _named(kind)
    most = min(bound.most, len(named.values)) if _is_enum(named) else bound.most
    if len(values) > most:
        if bound.is_left_to_resolver:
            return None
        return bound.refused_as(f"`{path}` has at most {most:,}, not {len(values):,}", field=path)
    item = kind.of_type if is_list_type(kind) else kind
    for each in values:
        if each.__class__ in _HOLDING and (refusal := _refusal(each, item, bound, path)):
            return refusal
    return None


def _parts(schema: GraphQLSchema) -> Iterator[_Part]:
    """Yield all that clients may send values for."""
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInputObjectType):
            yield from kind.fields.values()
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for each in kind.fields.values():
                yield from each.args.values()


def _named(kind: _Input) -> _Input:
    return cast("Any", graphql).get_named_type(kind)


def _is_list(kind: _Input) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


def _is_enum(named: GraphQLNamedType) -> bool:
    return isinstance(named, GraphQLEnumType)


def _is_input_object(named: GraphQLNamedType) -> bool:
    return isinstance(named, GraphQLInputObjectType)


def _is_text(named: GraphQLNamedType) -> bool:
    return named in {GraphQLString, GraphQLID}
