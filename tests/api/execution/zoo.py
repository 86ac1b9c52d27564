"""A schema with something of everything, so that both executors can be held against each other.

Objects are made by the tests: attributes may hold what their types promise, or anything else.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, NewType, TypeAlias

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.permission import BasePermission
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

Anything: TypeAlias = Any


@strawberry.enum
class Diet(Enum):
    """Values differ from names, one is itself a mapping key that is falsy."""

    HERBIVORE = "plants"
    CARNIVORE = "meat"
    NONE = 0


class Refused(BasePermission):
    """Refuses whoever is told to be refused."""

    message = "refused"

    def has_permission(self, source: Anything, info: strawberry.Info, **kwargs: Anything) -> bool:
        """Look at the object."""
        del info, kwargs
        return not getattr(source, "is_refused", False)


Shout = NewType("Shout", str)


def _shout(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("only text can be shouted")
    return value.upper()


@strawberry.input
class Wish:
    """An input with defaults, lists and itself."""

    word: str = "please"
    times: int | None = 1
    diets: list[Diet] = strawberry.field(default_factory=lambda: [Diet.HERBIVORE])
    then: "Wish | None" = None


@strawberry.interface
class Named:
    """What has a name."""

    id: strawberry.ID
    name: str | None


@strawberry.interface
class Aged(Named):
    """What has a name and an age."""

    age: int


@strawberry.type
class Keeper(Named):
    """Implements one interface."""

    animals: "list[Animal | None] | None"
    boss: "Keeper | None"

    @strawberry.field
    def greeting(self, wish: Wish | None = None, *, loud: bool = False) -> str:
        """Use an input."""
        said = wish and f"{wish.word} {wish.times} {[each.name for each in wish.diets]}"
        return f"{'HELLO' if loud else 'hello'} {said} {wish and wish.then and wish.then.word}"


@strawberry.type
class Lion(Aged):
    """Implements two interfaces."""

    diet: Diet
    weight: float
    is_awake: bool
    prey: "list[list[Animal]]"
    born: datetime | None
    notes: JSON
    cry: Shout | None
    keeper: Keeper | None

    @strawberry.field
    def teeth(self, first: int = 2) -> list[int]:
        """Count to a number, which may be negative, or too many."""
        if first < 0:
            raise ValueError("fewer than no teeth")
        return list(range(first))

    @strawberry.field
    def where(self, info: strawberry.Info) -> str:
        """Say where in the answer this is."""
        return ".".join(map(str, info.path.as_list()))

    @strawberry.field(permission_classes=[Refused])
    def secret(self, salt: str = "s") -> str | None:
        """Need a permission."""
        return f"{salt}{self.name}"

    @strawberry.field
    def fails(self) -> str:
        """Fail, where null is no answer."""
        raise LookupError("not here")

    @strawberry.field
    def failing(self) -> str | None:
        """Fail, where null is one."""
        raise LookupError("not here either")


@strawberry.type
class Fish(Aged):
    """Has a field that must be awaited."""

    diet: Diet | None
    scales: int | None

    @strawberry.field
    async def depth(self) -> float:
        """Wait."""
        await asyncio.sleep(0)
        return 2.5


@strawberry.type
class Rock:
    """Implements nothing."""

    weight: float | None
    layers: list[str | None]


Animal = Annotated[Lion | Fish, strawberry.union("Animal")]
Thing = Annotated[Lion | Rock | Keeper, strawberry.union("Thing")]


@strawberry.type
class Query:
    """Every root: sync and async, of each kind of type."""

    lion: Lion | None = None
    lions: list[Lion] = field(default_factory=list[Lion])
    animals: list[Animal | None] | None = None
    things: list[Thing] = field(default_factory=list[Any])
    named: list[Named | None] = field(default_factory=list[Any])
    aged: Aged | None = None
    grid: list[list[int | None]] | None = None
    diets: list[Diet] = field(default_factory=list[Diet])
    count: int = 0
    keeper: Keeper | None = None

    @strawberry.field
    async def later(self, first: int = 1) -> list[Lion]:
        """Wait for lions."""
        await asyncio.sleep(0)
        return self.lions[:first]


@strawberry.type
class Mutation:
    """Something to change."""

    @strawberry.mutation
    def rename(self, info: strawberry.Info, name: str) -> Lion:
        """Rename the lion, and count how often that was done."""
        lion: Lion = info.context["lion"]
        info.context["renamed"] = info.context.get("renamed", 0) + 1
        lion.name = name
        return lion


def make_schema(
    executor: Anything = None, *, extensions: Sequence[type[SchemaExtension]] = ()
) -> strawberry.Schema:
    """Make the schema for one executor; None: the stock one."""
    return strawberry.Schema(
        Query,
        Mutation,
        types=[Fish, Rock],
        extensions=extensions,
        execution_context_class=executor,
        config=StrawberryConfig(
            scalar_map={
                Shout: strawberry.scalar(name="Shout", serialize=_shout, parse_value=str),
            }
        ),
    )


def lion(number: int = 1, **changed: Anything) -> Lion:
    """Make a lion that is as its types promise, but for what is changed."""
    made = Lion(
        id=strawberry.ID(f"lion{number}"),
        name=f"Leo {number}",
        age=number,
        diet=Diet.CARNIVORE,
        weight=190.5,
        is_awake=False,
        prey=[],
        born=datetime(2020, 1, number, tzinfo=UTC),
        notes=JSON({"a": [1, None]}),
        cry=Shout("roar"),
        keeper=None,
    )
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def fish(number: int = 1) -> Fish:
    """Make a fish."""
    return Fish(
        id=strawberry.ID(f"fish{number}"), name=None, age=number, diet=Diet.NONE, scales=number
    )


def keeper(number: int = 1, **changed: Anything) -> Keeper:
    """Make a keeper."""
    made = Keeper(id=strawberry.ID(f"keeper{number}"), name=None, animals=None, boss=None)
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def once(items: list[Any]) -> Iterator[Any]:
    """Return what can be iterated over only once."""
    return iter(items)
