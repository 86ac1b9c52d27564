"""The context beside the document: headers, `extensions.context`, and `connection_init`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from api.request.stated_context import (
    HEADERS,
    ContextConflictError,
    StatedContext,
    combined,
    in_headers,
    in_json,
    written,
)
from catalog.errors import InvalidInputError
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.api.streams import opened, socket

NAME = '{ product(sku: "LAMP") { name } }'
GERMAN = {"name": "Leuchte"}


def raw(**headers: str) -> list[tuple[bytes, bytes]]:
    return [
        (f"vitrine-{name.rstrip('_')}".encode(), value.encode()) for name, value in headers.items()
    ]


def test_headers_are_read_field_by_field() -> None:
    stated = in_headers([
        (b"accept", b"*/*"),
        *raw(market=" DE ", locale="de-DE", at="2031-01-01T00:00:00Z", preview="TRUE", usage=""),
    ])
    assert stated == {
        "market": "DE",
        "locale": "de-DE",
        "at": datetime(2031, 1, 1, tzinfo=UTC),
        "preview": True,
    }
    assert in_headers([(b"accept", b"*/*")]) == {}


def test_a_header_that_comes_twice_says_the_same_twice() -> None:
    assert in_headers([*raw(market="DE"), *raw(market="DE")]) == {"market": "DE"}
    with pytest.raises(ContextConflictError) as refused:
        in_headers([*raw(market="DE"), *raw(market="FR")])
    assert refused.value.field == "market"


@pytest.mark.parametrize("headers", [{"at": "tomorrow"}, {"preview": "perhaps"}])
def test_headers_that_say_nothing_that_is_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        in_headers(raw(**headers))


@pytest.mark.parametrize(
    "value", ["DE", ["market"], {"colour": "red"}, {"market": 3}, {"preview": 1}, {"at": 1}]
)
def test_an_object_of_other_fields_or_values_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError):
        in_json(value, where="extensions.context")


async def test_a_text_of_the_context_is_bounded_wherever_it_stands(client: Client) -> None:
    long = "x" * 257
    for name in HEADERS:
        with pytest.raises(InvalidInputError, match=f"`{name}` .* at most 256 characters, not 257"):
            in_headers(raw(**{name: long}))
        with pytest.raises(InvalidInputError, match=f"`{name}` .* at most 256 characters, not 257"):
            in_json({name: long}, where="context")
    (error,) = (await client.ask(f'query @inContext(market: "{long}") {NAME}'))["errors"]
    assert "at most 256 characters" in error["message"]
    assert in_headers(raw(market=long[1:])) == {"market": long[1:]}


def test_null_says_nothing() -> None:
    assert in_json(None, where="context") == {}
    assert in_json({"market": None, "locale": "de-DE"}, where="context") == {"locale": "de-DE"}


def test_what_is_the_same_is_written_the_same() -> None:
    one: StatedContext = {"market": "DE", "locale": "de-DE"}
    other = combined({"locale": "de-DE"}, {"market": "DE"}, {"market": "DE"})
    assert written(one) == written(other) != written({"market": "DE"})
    assert written({}) == b""


def ways(**stated: str) -> list[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Return the ways to state a context: request and headers."""
    in_document = ", ".join(f'{name}: "{value}"' for name, value in stated.items())
    headers = {HEADERS[name]: value for name, value in stated.items()}
    return [
        ({"query": f"query @inContext({in_document}) {NAME}"}, {}),
        ({"query": NAME, "extensions": {"context": stated}}, {}),
        ({"query": NAME}, headers),
        ({"query": NAME, "extensions": {"context": stated}}, headers),
    ]


