"""The table of error codes says what the api answers."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from api.app import create_app
from api.contract.error_table import error_codes
from tests.api.shop import Shop
from tests.support.serve import serve
from vitrine.settings import Settings

CHANNELS = "{ channels { code } }"
HASH = "0" * 64
TABLE = {each.code: each.status or 200 for each in error_codes()}


def persisted(**more: object) -> dict[str, Any]:
    return {"json": {"extensions": {"persistedQuery": {"sha256Hash": HASH}}, **more}}


def asking(query: str) -> dict[str, Any]:
    return {"json": {"query": query}}


@pytest.mark.parametrize(
    ("code", "request_", "settings_"),
    [
        ("UNAUTHENTICATED", {"headers": {"Authorization": "Bearer no"}, **asking(CHANNELS)}, {}),
        ("METHOD_NOT_ALLOWED", {"method": "PUT", **asking(CHANNELS)}, {}),
        ("UNSUPPORTED_MEDIA_TYPE", {"data": {"query": CHANNELS}}, {}),
        ("BODY_TOO_LARGE", asking("x" * 1_048_577), {}),
        ("BAD_REQUEST", {"json": {"query": 1}}, {}),
        ("BATCH_NOT_ALLOWED", {"json": [{"query": CHANNELS}]}, {}),
        ("PERSISTED_QUERY_NOT_FOUND", persisted(), {}),
        ("PERSISTED_QUERY_HASH_MISMATCH", persisted(query=CHANNELS), {}),
        ("DOCUMENT_NOT_TRUSTED", asking(CHANNELS), {"trusted_documents_only": True}),
        ("RATE_LIMITED", asking(CHANNELS), {"graphql_rate_per_address": 1}),
        ("TIMED_OUT", asking(CHANNELS), {"graphql_timeout_s": 1e-9}),
        ("GRAPHQL_PARSE_FAILED", asking("{"), {}),
        ("GRAPHQL_VALIDATION_FAILED", asking("{ no }"), {}),
        ("TOO_DEEP", asking("{ categories { " + "children { " * 14 + "code" + " }" * 16), {}),
        (
            "UNKNOWN_CONTEXT",
            asking('query @inContext(market: "no") { products { nodes { id } } }'),
            {},
        ),
        ("INVALID_CURSOR", asking('{ products(after: "no") { nodes { id } } }'), {}),
        ("PAGE_SIZE", asking("{ products(first: 101) { nodes { id } } }"), {}),
    ],
)
async def test_a_code_comes_with_the_status_that_the_table_says(
    shop: Shop,
    settings: Settings,
    code: str,
    request_: Mapping[str, Any],
    settings_: Mapping[str, Any],
) -> None:
    assert shop.stage.keys
    app = create_app(settings.model_copy(update=settings_))
    request: dict[str, Any] = {"method": "POST", **request_}
    async with serve(app) as base_url, httpx2.AsyncClient(base_url=base_url) as http:
        answer = await http.request(url="/graphql", **request)
    (error,) = answer.json()["errors"]
    assert (error["extensions"]["code"], answer.status_code) == (code, TABLE[code])
