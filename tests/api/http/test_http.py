"""GraphQL over HTTP: statuses, media types, limits, and what never leaks."""

import asyncio
import json

import httpx2
import pytest
from pydantic import SecretStr

from api.app import create_app
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.proxy import run_proxy
from tests.support.serve import serve
from vitrine.settings import Settings

SKUS = "{ products { nodes { sku } } }"


async def test_queries_come_by_get_and_post(http: httpx2.AsyncClient, lamp: Product) -> None:
    assert lamp
    by_get = await http.get(
        "/graphql",
        params={
            "query": "query ($s: String) { product(sku: $s) { sku } }",
            "variables": '{"s": "LAMP"}',
        },
    )
    by_post = await http.post("/graphql", json={"query": '{ product(sku: "LAMP") { sku } }'})
    assert by_get.json()["data"] == by_post.json()["data"] == {"product": {"sku": "LAMP"}}
    assert by_post.headers["content-type"] == "application/json"
    assert by_post.headers["cache-control"] == "private, no-store"
    assert by_post.headers["x-request-id"]


async def test_changes_never_come_by_get(http: httpx2.AsyncClient, shop: Shop) -> None:
    headers = await shop.key("admin")
    query = 'mutation { withdrawAsset(assetId: "x") { errors { code } } }'
    answer = await http.get("/graphql", params={"query": query}, headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
async def test_only_json_is_taken_so_no_form_of_another_site_is(
    http: httpx2.AsyncClient, content_type: str
) -> None:
    body = json.dumps({"query": SKUS})
    answer = await http.post("/graphql", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"3",
        b'"text"',
        b"null",
        b'{"query": 3}',
        b'{"variables": []}',
        b'{"query": "{ channels { code } }", "variables": 3}',
        b"\xff",
        b'{"query": "\\u0000"}',
        b'{"query": "query($s:String){product(sku:$s){id}}", "variables": {"s": "\\u0000"}}',
    ],
)
async def test_a_body_that_is_no_request_is_refused(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400)]
)
@pytest.mark.parametrize(
    "query", ["query { ... @defer { channels { code } } }", "query { channels @stream { code } }"]
)
async def test_incremental_delivery_is_not_in_the_schema(
    http: httpx2.AsyncClient, query: str, accept: str, status: int
) -> None:
    answer = await http.post("/graphql", json={"query": query}, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"] == accept
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert error["message"].startswith("Unknown directive '@")
    assert "data" not in answer.json()


async def test_a_batch_is_refused_with_how_many_came(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/graphql", json=[{"query": SKUS}, {"query": SKUS}])
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BATCH_NOT_ALLOWED"
    assert "2" in error["message"]


async def test_a_body_over_a_mebibyte_is_refused(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": SKUS, "operationName": "x" * 1_048_576})
    assert answer.status_code == 413


async def test_other_methods_are_refused_with_those_allowed(http: httpx2.AsyncClient) -> None:
    answer = await http.put("/graphql", json={"query": SKUS})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def test_a_document_that_is_wrong_says_where(http: httpx2.AsyncClient) -> None:
    for query, code in (("{", "GRAPHQL_PARSE_FAILED"), ("{ no }", "GRAPHQL_VALIDATION_FAILED")):
        answer = await http.post("/graphql", json={"query": query})
        assert answer.status_code == 200
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] == code
        assert answer.json()["errors"][0]["locations"]
        headers = {"Accept": "application/graphql-response+json"}
        answer = await http.post("/graphql", json={"query": query}, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/graphql-response+json"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (
            "{ " + " ".join(f"a{n}: channels {{ code }}" for n in range(201)) + " }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ categories { " + "children { " * 14 + "code" + " }" * 14 + " } }", "TOO_DEEP"),
        ("{ channels { " + "code " * 4000 + "} }", "GRAPHQL_PARSE_FAILED"),
    ],
)
async def test_documents_are_bounded_in_aliases_depth_and_tokens(
    client: Client, query: str, code: str
) -> None:
    assert await client.code(query) == code


@pytest.mark.parametrize("header", ["Bearer nobody", "Bearer", "Basic YTpi", "vtr_x"])
async def test_a_key_that_is_not_known_is_refused_even_where_none_is_needed(
    http: httpx2.AsyncClient, header: str
) -> None:
    answer = await http.post("/graphql", json={"query": SKUS}, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="vitrine"'
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://shop.test", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1:8000", True),
        ("https://evil.test", False),
        ("https://localhost.evil.test", False),
    ],
)
async def test_browsers_of_known_origins_may_read(
    http: httpx2.AsyncClient,
    origin: str,
    is_allowed: bool,  # noqa: FBT001 - a row of the table above
) -> None:
    headers = {"Origin": origin}
    answer = await http.post("/graphql", json={"query": SKUS}, headers=headers)
    assert answer.headers.get("access-control-allow-origin") == (origin if is_allowed else None)
    assert "access-control-allow-credentials" not in answer.headers
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = await http.options("/graphql", headers=headers | asked)
    assert preflight.is_success is is_allowed


async def test_a_failure_of_ours_is_an_id_and_nothing_more(
    client: Client, lamp: Product, shop: Shop
) -> None:
    assert lamp
    await shop.pool.execute("ALTER TABLE search_document RENAME TO elsewhere")
    answer = await client.http.post("/graphql", json={"query": SKUS})
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "id": answer.headers["x-request-id"]}
    assert "search_document" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_database_that_is_gone_is_unavailable_until_it_is_back(
    shop: Shop, settings: Settings, database_url: str
) -> None:
    assert shop.stage.keys
    async with run_proxy(database_url) as (proxy, url):
        app = create_app(settings.model_copy(update={"database_url": SecretStr(url)}))
        async with serve(app) as base_url, httpx2.AsyncClient(base_url=base_url) as http:
            client = Client(http)
            assert await client.data(SKUS)
            proxy.cut()
            answer = await http.post("/graphql", json={"query": f"query Anew {SKUS}"})
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "UNAVAILABLE"
            assert error["extensions"]["id"] == answer.headers["x-request-id"]
            with_key = await http.post(
                "/graphql", json={"query": SKUS}, headers={"Authorization": "Bearer vtr_x"}
            )
            assert with_key.status_code == 503
            assert with_key.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert (await http.get("/health/live")).status_code == 200
            assert (await http.get("/health/ready")).status_code == 503
            proxy.heal()
            assert await client.data(SKUS)


async def test_it_is_ready_and_measured(http: httpx2.AsyncClient) -> None:
    ready = await http.get("/health/ready")
    while ready.status_code != 200:  # until the feed has asked once
        await asyncio.sleep(0.02)
        ready = await http.get("/health/ready")
    assert ready.json() == {"status": "ready", "checks": {"feed": "ok", "database": "ok"}}
    assert "vitrine_http_requests_total" in (await http.get("/metrics")).text


async def test_a_new_preset_is_known_within_a_second(
    client: Client, shop: Shop, lamp: Product
) -> None:
    assert lamp
    query = """query @inContext(market: "DE") {
      product(sku: "LAMP") { hero { image(preset: "new") { url } } } }"""
    assert await client.code(query) == "UNKNOWN_PRESET"
    await shop.pool.execute(
        "INSERT INTO preset (code, version, audience, recipe) "
        "SELECT 'new', 1, audience, recipe FROM preset WHERE code = 'thumb'"
    )
    body = await client.ask(query)
    while "errors" in body:
        await asyncio.sleep(0.02)
        body = await client.ask(query)
    assert "/new.1-48/" in body["data"]["product"]["hero"]["image"]["url"]