async def test_each_way_to_state_the_context_is_answered_alike_again_and_again(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    for stated, name in (
        ({"market": "DE", "locale": "de-DE"}, "Leuchte"),
        ({"market": "US", "locale": "en-US"}, "Lamp"),
        ({"market": "DE", "locale": "de-DE"}, "Leuchte"),
    ):
        for body, headers in ways(**stated):
            answer = await http.post("/graphql", json=body, headers=headers)
            assert answer.json()["data"] == {"product": {"name": name}}
            assert answer.json()["extensions"]["context"]["locale"] == stated["locale"]
            by_get = await http.get("/graphql", params={"query": NAME}, headers=headers)
            if headers:
                assert by_get.json()["data"] == {"product": {"name": name}}


async def test_fields_of_several_places_are_put_together(client: Client, lamp: Product) -> None:
    assert lamp
    query = f'query @inContext(channel: "d2c") {NAME}'
    body = await client.ask(query, headers={"Vitrine-Locale": "de-DE", "Vitrine-Market": "US"})
    assert body["data"]["product"] == GERMAN
    assert body["extensions"]["context"] == {
        "channel": "d2c",
        "locale": "de-DE",
        "market": "US",
        "usage": "web",
    }


async def test_a_field_that_is_stated_twice_and_differs_is_refused(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    german, headers = {"context": {"locale": "de-DE"}}, {"Vitrine-Locale": "en-US"}
    in_document = f'query @inContext(locale: "en-US") {NAME}'
    for body, sent in (
        ({"query": NAME, "extensions": german}, headers),
        ({"query": in_document, "extensions": german}, {}),
        ({"query": in_document}, {"Vitrine-Locale": "de-DE"}),
    ):
        answer = await http.post("/graphql", json=body, headers=sent)
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "CONTEXT_CONFLICT"
        assert error["extensions"]["field"] == "locale"
    same = {"query": in_document, "extensions": {"context": {"locale": "en-US"}}}
    assert "errors" not in (await http.post("/graphql", json=same, headers=headers)).json()


async def test_every_answer_says_which_headers_it_depends_on(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    whole = await http.get("/graphql", params={"query": NAME})
    again = await http.get("/graphql", params={"query": NAME})
    held = await http.get(
        "/graphql", params={"query": NAME}, headers={"If-None-Match": whole.headers["etag"]}
    )
    refused = await http.post("/graphql", json={"query": 3})
    failed = await http.post("/graphql", json={"query": "{ no }"})
    assert [each.status_code for each in (whole, again, held, refused)] == [200, 200, 304, 400]
    for answer in (whole, again, held, refused, failed):
        named = {each.strip() for each in answer.headers["vary"].split(",")}
        assert set(HEADERS.values()) <= named


async def test_pages_of_other_origins_may_send_the_headers(http: httpx2.AsyncClient) -> None:
    answer = await http.options(
        "/graphql",
        headers={
            "Origin": "https://shop.test",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ",".join(HEADERS.values()).lower(),
        },
    )
    assert answer.status_code == 200


async def test_what_needs_a_scope_needs_it_beside_the_document_too(
    client: Client, shop: Shop, lamp: Product
) -> None:
    assert lamp
    later = {"Vitrine-At": "2031-01-01T00:00:00Z"}
    (error,) = (await client.ask(NAME, headers=later))["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    # a change is shown as it is now, never by the tokens of staff
    change = """mutation { withdrawAsset(assetId: "nobody") { errors { code } } }"""
    headers = {**await shop.key("manage.rights"), **later, "Vitrine-Market": "DE"}
    assert (await client.data(change, headers=headers))["withdrawAsset"]["errors"]


async def test_a_websocket_begins_with_a_context(http: httpx2.AsyncClient, shop: Shop) -> None:
    assert shop
    subscription = "subscription { productChanged { productId } }"
    async with socket(http, payload={"context": {"market": "XX"}}) as client:
        await client.subscribe(subscription)
        assert await client.code() == "UNKNOWN_CONTEXT"
    async with socket(http, headers={"Vitrine-Market": "XX"}) as client:
        await client.subscribe(subscription)
        assert await client.code() == "UNKNOWN_CONTEXT"


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (
            {"context": {"colour": "red"}},
            "`context` has no field 'colour'; there are: market, country, locale, channel, ",
        ),
        ({"context": {"at": "soon"}}, "`at` of the context is an instant, such as "),
        ({"context": {"market": "DE"}}, "the context states `market` twice: 'FR' and 'DE'; "),
        ({"context": ["market"], "authorization": "Bearer vtr_none"}, "`context` is an object of "),
    ],
)
async def test_a_websocket_that_states_the_context_wrongly_is_told_in_what(
    http: httpx2.AsyncClient, payload: Mapping[str, object], says: str
) -> None:
    async with opened(http, headers={"Vitrine-Market": "FR"}) as client:
        await client.send("connection_init", payload=payload)
        with pytest.raises(ConnectionClosed) as closed:
            await client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400
    assert closed.value.rcvd.reason.startswith(says)


async def test_a_websocket_may_begin_with_null(http: httpx2.AsyncClient) -> None:
    async with opened(http) as client:
        await client.send("connection_init", payload=None)
        assert await client.receive() == {"type": "connection_ack"}
