"""Between the last decision and the first byte the gateway waits for nothing.

So what is delivered was allowed when its answer began, and a process that is stopped at any point
before has to decide again when it goes on.
"""

import asyncio
from dataclasses import replace
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from gateway.app import open_gateway
from gateway.authorise import Authoriser, Permission
from gateway.delivery_request import DeliveryRequest
from tests.support.stage import WORLDWIDE, Stage
from vitrine.settings import Settings


class Noted(Authoriser):
    """Decides as another does, and notes whether anything else ran since the last decision."""

    def __init__(self, inner: Authoriser) -> None:
        self._inner = inner
        self.decisions = 0
        self.has_yielded = False

    async def authorise(self, wanted: DeliveryRequest) -> Permission:
        allowed = await self._inner.authorise(wanted)
        self.decisions += 1
        self.has_yielded = False
        asyncio.get_running_loop().call_soon(self._run)
        return allowed

    def _run(self) -> None:
        self.has_yielded = True


async def test_nothing_else_runs_between_the_last_decision_and_the_first_byte(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    yielded: list[bool] = []
    async with open_gateway(settings, {}) as opened:
        noted = Noted(opened.authoriser)
        gateway = replace(opened, authoriser=noted)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    yielded.append(noted.has_yielded)
                await send(message)

            response: Any = await gateway.handle(Request(scope, receive))
            await response(scope, receive, note)

        transport = httpx2.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://media") as client:
            answer = await client.get(stage.url(asset), headers={"CF-IPCountry": "DE"})

    assert (answer.status_code, noted.decisions, yielded) == (200, 2, [False])
