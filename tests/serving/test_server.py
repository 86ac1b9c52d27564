"""The one configuration of uvicorn that every process has."""

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from tests.support.serve import serve


async def name_the_scope(scope: Scope, _: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("there is none")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["type"].encode()})


async def test_a_request_to_upgrade_to_a_websocket_is_answered_as_any_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with serve(name_the_scope) as base, httpx2.AsyncClient(base_url=base) as client:
        for _ in range(2):  # the connection goes on after it
            answer = await client.get("/", headers=upgrade)
            assert (answer.status_code, answer.text) == (200, "http")
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []
