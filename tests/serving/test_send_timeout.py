"""The send timeout: whoever does not take an answer in time never gets the rest of it."""

import asyncio
import socket
import threading

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serving.send_timeout import protocol_with
from tests.support.ports import free_port
from tests.support.waiting import eventually

SIZE = 4_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: media\r\n\r\n"


async def big(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"x" * SIZE)(scope, receive, send)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_a_client_that_reads_too_late_is_cut_off_and_one_that_reads_is_not(
    loop: str,
) -> None:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            big,
            port=port,
            loop=loop,
            http=protocol_with(0.5),
            lifespan="off",
            log_config=None,
            access_log=False,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()

    async def started() -> bool:
        return server.started

    try:
        await eventually(started)
        assert await asyncio.to_thread(_take, port, 0.0) > SIZE
        assert await asyncio.to_thread(_take, port, 2.0) < SIZE
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


def _take(port: int, after_s: float) -> int:
    """Ask, wait, then read what there is; return how many bytes came."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.settimeout(5)
        client.connect(("127.0.0.1", port))
        client.sendall(REQUEST)
        threading.Event().wait(after_s)
        taken = 0
        while taken < SIZE + 50:
            try:
                data = client.recv(65_536)
            except (ConnectionResetError, TimeoutError):
                break
            if not data:
                break
            taken += len(data)
        return taken
