"""Operations and data that nobody thought of: valid documents over a schema, and any values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import graphql
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLString,
    is_abstract_type,
    is_leaf_type,
    is_union_type,
)
from hypothesis import strategies as st

from tests.api.execution.zoo import Diet, Query, Rock, fish, keeper, lion

_DEPTH = 4
#: A type of the schema; graphql-core leaves partly open what those are of.
Kind: TypeAlias = Any
Draw: TypeAlias = Any
_named: Callable[[Kind], Kind] = cast("Any", graphql).get_named_type
_is_non_null: Callable[[Kind], bool] = cast("Any", graphql).is_non_null_type


@dataclass(slots=True)
class _Writer:
    """Writes one valid operation; a key of the answer means the same wherever it is used."""

    schema: GraphQLSchema
    draw: Draw
    variables: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, tuple[GraphQLNamedType, str]] = field(default_factory=dict)

    def selections(self, parent: GraphQLNamedType, depth: int) -> str:
        count = self.draw(st.integers(1, 4))
        return "{ " + " ".join(self.selection(parent, depth) for _ in range(count)) + " }"

    def selection(self, parent: GraphQLNamedType, depth: int) -> str:
        kind = self.draw(st.sampled_from(["field"] * 5 + ["inline", "spread", "typename"]))
        if kind == "inline" and depth:
            on = self.draw(st.sampled_from([None, *self.overlapping(parent)]))
            condition = f" on {on.name}" if on else ""
            return f"...{condition}{self.directives()} {self.selections(on or parent, depth - 1)}"
        if kind == "spread" and depth:
            return f"...{self.fragment(parent, depth)}{self.directives()}"
        if kind == "typename" or is_union_type(parent):
            return f"__typename{self.directives()}"
        return self.field(parent, depth)

    def field(self, parent: Kind, depth: int) -> str:
        fields: dict[str, Kind] = {
            name: each
            for name, each in parent.fields.items()
            if depth or is_leaf_type(_named(each.type))
        }
        if not fields:
            return "__typename"
        name = self.draw(st.sampled_from(sorted(fields)))
        core = fields[name]
        said = name + self.arguments(core)
        key = self.key(name, f"{said} {core.type}")
        below = _named(core.type)
        selected = "" if is_leaf_type(below) else f" {self.selections(below, depth - 1)}"
        return f"{'' if key == name else key + ': '}{said}{self.directives()}{selected}"

    def key(self, name: str, meaning: str) -> str:
        key = self.draw(st.sampled_from([name, "a", "b"]))
        while self.meanings.setdefault(key, meaning) != meaning:
            key += "x"
        return key

    def arguments(self, core: Kind) -> str:
        given = [
            f"{name}: {self.value(argument)}"
            for name, argument in core.args.items()
            if _is_non_null(argument.type) or self.draw(st.booleans())
        ]
        return f"({', '.join(given)})" if given else ""

    def value(self, argument: Kind) -> str:
        if self.draw(st.booleans()):
            return self.literal(argument.type)
        name = f"v{len(self.variables)}"
        self.variables[name] = f"${name}: {argument.type}"
        if _is_non_null(argument.type) or self.draw(st.booleans()):
            self.values[name] = self.raw(argument.type)
        return f"${name}"

    def raw(self, kind: Kind) -> object:
        if not _is_non_null(kind) and self.draw(st.integers(0, 4)) == 0:
            return None
        named = _named(kind)
        if isinstance(named, GraphQLInputObjectType):
            return {"word": "w", "times": self.draw(st.sampled_from([None, 2])), "diets": "NONE"}
        if isinstance(named, GraphQLEnumType):
            return self.draw(st.sampled_from(sorted(named.values)))
        some: dict[Kind, object] = {GraphQLInt: 3, GraphQLBoolean: True, GraphQLString: "s"}
        return some[named]

    def literal(self, kind: Kind) -> str:
        if _is_non_null(kind):
            kind = kind.of_type
        elif self.draw(st.integers(0, 4)) == 0:
            return "null"
        named = _named(kind)
        if isinstance(named, GraphQLInputObjectType):
            return self.draw(
                st.sampled_from(["{}", '{word: "l", diets: [CARNIVORE]}', "{then: {times: 2}}"])
            )
        some: dict[Kind, list[str]] = {
            GraphQLInt: ["0", "3", "-1"],
            GraphQLBoolean: ["true", "false"],
        }
        return self.draw(st.sampled_from(some.get(named, ['"l"'])))

    def directives(self) -> str:
        chosen = self.draw(st.sampled_from([""] * 6 + ["skip", "include"]))
        return f" @{chosen}(if: {self.condition()})" if chosen else ""

    def condition(self) -> str:
        if self.draw(st.booleans()):
            return self.draw(st.sampled_from(["true", "false"]))
        name = f"c{self.draw(st.integers(0, 1))}"
        self.variables[name] = f"${name}: Boolean!"
        self.values.setdefault(name, self.draw(st.booleans()))
        return f"${name}"

    def fragment(self, parent: GraphQLNamedType, depth: int) -> str:
        types = self.overlapping(parent)
        known = [name for name, (on, _) in self.fragments.items() if on in types]
        if known and self.draw(st.booleans()):
            return self.draw(st.sampled_from(known))
        on = self.draw(st.sampled_from(types))
        text = self.selections(on, depth - 1)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = on, f"fragment {name} on {on.name} {text}"
        return name

    def overlapping(self, parent: Kind) -> list[GraphQLNamedType]:
        possible = self.possible(parent)
        types = [each for each in self.schema.type_map.values() if self.is_composite(each)]
        return [each for each in types if self.possible(each) & possible]

    def possible(self, kind: Kind) -> set[str]:
        if is_abstract_type(kind):
            return {each.name for each in self.schema.get_possible_types(kind)}
        return {kind.name}

    @staticmethod
    def is_composite(kind: Kind) -> bool:
        is_output = is_abstract_type(kind) or hasattr(kind, "is_type_of")
        return is_output and not kind.name.startswith("__")


@st.composite
def documents(draw: Draw, schema: GraphQLSchema) -> tuple[str, dict[str, Any]]:
    """Draw a valid query, and variables for it."""
    writer = _Writer(schema, draw)
    assert schema.query_type is not None
    selected = writer.selections(schema.query_type, _DEPTH)
    declared = f"({', '.join(writer.variables.values())})" if writer.variables else ""
    fragments = [text for _, text in writer.fragments.values()]
    return "\n".join([f"query{declared} {selected}", *fragments]), writer.values


_WRONG = st.sampled_from([None, 5, "text", 2.5, True, [], LookupError("wrong"), float("nan")])
_DEEP = st.deferred(lambda: _SOUND_ANIMAL)


def _mostly(sound: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 11).flatmap(lambda number: sound if number else _WRONG)


_KEEPER = st.builds(
    keeper,
    st.integers(1, 9),
    name=_mostly(st.text(max_size=3)),
    animals=_mostly(st.none() | st.lists(st.none() | _DEEP, max_size=2)),
    boss=st.none() | st.builds(keeper, st.integers(1, 9)),
)
_LION = st.builds(
    lion,
    st.integers(1, 9),
    age=_mostly(st.integers(-5, 2**31)),
    diet=_mostly(st.sampled_from(Diet)),
    weight=_mostly(st.floats(allow_nan=False)),
    is_awake=_mostly(st.booleans()),
    prey=_mostly(st.lists(st.lists(_DEEP, max_size=2), max_size=2)),
    notes=_mostly(st.just({"n": [1]})),
    cry=_mostly(st.just("roar")),
    keeper=_mostly(st.none() | _KEEPER),
)
_SOUND_ANIMAL = _LION | st.builds(fish, st.integers(1, 9))
_ROCK = st.builds(
    Rock,
    weight=_mostly(st.none() | st.just(1.5)),
    layers=_mostly(st.lists(st.none() | st.text(max_size=2), max_size=3)),
)
_ROW = st.lists(st.none() | st.integers(0, 9), max_size=3)
_ANY = _LION | _ROCK | _KEEPER


def roots() -> st.SearchStrategy[Query]:
    """Draw root values; one value in twelve is not what its type promises."""
    return st.builds(
        Query,
        lion=_mostly(st.none() | _LION),
        lions=_mostly(st.lists(_mostly(_LION), max_size=3)),
        animals=_mostly(st.none() | st.lists(st.none() | _SOUND_ANIMAL, max_size=3)),
        things=_mostly(st.lists(_mostly(_ANY), max_size=3)),
        named=_mostly(st.lists(st.none() | _LION | _KEEPER, max_size=3)),
        aged=_mostly(st.none() | _SOUND_ANIMAL),
        grid=_mostly(
            st.none() | st.lists(st.lists(st.none() | st.integers(0, 9), max_size=3), max_size=3)
        ),
        diets=_mostly(st.lists(st.sampled_from(Diet), max_size=3)),
        count=_mostly(st.integers(-(2**33), 2**33)),
        keeper=_mostly(st.none() | _KEEPER),
    )
