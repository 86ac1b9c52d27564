"""Root fields whose resolvers are called directly are answered as the stock executor does."""

from collections.abc import Callable
from typing import Any, cast

import pytest
import strawberry
from graphql import parse
from strawberry.extensions import FieldExtension

from api.execution import Plans, compiled_executor
from tests.api.execution.pair import Pair
from tests.api.execution.zoo import Anything


@strawberry.input
class Inner:
    """An input object in another."""

    word: str


@strawberry.input
class Filter:
    """What is asked for."""

    word: str = "none"
    words: list[str] | None = None
    inner: Inner | None = None


@strawberry.type
class Found:
    """What was found."""

    text: str

    @strawberry.field
    def again(self, filter: Filter) -> str:  # noqa: A002 - as ours are named
        """Say what was asked for, and change it."""
        said, filter.word = filter.word, "changed"
        return said


class Loud(FieldExtension):
    """Stands before a resolver."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: Anything, info: strawberry.Info, **kwargs: Anything
    ) -> Found:
        """Shout."""
        found: Found = await next_(source, info, **kwargs)
        return Found(text=found.text.upper())


async def of_root(root: Anything, n: int = 1) -> Found:
    """Say what the root is."""
    return Found(text=f"{root} {n}")


@strawberry.type
class Query:
    """The root."""

    by_root: Found = strawberry.field(resolver=of_root)

    @strawberry.field
    async def find(
        self,
        info: strawberry.Info,
        filter: Filter | None = None,  # noqa: A002 - as ours are named
        words: list[str] | None = None,
        n: int = 1,
    ) -> Found | None:
        """Say what was asked for and where, and change it."""
        said = f"{info.path.as_list()} {info.field_name} {filter} {words} {n}"
        if filter is not None:
            filter.word = "changed"
        if words is not None:
            words.append("changed")
        return Found(text=said)

    @strawberry.field
    async def fail(self, n: int) -> Found:
        """Fail."""
        raise ValueError(f"failed {n}")

    @strawberry.field
    async def none(self) -> Found:
        """Return what may not be returned."""
        return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType] - that is it

    @strawberry.field(extensions=[Loud()])
    async def loud(self) -> Found:
        """Say something that is changed afterwards."""
        return Found(text="quiet")


def schema(executor: Anything) -> strawberry.Schema:
    return strawberry.Schema(Query, execution_context_class=executor)


CASES = {
    "constants of all kinds": ('{ find(filter: {word: "w"}, words: ["a"], n: 2) { text } }', None),
    "an input object in another": ('{ find(filter: {inner: {word: "i"}}) { text } }', None),
    "a list in an input object": ('{ find(filter: {words: ["i"]}) { text } }', None),
    "a variable among constants": (
        'query ($n: Int!) { find(filter: {word: "w"}, words: ["a"], n: $n) { text } }',
        {"n": 3},
    ),
    "a variable in an input object": (
        "query ($w: String!) { find(filter: {word: $w}, n: 2) { text again(filter: {word: $w}) } }",
        {"w": "v"},
    ),
    "a variable that is left out": ("query ($n: Int) { find(n: $n) { text } }", None),
    "a variable that is null and may not be": (
        "query ($n: Int = 2) { find(n: $n) { text } a: find { text } }",
        {"n": None},
    ),
    "an input object that a resolver changes": ('{ find { again(filter: {word: "w"}) } }', None),
    "root and parameters": ("{ byRoot(n: 2) { text } b: byRoot { text } }", None),
    "an error": ("{ find { text } fail(n: 1) { text } }", None),
    "null where it may not be": ("{ none { text } find { text } }", None),
    "two at the same time": ("{ a: find(n: 1) { text } b: find(n: 2) { text } }", None),
    "one that something stands before": ("{ loud { text } }", None),
    "no value for what is needed": ("{ fail { text } find { text } }", None),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_answer_is_that_of_the_stock_executor(name: str) -> None:
    query, variables = CASES[name]
    await Pair(schema).compare(query, lambda: "root", variables)


def stand_in(*_: object, **__: object) -> Found:
    """Answer in the place of a resolver."""
    return Found(text="stand-in")


async def test_a_resolver_that_was_replaced_is_called_in_its_place() -> None:
    pair = Pair(schema)
    for each in (pair.schema, pair.compiled):
        core = each._schema.query_type  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
        assert core is not None
        core.fields["find"].resolve = stand_in
    answer = await pair.compare("{ find { text } }", lambda: None)
    assert answer["data"] == {"find": {"text": "stand-in"}}
    assert pair.outcomes == {"compiled": 2}


async def test_plans_are_bounded_by_what_is_compiled() -> None:
    pair, plans = Pair(schema), Plans(max_fields=3)
    core = pair.compiled._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    seen: list[str] = []
    build = cast("Any", compiled_executor(count=seen.append)).build
    for number in range(4):
        executor = build(core, parse(f"{{ a{number}: find {{ text }} }}"), plans=plans)
        result = await executor.execute_operation()
        assert result.errors is None
    assert seen == ["compiled", "compiled", "unsupported", "unsupported"]


@pytest.mark.parametrize(("conditions", "planned"), [(None, 2), ({"all"}, 2), (set[str](), 1)])
async def test_only_what_decides_of_the_selection_is_planned_for_anew(
    conditions: set[str] | None, planned: int
) -> None:
    pair, plans = Pair(schema), Plans(conditions)
    core = pair.compiled._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    build, document = (
        cast("Any", compiled_executor()).build,
        "query ($all: Boolean!) { find { text } }",
    )
    weights: list[int] = []
    for is_all in (True, False, True):
        executor = build(core, parse(document), raw_variable_values={"all": is_all}, plans=plans)
        assert (await executor.execute_operation()).errors is None
        weights.append(plans.weight)
    assert weights == [weights[0], planned * weights[0], planned * weights[0]]
