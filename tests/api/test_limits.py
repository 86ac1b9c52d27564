"""Limits: measured in the time that the text takes, refused before anything expands it."""

import pytest
from graphql import parse

from api.limits import MAX_COST, MAX_DEPTH, Measure, measure
from api.preparation import Preparation
from tests.api.client import Client


def cost(query: str, **variables: object) -> int:
    return measure(parse(query), variables).cost


def test_a_page_counts_its_rows_and_variables_are_known() -> None:
    row = "nodes { sku name }"

    assert cost(f"{{ products(first: 10) {{ {row} }} }}") == 1 + 10 * 3
    assert cost(f"query ($n: Int) {{ products(first: $n) {{ {row} }} }}", n=7) == 1 + 7 * 3
    assert cost(f"query ($n: Int) {{ products(first: $n) {{ {row} }} }}") == 1 + 100 * 3
    assert cost(f"{{ products(first: 999999) {{ {row} }} }}") == 1 + 100 * 3
    assert cost(f"{{ products {{ {row} }} }}") == 1 + 20 * 3
    assert cost(f"query ($n: Int = 5) {{ products(first: $n) {{ {row} }} }}") == 1 + 5 * 3
    assert cost(f"query ($n: Int = 5) {{ products(first: $n) {{ {row} }} }}", n=None) == 1 + 300
    assert cost("{ product(sku: 1) { sku } }") == 2


def test_fewer_than_no_rows_make_up_for_no_others() -> None:
    heavy = "products(first: 100) { nodes { sku } }"
    less = "products(first: -100) { nodes { sku } }"
    assert cost(f"{{ a: {heavy} b: {less} }}") > cost(f"{{ a: {heavy} }}")
    variable = f"query ($n: Int!) {{ a: {heavy} b: products(first: $n) {{ nodes {{ sku }} }} }}"
    assert cost(variable, n=-100) > cost(f"{{ a: {heavy} }}")


def test_what_is_known_of_a_size_is_not_known_of_its_default() -> None:
    prepared = Preparation((), max_documents=1).prepare(
        "query ($n: Int = 5) { products(first: $n) { nodes { sku } } }"
    )
    largest = prepared.measure({"n": None}).cost
    assert prepared.measure({}).cost < largest == prepared.measure({"n": "default"}).cost


def test_the_costliest_operation_counts_and_introspection_is_small() -> None:
    assert cost("query A { a } query B { a b { c } }") == 3
    assert measure(parse("{ __schema { types { fields { type { name } } } } }"), {}) == Measure(
        1, 0
    )


def bomb(levels: int, end: str) -> str:
    fragments = "".join(
        f"fragment a{n} on Query {{ ...a{n + 1} ...a{n + 1} }} " for n in range(levels)
    )
    return f"{{ ...a0 }} {fragments} fragment a{levels} on Query {{ {end} }}"


@pytest.mark.parametrize(
    "end", ["__typename", "...a0", "...a0 __typename", "... on Query { a: __typename }"]
)
async def test_fragments_that_double_and_double_are_refused_at_once(
    client: Client, end: str
) -> None:
    assert cost(bomb(60, end)) > MAX_COST

    assert await client.code(bomb(60, end)) == "TOO_COSTLY"


async def test_a_page_of_pages_is_refused_with_the_limit_and_what_was_asked(
    client: Client,
) -> None:
    query = "{ products(first: 100) { nodes { variants(first: 100) { nodes { sku name } } } } }"

    body = await client.ask(query)

    assert body["errors"][0]["extensions"]["code"] == "TOO_COSTLY"
    assert f"{MAX_COST:,}" in body["errors"][0]["message"]


async def test_what_is_nested_too_deep_is_refused_by_fragments_too(client: Client) -> None:
    deep = "{ a " * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1)
    parts = "".join(f"fragment f{n} on Query {{ a {{ ...f{n + 1} }} }} " for n in range(20))

    assert await client.code(deep) == "TOO_DEEP"
    assert await client.code(f"{{ ...f0 }} {parts} fragment f20 on Query {{ a }}") == "TOO_DEEP"
