"""What bodies, parameters and operation names of requests may be, and how they are refused."""

import gzip
import json

import httpx2
import pytest

from tests.api.client import Client
from tests.api.http.test_accepted import URQL
from tests.api.shop import Product, Shop

ASKED = json.dumps({"query": "{ __typename }"})
ANSWERED = {"__typename": "Query"}


async def post(
    http: httpx2.AsyncClient, body: str | bytes, **headers: str
) -> tuple[int, str | None, object]:
    """Return status, the code of the first error, and the data."""
    sent = {"Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): text for name, text in headers.items()}
    answer = await http.post("/graphql", content=body, headers=sent)
    said = answer.json()
    code = said["errors"][0]["extensions"]["code"] if "errors" in said else None
    return answer.status_code, code, said.get("data")


async def test_json_is_answered_to_whoever_takes_streams_too(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    answer = await http.post(
        "/graphql",
        content=ASKED,
        headers={
            "Content-Type": "application/json",
            "Accept": URQL,
        },
    )
    assert answer.status_code == 200
    assert answer.json() == {"data": ANSWERED}
    assert answer.headers["content-type"] == "application/graphql-response+json"
    query = {"query": '{ product(sku: "LAMP") { sku } }'}
    for _ in range(2):  # and again at once
        answer = await http.get("/graphql", params=query, headers={"Accept": URQL})
        assert answer.json()["data"] == {"product": {"sku": "LAMP"}}


async def test_a_stream_alone_is_no_answer_to_a_query(http: httpx2.AsyncClient) -> None:
    status, code, _ = await post(http, ASKED, Accept="text/event-stream")
    assert (status, code) == (400, "BAD_REQUEST")


def nested(query: str, depth: int) -> str:
    """Write a request with a variable of lists in lists."""
    return f'{{"query": "{query}", "variables": {{"a": {"[" * depth}{"]" * depth}}}}}'


@pytest.mark.parametrize("depth", [100, 254])
async def test_variables_are_nested_as_deep_as_json_is_written(
    http: httpx2.AsyncClient, depth: int
) -> None:
    body = nested("{__typename}", depth - 1)
    assert await post(http, body) == (200, None, ANSWERED)


@pytest.mark.parametrize("depth", [300, 900])
async def test_variables_nested_deeper_are_refused(http: httpx2.AsyncClient, depth: int) -> None:
    for query in ("{__typename}", "query($a:[String]){nodes(ids:$a){id}}"):
        status, code, _ = await post(http, nested(query, depth))
        assert (status, code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8; v=1",
        'application/json;v="a;b"; charset="UTF-8"',
        "APPLICATION/JSON",
    ],
)
async def test_parameters_of_the_media_type_are_read(
    http: httpx2.AsyncClient, content_type: str
) -> None:
    assert await post(http, ASKED, Content_Type=content_type) == (200, None, ANSWERED)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Content-Encoding": "gzip"}, "gzip"),
        ({"Content-Encoding": "br, gzip"}, "br, gzip"),
        ({"Content-Type": "application/json; charset=latin-1"}, "latin-1"),
    ],
)
async def test_a_body_that_is_not_read_is_refused_by_name(
    http: httpx2.AsyncClient, headers: dict[str, str], said: str
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    answer = await http.post("/graphql", content=gzip.compress(ASKED.encode()), headers=sent)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert said in error["message"]
    assert answer.headers["accept-encoding"] == "identity"  # RFC 9110, 12.5.3


async def test_a_backslash_before_u0000_is_a_text_like_any_other(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    query = "query($s:String){product(sku:$s){sku}}"
    asked = json.dumps({"query": query, "variables": {"s": "\\u0000"}})
    assert await post(http, asked) == (200, None, {"product": None})
    written = json.dumps({"query": '{product(sku:"\\\\u0000"){sku}}'})
    assert await post(http, written) == (200, None, {"product": None})
    for null in ('{product(sku:"\\u0000"){sku}}', '{product(sku:"\\u{000}"){sku}}'):
        assert (await post(http, json.dumps({"query": null})))[:2] == (400, "BAD_REQUEST")
    asked = json.dumps({"query": query, "variables": {"s": "a\0"}})
    assert (await post(http, asked))[:2] == (400, "BAD_REQUEST")


TWO = "query A { a: __typename } query B { b: __typename }"
TWO_CHANGES = """mutation A { withdrawAsset(assetId: "x") { errors { code } } }
mutation B { withdrawAsset(assetId: "y") { errors { code } } }"""


@pytest.mark.parametrize("document", [TWO, TWO_CHANGES])
async def test_which_of_two_operations_is_meant_has_to_be_said(
    http: httpx2.AsyncClient, document: str
) -> None:
    status, code, data = await post(http, json.dumps({"query": document}))
    assert (status, code, data) == (400, "BAD_REQUEST", None)
    named = {"query": document, "operationName": "C"}
    assert (await post(http, json.dumps(named)))[:2] == (400, "BAD_REQUEST")


async def test_the_operation_that_is_named_is_executed(http: httpx2.AsyncClient) -> None:
    named = {"query": TWO, "operationName": "B"}
    assert await post(http, json.dumps(named)) == (200, None, {"b": "Query"})


async def test_a_list_that_fails_leaves_the_others_their_data(client: Client, shop: Shop) -> None:
    assert shop
    body = await client.ask('{ a: products(after: "x") { totalCount } b: channels { code } }')
    assert body["data"]["a"] is None
    assert body["data"]["b"]
    assert [error["path"] for error in body["errors"]] == [["a"]]
