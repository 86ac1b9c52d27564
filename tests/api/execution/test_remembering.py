"""Objects that remember are completed by themselves where every run selects the same."""

from typing import Any, TypeAlias

import pytest
import strawberry
from graphql import parse

from api.execution.remembering import Complete, Remembers
from tests.api.execution.pair import Pair

#: What pages were completed to, by selection and number.
Seen: TypeAlias = dict[tuple[Complete, int], dict[str, Any]]


@strawberry.type
class Page(Remembers):
    """Shows what it showed before, and counts how often it was completed."""

    number: int
    seen: strawberry.Private[Seen]
    below: list["Page"] = strawberry.field(default_factory=list)

    def completed_by(self, complete: Complete, run: object) -> dict[str, Any]:
        """Complete it once for a selection."""
        key = complete, self.number
        if key not in self.seen:
            self.seen[key] = complete(self, run, None)
        return self.seen[key]

    @strawberry.field
    def times(self, n: int) -> int:
        """Multiply, or fail."""
        if n == 0:
            raise ValueError("nothing is left")
        return self.number * n

    @strawberry.field
    def place(self, info: strawberry.Info) -> str:
        """Ask where it is."""
        return "/".join(map(str, info.path.as_list()))


@pytest.fixture
def seen() -> Seen:
    return {}


@pytest.fixture
def pair(seen: Seen) -> Pair:
    """A schema whose pages are the same in every execution; only compiled code asks them."""

    def first_pages(first: int = 2) -> list[Page]:
        return [
            Page(number=n, seen=seen, below=[Page(number=n * 10, seen=seen)])
            for n in range(1, first + 1)
        ]

    @strawberry.type
    class Query:
        pages: list[Page] = strawberry.field(resolver=first_pages)

    return Pair(lambda executor: strawberry.Schema(Query, execution_context_class=executor))


async def test_the_outermost_object_is_remembered_as_a_whole(pair: Pair, seen: Seen) -> None:
    await pair.compare("{ pages { number below { number times(n: 3) } } }", lambda: None)
    assert sorted(number for _, number in seen) == [1, 2]
    assert pair.outcomes == {"compiled": 2}


async def test_another_selection_of_the_same_object_is_another(pair: Pair, seen: Seen) -> None:
    await pair.compare("{ a: pages { number } b: pages { double: times(n: 2) } }", lambda: None)
    assert sorted(number for _, number in seen) == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($n: Int!) { pages { times(n: $n) } }", {"n": 2}),
        ("query ($n: Int!) { pages { below { times(n: $n) } } }", {"n": 2}),
        ("{ pages { place } }", None),
        ("{ pages { number below { place } } }", None),
    ],
)
async def test_what_depends_on_the_run_is_not_remembered(
    pair: Pair, seen: Seen, document: str, variables: dict[str, Any] | None
) -> None:
    await pair.compare(document, lambda: None, variables)
    assert seen == {}


async def test_with_other_variables_it_is_not_what_it_was(pair: Pair) -> None:
    document = parse(
        "query ($n: Int!, $with: Boolean!) { pages { times(n: $n) number @include(if: $with) } }"
    )
    for n, is_with in ((2, True), (3, True), (3, False)):
        answer = await pair.compare(document, lambda: None, {"n": n, "with": is_with})
        assert answer["data"]["pages"][0]["times"] == n


async def test_an_error_is_said_each_time_and_not_remembered(pair: Pair, seen: Seen) -> None:
    answer = await pair.compare("{ pages { number times(n: 0) } }", lambda: None)
    assert answer["errors"][0]["message"] == "nothing is left"
    assert seen == {}
    assert pair.outcomes == {"repeated": 2}
