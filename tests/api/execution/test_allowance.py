"""Whatever takes too long, or becomes too large, is ended while it is made."""

from typing import Any

import pytest
import strawberry

from api.execution import compiled_executor
from api.execution.allowance import MAX_FIELDS, Allowance, AnswerTooLargeError, TimedOutError
from api.execution.executor import CHECKED_EVERY
from api.http.json_writer import written
from tests.api.answering import api_with
from tests.api.client import Client
from tests.api.shop import Shop
from vitrine.settings import Settings


def test_so_many_fields_and_so_much_time_are_allowed() -> None:
    now = {"s": 0.0}
    allowance = Allowance(limit_s=2, most_bytes=10, monotonic=lambda: now["s"])
    now["s"] = 2
    allowance.take(MAX_FIELDS)
    with pytest.raises(AnswerTooLargeError):
        allowance.take(1)
    late = Allowance(limit_s=2, most_bytes=10, monotonic=lambda: now["s"])
    now["s"] = 3
    assert late.left_s == 1
    now["s"] = 4.1
    with pytest.raises(TimedOutError):
        late.take(0)


class EndedError(Exception):
    """What ends it."""


@strawberry.type
class Leaf:
    """Something of which there are many."""

    number: int

    @strawberry.field
    def doubled(self) -> int:
        """Return twice the number."""
        return 2 * self.number


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def leaves(self) -> list[Leaf]:
        """Return very many."""
        return [Leaf(number=number) for number in range(100 * CHECKED_EVERY)]


@pytest.mark.parametrize("selected", ["number doubled", "number ... @defer { doubled }"])
async def test_a_long_completion_is_ended_on_either_executor(selected: str) -> None:
    taken: list[int] = []

    def take(_: object, fields: int) -> None:
        taken.append(fields)
        if sum(taken) > 5 * CHECKED_EVERY:
            raise EndedError

    schema = strawberry.Schema(
        Query,
        execution_context_class=compiled_executor(take=take),
    )
    if "@defer" in selected:  # what is not compiled
        selected = "number __typename " + " ".join(f"d{n}: doubled" for n in range(2_000))
    result = await schema.execute(f"{{ leaves {{ {selected} }} }}")
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, EndedError)
    made = sum(taken)
    assert made < 10 * CHECKED_EVERY


def test_an_answer_is_given_up_as_soon_as_it_is_too_large() -> None:
    body: dict[str, Any] = {
        "data": {"a": {"nodes": [{"text": "x" * 1_000, "no": None}] * 9, "of": [], "in": {}}}
    }
    allowed = Allowance(limit_s=1, most_bytes=20_000)
    assert written(body, allowed.check_size) == (
        b'{"data":{"a":{"nodes":['
        + b",".join([b'{"text":"' + b"x" * 1_000 + b'","no":null}'] * 9)
        + b'],"of":[],"in":{}}}}'
    )
    sizes: list[int] = []

    def check_size(size: int) -> None:
        sizes.append(size)
        Allowance(limit_s=1, most_bytes=2_000).check_size(size)

    with pytest.raises(AnswerTooLargeError):
        written(body, check_size)
    assert sizes[-1] < 3_500


async def test_what_is_too_large_is_told_in_place_of_the_whole_answer(
    shop: Shop, settings: Settings
) -> None:
    assert shop.pool
    async with api_with(settings, graphql_answer_max_mib=1) as http:
        assert await Client(http).data("{ markets { code } }")
    async with api_with(settings, graphql_answer_max_mib=0) as http:
        assert await Client(http).code("{ markets { code } }") == "ANSWER_TOO_LARGE"
