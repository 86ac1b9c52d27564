"""Every list and text that a client may send has a bound, which the schema says and holds."""

import re
from collections.abc import Mapping
from typing import Any, cast

import pytest
from graphql import GraphQLArgument, GraphQLInputField

from api.documents.bounds import LONGEST_TEXT, MOST_VALUES
from api.documents.preparation import MAX_LENGTH
from api.schema.build import PREPARATION, SCHEMA
from tests.api.client import Client
from tests.api.contract.test_schema import parts_of_the_schema

CORE = SCHEMA._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
CODES = "query ($c: [String!]) { products { nodes { attributes(codes: $c) { code } } } }"
WHERE = "query ($w: ProductFilter) { products(filter: $w) { nodes { sku } } }"
CONDITION = """query ($v: [String!]!, $c: String!) {
  products(filter: {attributes: [{code: $c, values: $v}]}) { nodes { sku } } }"""


def refused(query: str, variables: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return code and field of what is said before anything is executed."""
    errors = PREPARATION.errors(PREPARATION.prepare(query), variables)
    assert all(each.original_error for each in errors), errors
    return [(error.code, error.field) for each in errors if (error := each.original_error)]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - as they are made


def test_every_list_and_text_is_described_with_its_bound() -> None:
    parts = {
        name: part
        for name, part in parts_of_the_schema()
        if isinstance(part, GraphQLArgument | GraphQLInputField)
    }
    said = {
        name: re.search(r"At most [\d,]+", part.description or "")
        for name, part in parts.items()
        if re.search(r"String|ID|\[", str(cast("Any", part).type)) and not name.startswith("@")
    }
    assert len(said) > 50
    assert [name for name, bound in said.items() if bound is None] == []


@pytest.mark.parametrize(
    ("query", "within", "beyond", "field"),
    [
        (CODES, {"c": ["x"] * MOST_VALUES}, {"c": ["x"] * (MOST_VALUES + 1)}, "codes"),
        (CODES, {"c": ["x" * LONGEST_TEXT]}, {"c": ["x" * (LONGEST_TEXT + 1)]}, "codes"),
        (CODES, {}, {"c": "x" * 300}, "codes"),
        (
            WHERE,
            {"w": {"attributes": [{"code": "a", "values": ["x"] * 100}]}},
            {"w": {"attributes": [{"code": "a", "values": ["x"] * 101}]}},
            "filter.attributes.values",
        ),
        (
            CONDITION,
            {"c": "a", "v": ["x"] * 100},
            {"c": "a", "v": ["x"] * 101},
            "filter.attributes.values",
        ),
        (CONDITION, {"c": "a", "v": []}, {"c": "a" * 257, "v": []}, "filter.attributes.code"),
        (
            'query ($r: [MediaRole!]) { product(sku: "a") { media(roles: $r) { id } } }',
            {"r": ["HERO"] * 8},
            {"r": ["HERO"] * 9},
            "roles",
        ),
        (
            """query ($s: String) { product(sku: "a") { hero {
                picture(preset: "card", sizes: $s) { sources { sizes } } } } }""",
            {"s": "x" * 500},
            {"s": "x" * 501},
            "sizes",
        ),
    ],
)
def test_what_is_larger_than_its_bound_is_refused_before_anything_is_executed(
    query: str, within: Mapping[str, Any], beyond: Mapping[str, Any], field: str
) -> None:
    assert refused(query, within) == []
    assert refused(query, beyond) == [("INVALID_INPUT", field)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f'{{ product(sku: "{"x" * 257}") {{ sku }} }}', "sku"),
        ("{ products(filter: {family: [" + '"a" ' * 101 + "]}) { totalCount } }", "filter.family"),
        (
            f'query ($s: String = "{"x" * 300}") {{ product(sku: $s) {{ sku }} }}',
            "sku",
        ),
    ],
)
def test_what_a_document_holds_is_bounded_too(query: str, field: str) -> None:
    assert refused(query, {}) == [("INVALID_INPUT", field)]


async def test_many_values_cost_a_client_and_hold_nobody_up(client: Client) -> None:
    aliases = " ".join(f"a{n}: attributes(codes: $c) {{ code }}" for n in range(29))
    query = f"query ($c: [String!]) {{ products(first: 100) {{ nodes {{ {aliases} }} }} }}"
    many = {"c": [str(n) for n in range(90_000)]}
    assert await client.code(query, many) == "TOO_COSTLY"
    assert await client.code(CODES.replace("products", "products(first: 1)"), many) in {
        "TOO_COSTLY",
        "INVALID_INPUT",
    }


async def test_a_document_is_bounded_in_characters(client: Client) -> None:
    comment = "#" + "x" * MAX_LENGTH + "\n"
    assert await client.code(comment + "{ channels { code } }") == "GRAPHQL_PARSE_FAILED"
