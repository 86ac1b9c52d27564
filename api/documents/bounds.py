"""How much an argument may hold: said in the schema, and checked before anything is executed.

Every list and every text that a client may send has a bound. It is written where the argument is
described, or is that of its kind. Both executors are given only what is within it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, cast

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from api.documents.declared import Declaration, declaration_of
from api.execution.core import get_named_type, is_list_type, is_non_null_type
from catalog.errors import InvalidInputError

MOST_VALUES: Final = 100
LONGEST_TEXT: Final = 256
#: A type of values that clients send; graphql-core leaves partly open what it is of.
_Input: TypeAlias = Any
_Part: TypeAlias = GraphQLArgument | GraphQLInputField


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Declaration):
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

    def sentence(self, kind: _Input) -> str:
        """Return what the schema says of it; empty: values of this type have no bound."""
        is_text = get_named_type(kind) in {GraphQLString, GraphQLID}
        if is_list_type(_nullable(kind)):
            each = f", each at most {self.longest:,} characters" if is_text else ""
            return f"At most {self.most_of(kind):,}{each}."
        return f"At most {self.longest:,} characters." if is_text else ""

    def most_of(self, kind: _Input) -> int:
        """Return how many values a list of this type holds; of an enum, each once."""
        of_enum = getattr(get_named_type(kind), "values", None)
        return self.most if of_enum is None else min(self.most, len(of_enum))


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
        sentence = declaration_of(part, _COMMON).sentence(cast("Any", part).type)
        if sentence:
            part.description = f"{part.description or ''} {sentence}".strip()


class Slot(NamedTuple):
    """Where a value goes: into an argument, or into a part of one.

    Attributes:
        kind: of the values that are expected; None: there is no such argument.
        path: as clients read it, such as `filter.attributes.values`.
    """

    kind: _Input
    bound: Bound
    path: str

    @classmethod
    def of(cls, part: _Part | None, path: str) -> "Slot":
        """Return that of an argument or of a field of an input object; None: there is none."""
        return cls(part and cast("Any", part).type, declaration_of(part, _COMMON), path)

    @property
    def is_sizing(self) -> bool:
        """Whether a cost may depend on what is put there: on a number, or on values in lists."""
        return _nullable(self.kind) not in {GraphQLString, GraphQLID, GraphQLBoolean}

    def variables(self, node: ValueNode) -> Iterator[tuple[str, "Slot"]]:
        """Yield the variables in a value of a document, and where each goes."""
        match node:
            case VariableNode():
                yield node.name.value, self
            case ListValueNode():
                for each in node.values:
                    yield from self._item().variables(each)
            case ObjectValueNode():
                for each in node.fields:
                    yield from self._field(each.name.value).variables(each.value)
            case _:
                pass

    def refusal(self, value: object) -> InvalidInputError | None:
        """Return what is wrong; None: the value is within its bounds, or not of its type."""
        if isinstance(value, list):
            values, item = cast("list[object]", value), self._item()
            most = self.bound.most_of(item.kind)
            if len(values) > most:
                if self.bound.is_left_to_resolver:
                    return None
                message = f"`{self.path}` has at most {most:,}, not {len(values):,}"
                return self.bound.refused_as(message, field=self.path)
            parts = (item.refusal(each) for each in values)
        elif isinstance(value, dict):
            given = cast("dict[str, object]", value)
            parts = (self._field(name).refusal(each) for name, each in given.items())
        elif isinstance(value, str) and len(value) > self.bound.longest:
            most = f"{self.bound.longest:,} characters, not {len(value):,}"
            return InvalidInputError(f"`{self.path}` has at most {most}", field=self.path)
        else:
            return None
        return next(filter(None, parts), None)

    def _item(self) -> "Slot":
        """Return that of what a list holds; one value may stand for a list of it."""
        kind = _nullable(self.kind)
        return self._replace(kind=kind.of_type if is_list_type(kind) else kind)

    def _field(self, name: str) -> "Slot":
        named = get_named_type(self.kind)
        part = named.fields.get(name) if isinstance(named, GraphQLInputObjectType) else None
        return Slot.of(part, f"{self.path}.{name}")


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


def _nullable(kind: _Input) -> _Input:
    return kind.of_type if is_non_null_type(kind) else kind
