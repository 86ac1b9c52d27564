"""Limits: measured in the time that the text takes, refused before anything expands it."""

import cProfile
from typing import cast

import httpx2
import pytest

from api.documents.declared import PAGE
from api.documents.introspection import whole_question
from api.documents.limits import MAX_COST, MAX_DEPTH
from api.documents.preparation import Preparation
from api.schema.build import PREPARATION, SCHEMA, core_of
from tests.api.answering import api_with, counted
from tests.api.client import Client
from tests.api.shop import Shop
from vitrine.settings import Settings

CORE = core_of(SCHEMA)


def cost(query: str, **variables: object) -> int:
    return Preparation(CORE, ()).prepare(query).outline.cost(variables)


def test_a_page_counts_its_rows_and_variables_are_known() -> None:
    row = "nodes { sku name }"

    assert cost(f"{{ products(first: 10) {{ {row} }} }}") == 1 + 10 * 3
    assert cost(f"query ($n: Int) {{ products(first: $n) {{ {row} }} }}", n=7) == 1 + 7 * 3
    assert cost(f"query ($n: Int) {{ products(first: $n) {{ {row} }} }}") == 1 + 24 * 3
    assert cost(f"query ($n: Int) {{ products(first: $n) {{ {row} }} }}", n="x") == 1 + 100 * 3
    assert cost(f"{{ products(first: 999999) {{ {row} }} }}") == 1 + 100 * 3
    assert cost(f"{{ products {{ {row} }} }}") == 1 + 24 * 3
    assert cost(f"query ($n: Int = 5) {{ products(first: $n) {{ {row} }} }}") == 1 + 5 * 3
    assert cost(f"query ($n: Int = 5) {{ products(first: $n) {{ {row} }} }}", n=None) == 1 + 24 * 3
    assert cost(f"{{ products(first: null, last: 50) {{ {row} }} }}") == 1 + 50 * 3
    assert cost(f"{{ products(first: null) {{ {row} }} }}") == 1 + 24 * 3
    assert cost("{ product(sku: 1) { sku } }") == 2


def test_fewer_than_no_rows_make_up_for_no_others() -> None:
    heavy = "products(first: 100) { nodes { sku } }"
    less = "products(first: -100) { nodes { sku } }"
    assert cost(f"{{ a: {heavy} b: {less} }}") > cost(f"{{ a: {heavy} }}")
    variable = f"query ($n: Int!) {{ a: {heavy} b: products(first: $n) {{ nodes {{ sku }} }} }}"
    assert cost(variable, n=-100) > cost(f"{{ a: {heavy} }}")


def test_what_is_known_of_a_size_is_not_known_of_its_default() -> None:
    prepared = Preparation(CORE, ()).prepare(
        "query ($n: Int = 5) { products(first: $n) { nodes { sku } } }"
    )
    null, largest = (prepared.outline.cost({"n": each}) for each in (None, "left out"))
    assert prepared.outline.cost({}) == 1 + 5 * 2 < null == 1 + 24 * 2 < largest == 1 + 100 * 2


def test_a_variable_that_has_a_default_in_another_operation_alone_counts_as_left_out() -> None:
    few = "query A ($n: Int = 5) { products(first: $n) { nodes { sku } } }"
    page = "query B ($n: Int) { products(first: $n) { nodes { sku } } }"
    assert cost(f"{few} {page}") == cost(f"{page} {few}") == 1 + 24 * 2


def test_only_what_declares_it_is_a_page_or_heavy() -> None:
    assert cost("{ product(first: 9, last: 9) { sku } category(code: 1) { picture jsonLd } }") == 5


def test_the_costliest_operation_counts() -> None:
    assert cost("query A { a } query B { a b { c } }") == 3


def test_a_list_counts_as_long_as_any_operation_has_it() -> None:
    """Of one name, a size in another operation makes it no shorter."""
    of_list = "query A ($x: [ID!]! = [1, 2, 3]) { nodes(ids: $x) { id } }"
    of_size = "query B ($x: Int = 1) { products(first: $x) { nodes { sku } } }"
    alone = cost(of_list)
    assert alone > 3
    assert cost(f"{of_list} {of_size}") >= alone
    assert cost(f"{of_size} {of_list}") >= alone


def test_one_value_in_the_place_of_a_list_counts_as_a_list_of_it() -> None:
    below = "{ ... on Product { variants(first: 100) { nodes { sku name } } } }"
    one = f"query ($x: [ID!]!) {{ nodes(ids: $x) {below} }}"
    assert cost(f'{{ nodes(ids: "1") {below} }}') > 200
    assert cost(one, x="1") > 200


def test_a_size_of_thousands_of_digits_counts_as_the_largest() -> None:
    largest = cost("{ products(first: 100) { nodes { sku } } }")
    digits = "9" * 5_000
    assert cost(f"{{ products(first: {digits}) {{ nodes {{ sku }} }} }}") == largest
    variable = f"query ($n: Int = {digits}) {{ products(first: $n) {{ nodes {{ sku }} }} }}"
    assert cost(variable) == largest


