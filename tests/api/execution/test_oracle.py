"""The compiled executor answers as the stock one does, byte by byte, in every corner we know of."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.execution import Outcome
from tests.api.execution.pair import Pair
from tests.api.execution.zoo import Anything, Diet, Query, Rock, Shout, fish, keeper, lion, once


@dataclass(frozen=True, kw_only=True)
class Case:
    """An operation, what it reads, and how its root fields have to be completed."""

    query: str
    root: Callable[[], Query] = field(default=lambda: Query(lion=lion()))
    variables: dict[str, Any] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ("compiled",)


def pride() -> Query:
    """Two lions with prey, a keeper and his boss."""
    boss = keeper(2, name="Ann")
    first = lion(1, prey=[[fish(1), lion(3)], []], keeper=keeper(1, name=None, boss=boss))
    return Query(lion=first, lions=[first, lion(2)], animals=[first, None], count=3)


def broken(**values: Anything) -> Query:
    """Make a root of whatever."""
    return Query(**values)


CASES = {
    "leaves of every kind": Case(
        query="{ lion { id name age diet weight isAwake born notes cry } }"
    ),
    "aliases, and one field twice": Case(query="{ a: lion { n: name name m: name } }"),
    "__typename of object, interface and union": Case(
        query="{ lion { __typename t: __typename } animals { __typename } named { __typename } }",
        root=lambda: Query(lion=lion(), animals=[lion()], named=[lion(), keeper()]),
        outcomes=("compiled",) * 3,
    ),
    "null objects": Case(query="{ lion { name } }", root=Query),
    "a null list, an empty one, null items": Case(
        query="{ animals { __typename } things { __typename } named { name } }",
        root=lambda: Query(named=[None, keeper()]),
        outcomes=("compiled",) * 3,
    ),
    "lists of lists": Case(
        query="{ grid lion { prey { __typename ... on Lion { name } } } }",
        root=lambda: Query(
            grid=[[1, None], []], lion=lion(prey=[[lion(2)], [], [lion(3), lion(4)]])
        ),
        outcomes=("compiled", "compiled"),
    ),
    "enums with other values, one of them falsy": Case(
        query="{ diets }", root=lambda: Query(diets=[Diet.NONE, Diet.HERBIVORE, Diet.CARNIVORE])
    ),
    "fields merge, below as well": Case(
        query="{ lion { keeper { name } keeper { boss { name } } ...K } } "
        "fragment K on Lion { keeper { id boss { id name } } }",
        root=pride,
    ),
    "fragments within fragments": Case(
        query="{ lion { ...A ...B } } fragment A on Named { id ...C } fragment B on Aged { age "
        "...A } fragment C on Lion { weight ... { isAwake } }",
    ),
    "fragments on interfaces and unions": Case(
        query="{ things { ... on Named { name } ... on Aged { age } ... on Rock { layers weight } "
        "... on Thing { __typename } } }",
        root=lambda: Query(things=[lion(), Rock(weight=None, layers=["a", None]), keeper()]),
    ),
    "an interface that implements another": Case(
        query="{ aged { name age ... on Named { id } ... on Lion { diet } } }",
        root=lambda: Query(aged=lion()),
    ),
    "skip and include as they are written": Case(
        query="{ lion { id @skip(if: true) name @include(if: true) age @skip(if: false) "
        "@include(if: false) ... @include(if: false) { diet } ...F @skip(if: true) } } "
        "fragment F on Lion { weight }",
    ),
    "skip and include by variables": Case(
        query="query($a: Boolean!, $b: Boolean = true) { lion { id @skip(if: $a) "
        "name @include(if: $b) ... @include(if: $a) { age } } }",
        variables={"a": True},
    ),
    "a field that is merged, and skipped once": Case(
        query="query($a: Boolean!) { lion { keeper @skip(if: $a) { name } keeper { id } } }",
        root=pride,
        variables={"a": True},
    ),
    "arguments: defaults": Case(query="{ lion { teeth keeper { greeting } } }", root=pride),
    "arguments: given, null, an enum in a list": Case(
        query="{ lion { teeth(first: 0) keeper { a: greeting(wish: null) b: greeting(wish: "
        '{word: "x", times: null, diets: [NONE, CARNIVORE], then: {word: "y"}}, loud: true) } } }',
        root=pride,
    ),
    "arguments: variables, left out and null and in a part": Case(
        query="query($w: Wish, $n: Int = 3, $s: String!, $l: Boolean) { lion { teeth(first: $n) "
        "keeper { a: greeting(wish: $w) b: greeting(wish: {word: $s, times: $n}, loud: $l) } } }",
        root=pride,
        variables={"s": "v", "w": {"word": "w", "then": {}}},
    ),
    "arguments: a list for one": Case(
        query="{ keeper { greeting(wish: {diets: CARNIVORE}) } }",
        root=lambda: Query(keeper=keeper()),
    ),
    "Info has the path": Case(
        query="{ lions { x: where } lion { prey { ... on Lion { where keeper { id } } } } }",
        root=lambda: Query(lions=[lion(), lion(2)], lion=lion(prey=[[lion(3)], [lion(4)]])),
        outcomes=("compiled", "compiled"),
    ),
    "permissions": Case(query='{ lion { secret s: secret(salt: "x") } }'),
    "a root that is awaited": Case(
        query="query($n: Int) { later(first: $n) { name } a: later { id } }",
        root=pride,
        variables={"n": 2},
        outcomes=("compiled", "compiled"),
    ),
    "objects of no Strawberry class": Case(
        query="{ lion { name age } }",
        root=lambda: Query(lion=type("Cat", (type(lion()),), {})(**vars(lion()))),
    ),
    "roots that are leaves": Case(query="{ count }"),
    # what goes wrong
    "an error where null is allowed": Case(
        query="{ lions { failing name } }", root=pride, outcomes=("repeated",)
    ),
    "an error that nulls an item, a list, everything": Case(
        query="{ animals { ... on Lion { fails } } lions { fails } }",
        root=pride,
        outcomes=("repeated", "repeated"),
    ),
    "null where none is allowed": Case(
        query="{ animals { ... on Lion { age diet isAwake } } }",
        root=lambda: Query(animals=[lion(age=None), lion(diet=None), lion(is_awake=None), lion()]),
        outcomes=("repeated",),
    ),
    "values that do not fit": Case(
        query="{ animals { ... on Lion { a: age b: weight c: diet d: isAwake e: name f: cry } } }",
        root=lambda: Query(
            animals=[
                lion(age="x"),
                lion(weight=float("inf")),
                lion(diet="fish"),
                lion(is_awake="yes"),
                lion(name=[1]),
                lion(cry=5),
            ]
        ),
        outcomes=("repeated",),
    ),
    "values that fit once they are coerced": Case(
        query="{ lion { id name age weight diet isAwake } }",
        root=lambda: Query(
            lion=lion(id=5, name=Shout("s"), age=3.0, weight=4, is_awake=1, diet=Diet.NONE)
        ),
    ),
    "numbers out of bounds": Case(
        query="{ count }", root=lambda: Query(count=2**31), outcomes=("repeated",)
    ),
    "no list": Case(
        query="{ grid lion { prey { __typename } } }",
        root=lambda: broken(grid="text", lion=lion(prey=[5])),
        outcomes=("repeated", "repeated"),
    ),
    "what can be iterated over only once": Case(
        query="{ lion { prey { ... on Lion { name } } } grid }",
        root=lambda: broken(
            lion=lion(prey=once([once([lion(2)]), [lion(3)]])), grid=once([[1], once([2])])
        ),
        outcomes=("repeated", "repeated"),
    ),
    "exceptions as values": Case(
        query="{ lions { name keeper { id } notes } }",
        root=lambda: Query(
            lions=[
                lion(name=LookupError("a")),
                lion(keeper=LookupError("b")),
                lion(notes=LookupError("c")),
            ]
        ),
        outcomes=("repeated",),
    ),
    "an object of another type": Case(
        query="{ lion { name } keeper { id } aged { age } things { __typename } }",
        root=lambda: broken(lion=fish(), keeper=Rock(weight=1, layers=[]), aged=Rock, things=[5]),
        outcomes=("compiled", "repeated", "repeated", "repeated"),
    ),
    "refused": Case(
        query="{ lions { secret name } }",
        root=lambda: Query(lions=[lion(), lion(2, is_refused=True)]),
        outcomes=("repeated",),
    ),
    "an argument that does not fit, deep inside": Case(
        query="query($n: Int) { lions { name teeth(first: $n) } }",
        root=pride,
        variables={"n": None},
        outcomes=("repeated",),
    ),
    "an argument that a resolver refuses": Case(
        query="{ lion { teeth(first: -1) } }", outcomes=("repeated",)
    ),
    # what is not compiled
    "a field that is awaited": Case(
        query="{ animals { ... on Fish { depth age } } count }",
        root=lambda: Query(animals=[fish(), lion()], count=1),
        outcomes=("unsupported", "compiled"),
    ),
    "introspection": Case(
        query='{ __type(name: "Lion") { name fields { name } } count }',
        outcomes=("compiled", "unsupported"),
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_answer_is_that_of_the_stock_executor(name: str) -> None:
    case, pair = CASES[name], Pair()
    await pair.compare(case.query, case.root, case.variables)
    assert sorted(pair.outcomes.elements()) == sorted(2 * case.outcomes)


async def test_each_combination_of_conditions_has_its_plan() -> None:
    pair = Pair()
    query = "query($a: Boolean!, $b: Boolean!) { lion { id @skip(if: $a) name @include(if: $b) } }"
    keys = {
        (a, b): set((await pair.compare(query, pride, {"a": a, "b": b}))["data"]["lion"])
        for a in (True, False)
        for b in (True, False)
    }
    assert keys == {
        (True, True): {"name"},
        (True, False): set(),
        (False, True): {"id", "name"},
        (False, False): {"id"},
    }


async def test_a_mutation_is_made_once_even_if_its_answer_is_in_error() -> None:
    pair = Pair()
    contexts: list[dict[str, Any]] = []

    def context() -> dict[str, Any]:
        contexts.append({"lion": lion()})
        return contexts[-1]

    query = 'mutation { rename(name: "Nala") { name failing } }'
    answer = await pair.compare(query, lambda: None, context=context)
    assert answer["data"] == {"rename": {"name": "Nala", "failing": None}}
    assert [each["renamed"] for each in contexts] == [1, 1, 1]


async def test_runs_at_the_same_time_do_not_mix_their_arguments() -> None:
    pair = Pair()
    query = "query($n: Int!) { lions { teeth(first: $n) } }"
    answers = await asyncio.gather(
        *(pair.compare(query, pride, {"n": number}) for number in range(5))
    )
    teeth = [answer["data"]["lions"][0]["teeth"] for answer in answers]
    assert teeth == [list(range(number)) for number in range(5)]
