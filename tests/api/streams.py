"""Clients of subscriptions: graphql-transport-ws by a real WebSocket, GraphQL over SSE by HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from api.request.following import LiveChanges
from tests.support.waiting import eventually

_AT_MOST_S = 20  # what does not come is an error, and no hang


class Socket:
    """A connection, after its `connection_ack`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, **message: object) -> None:
        """Send a message."""
        await self.connection.send(json.dumps({"type": kind, **message}))

    async def receive(self) -> dict[str, Any]:
        """Return the next message, which is a frame of text."""
        async with asyncio.timeout(_AT_MOST_S):
            frame = await self.connection.recv()
        assert isinstance(frame, str)
        return json.loads(frame)

    async def subscribe(self, query: str, operation: str = "1", **variables: object) -> None:
        """Begin an operation."""
        payload = {"query": query, "variables": variables}
        await self.send("subscribe", id=operation, payload=payload)

    async def data(self) -> dict[str, Any]:
        """Return the data of the next message, which has no errors."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        data: dict[str, Any] = message["payload"]["data"]
        return data

    async def error(self) -> dict[str, Any]:
        """Return the one error of the next message."""
        message = await self.receive()
        payload = message["payload"]
        (error,) = payload["errors"] if message["type"] == "next" else payload
        return error

    async def code(self) -> str:
        """Return the code of the one error of the next message."""
        code: str = (await self.error())["extensions"]["code"]
        return code


@asynccontextmanager
async def opened(
    http: httpx2.AsyncClient,
    *,
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    protocol: str = "graphql-transport-ws",
    **options: Any,  # noqa: ANN401 - as the library takes them
) -> AsyncGenerator[Socket]:
    """Open a WebSocket, and begin nothing."""
    url = f"{http.base_url.copy_with(scheme='ws')}/graphql"
    async with connect(
        url,
        subprotocols=[Subprotocol(protocol)],
        additional_headers=headers,
        origin=None if origin is None else Origin(origin),
        proxy=None,
        **options,
    ) as connection:
        yield Socket(connection)


@asynccontextmanager
async def socket(
    http: httpx2.AsyncClient,
    *,
    headers: Mapping[str, str] | None = None,
    payload: Mapping[str, object] | None = None,
    **options: Any,  # noqa: ANN401 - as `opened` takes them
) -> AsyncGenerator[Socket]:
    """Open a WebSocket and have it acknowledged."""
    async with opened(http, headers=headers, **options) as client:
        await client.send("connection_init", payload=dict(payload or {}))
        assert await client.receive() == {"type": "connection_ack"}
        yield client


async def events(answer: httpx2.Response) -> AsyncGenerator[tuple[str, Any]]:
    """Yield the events of an answer: their names and what they carry."""
    name = ""
    async for line in answer.aiter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data" or line == "data:":
            yield name, json.loads(value) if value else None


async def followed(live: LiveChanges, count: int = 1) -> None:
    """Wait until so many follow what happens from now on."""

    async def holds() -> bool:
        return live.followers == live.awaiting == count

    await eventually(holds)