@pytest.mark.parametrize(
    "root",
    ["products", "assets", "licences", "collections", "goingDark", "exceptions", "tasks"],
)
def test_a_page_whose_size_is_left_out_counts_as_long_as_it_is(root: str) -> None:
    assert cost(f"{{ {root} {{ nodes {{ a }} }} }}") == 1 + PAGE.default * 2


def test_each_value_in_a_list_counts_wherever_it_is_written() -> None:
    query = "query ($c: [String!]) { products(first: 10) { a(codes: $c) { code } } }"
    assert cost(query, c=["x"] * 50) - cost(query, c=[]) == 10 * 50
    assert cost(query.replace("[String!]", '[String!] = ["a", "b"]')) - cost(query) == 10 * 2
    assert cost('{ a(codes: ["a", "b"]) }') == 3
    where = {"attributes": [{"code": "a", "values": ["b"] * 7}] * 5}
    assert cost("query ($f: F) { products(filter: $f, first: 1) { a } }", f=where) == 2 + 5 + 35
    assert cost("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=["a"] * 9) == 1 + 9 + 9


def fields_in(answer: object) -> int:
    """Return how many fields an answer has."""
    if isinstance(answer, dict):
        fields = cast("dict[str, object]", answer)
        return len(fields) + sum(map(fields_in, fields.values()))
    return sum(map(fields_in, cast("list[object]", answer))) if isinstance(answer, list) else 0


T = "fragment T on __Type { kind name fields { name args { name type { name } } type { name } } }"


@pytest.mark.parametrize(
    "question", [whole_question(), f"{{ __schema {{ types {{ ...T }} }} }} {T}"]
)
async def test_questions_about_the_schema_count_what_they_make(question: str) -> None:
    made = fields_in((await SCHEMA.execute(question)).data)
    measured = PREPARATION.prepare(question).outline
    assert made / 2 < measured.introspection < made * 2
    assert measured.depth <= MAX_DEPTH  # types nest deep


async def test_the_schema_is_told_once_a_request_and_kept(
    http: httpx2.AsyncClient, client: Client
) -> None:
    many = " ".join(f"a{n}: __schema {{ types {{ ...T }} }}" for n in range(30))
    assert await client.code(f"{{ {many} }} {T}") == "TOO_COSTLY"
    inside = " ".join(f"a{n}: types {{ ...T }}" for n in range(30))
    assert await client.code(f"{{ __schema {{ {inside} }} }} {T}") == "TOO_COSTLY"

    await client.data(whole_question())
    _, came = await counted(http, whole_question())
    assert came == {"hit": 1}


async def test_the_schema_is_told_to_those_with_a_key_alone_where_it_is_set(
    shop: Shop, settings: Settings
) -> None:
    key = await shop.key("read")
    async with api_with(settings, graphql_introspection=False) as http:
        client = Client(http)
        assert await client.code("{ __schema { types { name } } }") == "INTROSPECTION_OFF"
        assert await client.data("{ __typename }") == {"__typename": "Query"}
        question = '{ __type(name: "Product") { name } }'
        assert (await client.data(question, headers=key))["__type"] == {"name": "Product"}


async def test_forty_products_of_a_page_may_be_named_by_aliases(client: Client) -> None:
    cards = " ".join(f'p{n}: product(sku: "P{n}") {{ ...Card }}' for n in range(40))
    card = 'fragment Card on Product { label: name small: hero { image(preset: "card") { url } } }'
    assert len(await client.data(f"{{ {cards} }} {card}")) == 40

    renamed = " ".join(f"a{n}: code" for n in range(300))
    assert await client.data(f"{{ channels {{ {renamed} }} }}")


@pytest.mark.parametrize("root", ["{ products(first: 1) { nodes { ...A0 } } }", "{ __typename }"])
async def test_fragments_that_lead_on_and_on_are_refused_by_name(client: Client, root: str) -> None:
    chain = " ".join(f"fragment A{n} on Product {{ ...A{n + 1} }}" for n in range(480))
    assert await client.code(f"{root} {chain} fragment A480 on Product {{ sku }}") == "TOO_DEEP"


@pytest.mark.parametrize(
    "query",
    [
        "{ products { nodes { " + "sku " * 3_900 + "} } }",
        "{ products { nodes { " + 'hero { image(preset: "a") { url } } ' * 330 + "} } }",
        "{ products(filter: {" + "".join(f"a{n}: 1 " for n in range(1_200)) + "}) { a } }",
    ],
)
def test_validation_takes_no_work_that_grows_with_the_square_of_a_document(query: str) -> None:
    prepared, profile = PREPARATION.prepare(query), cProfile.Profile()
    profile.runcall(PREPARATION.errors, prepared, {})
    calls = sum(each.callcount for each in profile.getstats())
    assert calls < 70 * len(query)


async def test_messages_are_short_whatever_they_repeat(client: Client) -> None:
    (error,) = (await client.ask(f"{{ {'a' * 60_000} }}"))["errors"]
    assert len(error["message"]) < 1_100


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
