"""What a schema may do that is not compiled, or has to be compiled with care."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Generic, TypeVar, cast

import graphql
import pytest
import strawberry
from graphql import parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from tests.api.execution.pair import Pair
from tests.api.execution.zoo import Anything, Query, lion, make_schema

T = TypeVar("T")


@strawberry.type
class Box(Generic[T]):
    """Holds anything."""

    content: T
    label: str | None = None


@strawberry.type
class Told:
    """Is told by a function."""

    name: str

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Look into the object."""
        return getattr(value, "name", "") != "no"


@strawberry.interface
class Shape:
    """Tells the type of its objects by itself."""

    sides: int

    @classmethod
    def resolve_type(cls, value: object, _info: object, _type: object) -> str:
        """Say which."""
        return "Square" if getattr(value, "sides", 0) == 4 else "Triangle"


@strawberry.type
class Square(Shape):
    """Has four sides."""


@strawberry.type
class Triangle(Shape):
    """Has three."""


@strawberry.type
class Mishap(Exception):  # noqa: N818 - it is a type of the schema
    """An object that is an exception, and so is raised even where it is returned."""

    message: str


Outcome = Annotated[Square | Mishap, strawberry.union("Outcome")]


@strawberry.type
class OddQuery:
    """Whatever a test puts in."""

    number: Box[int] | None = None
    word: Box[str] | None = None
    either: Annotated[Box[int] | Box[str], strawberry.union("Either")] | None = None
    told: Told | None = None
    shape: Shape | None = None
    mishap: Mishap | None = None
    outcome: Outcome | None = None


def odd(executor: Anything) -> strawberry.Schema:
    return strawberry.Schema(OddQuery, types=[Square, Triangle], execution_context_class=executor)


@pytest.mark.parametrize(
    ("query", "values", "outcome"),
    [
        (
            "{ number { content label } word { content } }",
            {"number": Box(content=1), "word": Box(content="w")},
            "compiled",
        ),
        ("{ number { content } }", {"number": Box(content="w")}, "repeated"),
        ("{ either { ... on IntBox { content } } }", {"either": Box(content=1)}, "repeated"),
        ("{ told { name } }", {"told": Told(name="yes")}, "unsupported"),
        ("{ told { name } }", {"told": Told(name="no")}, "unsupported"),
        ("{ shape { sides __typename } }", {"shape": Square(sides=4)}, "unsupported"),
        ("{ mishap { message } }", {"mishap": Mishap(message="m")}, "unsupported"),
        ("{ outcome { __typename } }", {"outcome": Mishap(message="m")}, "unsupported"),
        ("{ outcome { __typename } }", {"outcome": Square(sides=4)}, "unsupported"),
    ],
)
async def test_types_that_are_not_told_by_their_class(
    query: str, values: dict[str, Any], outcome: str
) -> None:
    pair = Pair(odd)
    await pair.compare(query, lambda: OddQuery(**values))
    assert set(pair.outcomes) == {outcome}


async def test_attributes_are_read_as_the_schema_says() -> None:
    def make(executor: Anything) -> strawberry.Schema:
        config = StrawberryConfig(default_resolver=lambda source, name: f"{source}:{name}")
        return strawberry.Schema(Named, execution_context_class=executor, config=config)

    @strawberry.type
    class Inner:
        name: str

    @strawberry.type
    class Named:
        @strawberry.field
        def inner(self) -> Inner:
            return Inner(name="n")

    pair = Pair(make)
    answer = await pair.compare("{ inner { name } }", lambda: None)
    assert answer["data"]["inner"]["name"].endswith(":name")
    assert set(pair.outcomes) == {"compiled"}


async def test_a_resolver_may_name_its_object_root_or_parent() -> None:
    def of_root(root: "Inner") -> str:
        return root.name

    def of_parent(parent: strawberry.Parent["Inner"]) -> str:
        return parent.name

    @strawberry.type
    class Inner:
        name: str
        by_root: str = strawberry.field(resolver=of_root)
        by_parent: str = strawberry.field(resolver=of_parent)

    @strawberry.type
    class Outer:
        inner: Inner

    def make(executor: Anything) -> strawberry.Schema:
        return strawberry.Schema(Outer, execution_context_class=executor)

    globals()["Inner"] = Inner
    pair = Pair(make)
    await pair.compare("{ inner { byRoot byParent } }", lambda: Outer(inner=Inner(name="n")))
    assert set(pair.outcomes) == {"compiled"}


class Watching(SchemaExtension):
    """Looks at every field, as tracing does."""

    def resolve(
        self, _next: Callable[..., Any], root: Anything, info: Anything, *args: str, **kw: Anything
    ) -> object:
        return _next(root, info, *args, **kw)


async def test_a_schema_that_watches_its_fields_is_left_to_the_stock_executor() -> None:
    def make(executor: Anything) -> strawberry.Schema:
        return make_schema(executor, extensions=[Watching])

    pair = Pair(make)
    stock, compiled = pair.schema, pair.compiled
    root = Query(lion=lion())
    answers = [
        await each.execute("{ lion { name } }", root_value=root) for each in (stock, compiled)
    ]
    assert answers[0].data == answers[1].data
    assert set(pair.outcomes) == {"unsupported"}


async def test_documents_that_were_not_validated_are_answered_alike() -> None:
    pair = Pair()
    await pair.compare("{ lion { name nothing } }", lambda: Query(lion=lion()))
    await pair.compare("query @nowhere { count }", Query)
    assert set(pair.outcomes) == {"compiled"}


async def test_what_may_come_later_is_left_to_the_stock_executor() -> None:
    pair = Pair()
    document = parse("{ lion { id ... @defer { name } } }")
    core = pair.compiled._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    executor = cast("Any", pair.compiled).execution_context_class
    execute: Any = cast("Any", graphql).experimental_execute_incrementally
    result = execute(core, document, Query(lion=lion()), executor_class=executor)
    assert result.initial_result.data == {"lion": {"id": "lion1"}}
    assert set(pair.outcomes) == {"unsupported"}


async def test_what_is_kept_is_bounded() -> None:
    pair = Pair()
    names = [f"c{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: id @include(if: ${name})" for name in names)
    document = parse(f"query({declared}) {{ lion {{ {fields} }} }}")
    for choice in combinations(names):
        await pair.compare(document, lambda: Query(lion=lion()), choice)
    assert pair.outcomes == {"compiled": 32, "unsupported": 32}
    wide = " ".join(f"f{number}: id" for number in range(2_001))
    before = pair.outcomes["unsupported"]
    await pair.compare(f"{{ lion {{ {wide} }} }}", lambda: Query(lion=lion()))
    assert pair.outcomes["unsupported"] == before + 2


def combinations(names: list[str]) -> Iterator[dict[str, bool]]:
    for number in range(2 ** len(names)):
        yield {name: bool(number >> place & 1) for place, name in enumerate(names)}
