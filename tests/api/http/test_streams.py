"""The transports of subscriptions: who is let in, what a connection holds, what it leaves."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import httpx2
import orjson
import pytest
from graphql import GraphQLError
from starlette.applications import Starlette
from strawberry.types import ExecutionResult
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.app import create_app
from api.execution.allowance import Allowance
from api.http.events import bounded
from tests.api.client import Client
from tests.api.http.test_accepted import URQL
from tests.api.shop import Product, Shop
from tests.api.streams import events, followed, opened, socket
from tests.support.serve import serve
from tests.support.waiting import eventually
from vitrine.settings import Settings

ASSETS = "subscription { assetChanged { eventId assetId type } }"
PRODUCTS = "subscription { productChanged { productId change } }"
WITHDRAW = "mutation ($id: ID!) { withdrawAsset(assetId: $id) { errors { code } } }"
SSE = {"Accept": "text/event-stream"}


async def closed_with(http: httpx2.AsyncClient, first: str, **options: Any) -> int | None:  # noqa: ANN401 - of `opened`
    """Send a message, and return the code that the connection is closed with."""
    payload = options.pop("payload", None)
    async with opened(http, **options) as client:
        with suppress(ConnectionClosed):  # it may be so already
            await client.send(first, payload=payload or {}, id="1")
        with pytest.raises(ConnectionClosed) as closing:
            await client.receive()
        return closing.value.rcvd.code if closing.value.rcvd else None


@pytest.mark.parametrize("way", ["header", "payload"])
async def test_a_key_comes_with_the_handshake_or_with_the_first_message(
    http: httpx2.AsyncClient, app: Starlette, client: Client, shop: Shop, way: str
) -> None:
    key = await shop.key("read")
    asset = await shop.asset()
    given: Mapping[str, Any] = (
        {"headers": key}
        if way == "header"
        else {"payload": {"authorization": key["Authorization"]}}
    )
    async with socket(http, **given) as reader:
        await reader.subscribe(ASSETS)
        await followed(app.state.services.live_changes, 1)
        headers = await shop.key("manage.rights")
        await client.data(WITHDRAW, {"id": asset.public_id}, headers=headers)
        assert (await reader.data())["assetChanged"]["assetId"] == asset.public_id


@pytest.mark.parametrize("secret", ["Bearer vtr_nobody", "Basic YTpi", "Bearer"])
async def test_a_key_that_is_none_is_forbidden(http: httpx2.AsyncClient, secret: str) -> None:
    header, payload = {"Authorization": secret}, {"authorization": secret}
    assert await closed_with(http, "connection_init", headers=header) == 4403
    assert await closed_with(http, "connection_init", payload=payload) == 4403
    answer = await http.post("/graphql", json={"query": ASSETS}, headers=SSE | header)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_without_a_key_nobody_is_let_in_where_reads_are_not_public(
    shop: Shop, settings: Settings
) -> None:
    key = await shop.key("read")
    app = create_app(settings.model_copy(update={"public_reads": False}))
    server = serve(app, with_websockets=True)
    async with server as url, httpx2.AsyncClient(base_url=url) as http:
        assert await closed_with(http, "connection_init") == 4403
        answer = await http.post("/graphql", json={"query": PRODUCTS}, headers=SSE)
        assert answer.status_code == 401
        async with socket(http, headers=key):
            pass


async def test_nothing_is_begun_before_the_connection_is(http: httpx2.AsyncClient) -> None:
    assert await closed_with(http, "subscribe", payload={"query": PRODUCTS}) == 4401


@pytest.mark.parametrize(
    "frame",
    [
        "[]",
        "1",
        "null",
        "{}",
        '{"payload": "x"}',
        '{"type": 1}',
        '{"type": "ping", "payload": "x"}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "' + "x" * 200 + '"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}',
        '{"type": "subscribe", "id": "' + "x" * 200 + '", "payload": {"query": "{a}"}}',
        '{"type": "subscribe", "id": "1", "payload": "x"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": [1]}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}',
        '{"type": "complete", "id": []}',
        "[" * 100_000 + "]" * 100_000,
        '{"type":' * 50_000,
    ],
    ids=lambda frame: frame[:40],
)
async def test_what_is_no_message_ends_the_connection_and_is_no_fault_of_ours(
    http: httpx2.AsyncClient, frame: str
) -> None:
    async with opened(http) as client:
        await client.connection.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            await client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400


async def test_the_legacy_protocol_is_not_spoken(http: httpx2.AsyncClient) -> None:
    assert await closed_with(http, "connection_init", protocol="graphql-ws") == 4406


@pytest.mark.parametrize("origin", ["https://shop.test", "http://localhost:3000", "same", None])
async def test_pages_of_known_origins_may_open_streams(
    http: httpx2.AsyncClient, app: Starlette, origin: str | None
) -> None:
    page = f"{http.base_url}" if origin == "same" else origin
    async with socket(http, origin=page):
        pass
    headers = SSE if page is None else SSE | {"Origin": page}
    async with http.stream("GET", "/graphql", params={"query": PRODUCTS}, headers=headers) as said:
        assert said.status_code == 200
        await followed(app.state.services.live_changes, 1)


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "https://shop.test.evil.test", "http://shop.test", "null"]
)
async def test_pages_of_foreign_origins_are_refused(http: httpx2.AsyncClient, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with opened(http, origin=origin):
            pass
    assert refusal.value.response.status_code == 403
    headers = SSE | {"Origin": origin}
    answer = await http.get("/graphql", params={"query": PRODUCTS}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_connection_holds_a_hundred_subscriptions(
    http: httpx2.AsyncClient, app: Starlette
) -> None:
    async with socket(http) as client:
        for number in range(101):
            await client.subscribe(PRODUCTS, f"{number}")
        message = await client.receive()
        assert (message["id"], message["type"]) == ("100", "error")
        assert message["payload"][0]["message"] == "Subscription limit reached"
        await followed(app.state.services.live_changes, 100)
        await client.send("complete", id="7")
        await followed(app.state.services.live_changes, 99)
        await client.subscribe(PRODUCTS, "100")
        await followed(app.state.services.live_changes, 100)


async def test_what_is_asked_is_counted_against_the_rate(shop: Shop, settings: Settings) -> None:
    assert shop.stage.keys
    app = create_app(settings.model_copy(update={"graphql_rate_per_address": 10}))
    server = serve(app, with_websockets=True)
    async with server as url, httpx2.AsyncClient(base_url=url) as http, socket(http) as client:
        for number in range(11):
            await client.subscribe(PRODUCTS, f"{number}")
        assert await client.code() == "RATE_LIMITED"
        answer = await http.post("/graphql", json={"query": PRODUCTS}, headers=SSE)
        assert answer.status_code == 429


async def test_only_trusted_documents_are_followed_where_it_is_set(
    shop: Shop, settings: Settings
) -> None:
    key = await shop.key("read")
    app = create_app(settings.model_copy(update={"trusted_documents_only": True}))
    server = serve(app, with_websockets=True)
    async with server as url, httpx2.AsyncClient(base_url=url) as http:
        async with socket(http) as client:
            await client.subscribe(PRODUCTS)
            assert await client.code() == "DOCUMENT_NOT_TRUSTED"
        async with socket(http, headers=key) as client:
            await client.subscribe(PRODUCTS)
            await followed(app.state.services.live_changes, 1)


@pytest.mark.parametrize("ending", ["complete", "close", "abort"])
async def test_who_leaves_leaves_nothing_behind(
    http: httpx2.AsyncClient, app: Starlette, shop: Shop, ending: str
) -> None:
    assert shop.stage.keys

    async def tasks() -> set[str]:
        # of the client, too, nothing is left then; how the process stands is asked now and then
        return {
            each.get_name()
            for each in asyncio.all_tasks()
            if getattr(each.get_coro(), "__name__", "") not in {"_ask", "_answer_of"}
        }

    before = await tasks()
    async with socket(http) as client:
        await client.subscribe(PRODUCTS)
        await followed(app.state.services.live_changes, 1)
        assert await tasks() > before
        if ending == "complete":
            await client.send("complete", id="1")
        elif ending == "abort":
            client.connection.transport.abort()
        else:
            await client.connection.close()
        await followed(app.state.services.live_changes, 0)

    async def nothing_is_left() -> bool:
        return await tasks() <= before

    await eventually(nothing_is_left)


async def test_events_come_by_post_and_end_with_the_request(
    http: httpx2.AsyncClient, app: Starlette, client: Client, shop: Shop
) -> None:
    asset = await shop.asset()
    headers = SSE | await shop.key("read")
    body = {"query": ASSETS}
    async with http.stream("POST", "/graphql", json=body, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache, no-transform"
        await followed(app.state.services.live_changes, 1)
        staff = await shop.key("manage.rights")
        await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
        async for name, told in events(answer):
            assert name == "next"
            assert told["data"]["assetChanged"]["assetId"] == asset.public_id
            break
    await followed(app.state.services.live_changes, 0)


async def test_a_stop_waits_for_no_stream(
    shop: Shop, app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    assert shop.stage.keys
    async with httpx2.AsyncClient() as http:
        async with serve(app, with_websockets=True) as url:
            request = http.build_request(
                "POST", f"{url}/graphql", json={"query": PRODUCTS}, headers=SSE
            )
            answer = await http.send(request, stream=True)
            http.base_url = httpx2.URL(url)
            open_socket = socket(http)
            client = await open_socket.__aenter__()
            await client.subscribe(PRODUCTS)
            await followed(app.state.services.live_changes, 2)
        with pytest.raises(httpx2.RemoteProtocolError):
            await answer.aread()
        with pytest.raises(ConnectionClosed) as closing:
            await client.receive()
        assert closing.value.rcvd is not None
        assert closing.value.rcvd.code == 1012  # it restarts: connect again
        await open_socket.__aexit__(None, None, None)
    assert [each for each in caplog.messages if "graceful shutdown exceeded" in each] == []


async def test_events_come_by_get_and_are_resumed(
    http: httpx2.AsyncClient, app: Starlette, client: Client, shop: Shop
) -> None:
    asset = await shop.asset()
    headers, staff = SSE | await shop.key("read"), await shop.key("manage.rights")
    query = "subscription ($after: ID) { assetChanged(after: $after) { eventId type } }"

    async def first(after: str | None) -> str:
        params = {"query": query, "variables": "{}" if not after else f'{{"after": "{after}"}}'}
        async with http.stream("GET", "/graphql", params=params, headers=headers) as answer:
            if after is None:
                await followed(app.state.services.live_changes, 1)
                await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
            async for _, told in events(answer):
                return told["data"]["assetChanged"]["eventId"]
        raise AssertionError("the stream ended")

    seen = await first(None)
    reinstate = WITHDRAW.replace("withdraw", "reinstate")
    await client.data(reinstate, {"id": asset.public_id}, headers=staff)
    assert await first(seen) != seen


async def test_what_is_wrong_with_a_request_for_events_is_said_at_once(
    http: httpx2.AsyncClient, shop: Shop
) -> None:
    staff = SSE | await shop.key("admin")
    for query, status, code in (
        ("{", 400, "GRAPHQL_PARSE_FAILED"),
        ("{ channels { code } }", 400, "BAD_REQUEST"),
        (WITHDRAW, 400, "BAD_REQUEST"),
    ):
        answer = await http.post("/graphql", json={"query": query}, headers=staff)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["extensions"]["code"] == code
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post("/graphql", content="query=x", headers=staff | form)
    assert answer.status_code == 415


async def test_errors_of_a_stream_come_as_an_event_and_complete_it(
    http: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    for query, code in (
        (ASSETS, "UNAUTHENTICATED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ):
        answer = await http.post("/graphql", json={"query": query}, headers=SSE)
        first, last = [each async for each in events(answer)]
        assert first[0] == "next"
        assert first[1]["errors"][0]["extensions"]["code"] == code
        assert last == ("complete", None)


async def test_an_event_that_is_too_large_is_told_as_an_error_and_the_next_ones_come(
    shop: Shop, client: Client, settings: Settings
) -> None:
    asset, key, staff = await shop.asset(), await shop.key("read"), await shop.key("manage.rights")
    app = create_app(settings.model_copy(update={"graphql_answer_max_mib": 0}))
    server = serve(app, with_websockets=True)
    async with (
        server as url,
        httpx2.AsyncClient(base_url=url) as http,
        socket(http, headers=key) as reader,
        http.stream("POST", "/graphql", json={"query": ASSETS}, headers=SSE | key) as answer,
    ):
        await reader.subscribe(ASSETS)
        await followed(app.state.services.live_changes, 2)
        for change in (WITHDRAW, WITHDRAW.replace("withdraw", "reinstate")):
            await client.data(change, {"id": asset.public_id}, headers=staff)
        codes = [await reader.code(), await reader.code()]
        async for _, told in events(answer):
            assert told["data"] is None
            codes += [each["extensions"]["code"] for each in told["errors"]]
            if len(codes) == 4:
                break
    assert codes == ["ANSWER_TOO_LARGE"] * 4


async def test_events_are_as_they_were_but_for_those_that_are_too_large() -> None:
    small, partial = {"a": "x"}, {"b": None}
    failed = GraphQLError("no b", path=["b"])

    async def results() -> AsyncGenerator[ExecutionResult]:
        yield ExecutionResult(small, None, {"context": {}})
        yield ExecutionResult({"a": "x" * 300}, None)
        yield ExecutionResult({"a": "x"}, None, {"context": "x" * 300})
        yield ExecutionResult(partial, [failed])
        yield ExecutionResult(None, [failed])

    allowed = Allowance(limit_s=1, most_bytes=200)
    told = [each async for each in bounded(results(), allowed.check_size)]
    data = [orjson.loads(orjson.dumps(each.data)) for each in told]
    assert data == [small, None, None, partial, None]
    assert told[0].extensions == {"context": {}}
    errors = [[each.message for each in one.errors or ()] for one in told]
    assert errors[0] == []
    assert "larger than" in errors[1][0]
    assert errors[2] == errors[1]
    assert errors[3:] == [["no b"], ["no b"]]


async def test_a_client_that_takes_json_as_well_gets_events_of_subscriptions(
    http: httpx2.AsyncClient, app: Starlette
) -> None:
    asked = {"query": PRODUCTS}
    async with http.stream("POST", "/graphql", json=asked, headers={"Accept": URQL}) as said:
        assert said.headers["content-type"].startswith("text/event-stream")
        await followed(app.state.services.live_changes, 1)


async def test_a_subscription_by_an_ordinary_request_says_how_it_comes(client: Client) -> None:
    body = await client.ask(PRODUCTS)
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "WebSocket" in body["errors"][0]["message"]
