"""The send timeout: whoever does not take an answer in time never gets the rest of it."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serving.connections import ConnectionLimits
from serving.server import server_config
from tests.support.ports import free_port
from tests.support.waiting import eventually

SIZE = 4_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: media\r\n\r\n"


began: list[str] = []


async def big(scope: Scope, receive: Receive, send: Send) -> None:
    began.append(scope["path"])
    await Response(b"x" * int(scope["query_string"] or SIZE))(scope, receive, send)


@pytest.fixture(params=["asyncio", "uvloop"])
async def port(request: pytest.FixtureRequest) -> AsyncGenerator[int]:
    """The port of a server whose answers must leave within a second."""
    config = server_config(big, stop_timeout_s=1, limits=ConnectionLimits(send_s=1))
    config.port, config.loop, config.lifespan = free_port(), request.param, "off"
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()

    async def started() -> bool:
        return server.started

    try:
        await eventually(started)
        yield config.port
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


async def test_a_client_that_reads_too_late_is_cut_off_and_one_that_reads_is_not(port: int) -> None:
    assert await asyncio.to_thread(_take, port, 0.0) > SIZE
    assert await asyncio.to_thread(_take, port, 3.0) < SIZE


@pytest.mark.parametrize("size", [1_000_000, SIZE])
async def test_a_client_that_goes_on_taking_a_little_is_cut_off_all_the_same(
    port: int, size: int
) -> None:
    with _connected(port) as client:
        client.sendall(REQUEST.replace(b"GET / ", b"GET /?%d " % size))
        assert await asyncio.to_thread(_read, client, during_s=6, size=size) < size


async def test_one_answer_after_another_may_take_longer_together(port: int) -> None:
    with _connected(port) as client:
        for _ in range(4):
            client.sendall(REQUEST)
            assert await asyncio.to_thread(_read, client, during_s=0.5) > SIZE


async def test_asking_again_gives_no_more_time_for_what_was_not_taken(port: int) -> None:
    with _connected(port) as client:
        for _ in range(6):
            with suppress(OSError):  # cut off, as it should be
                client.sendall(REQUEST)
            await asyncio.sleep(0.5)
        assert await asyncio.to_thread(_read, client) < SIZE


async def test_a_request_sent_ahead_begins_once_the_answer_before_it_is_read(port: int) -> None:
    ahead = b"GET /ahead HTTP/1.1\r\nHost: media\r\n\r\n"
    began.clear()
    with _connected(port) as client:
        client.sendall(REQUEST + ahead)
        await asyncio.sleep(0.4)
        assert began == ["/"]

        assert await asyncio.to_thread(_read, client) > SIZE
        assert await asyncio.to_thread(_read, client) > SIZE
        assert began == ["/", "/ahead"]


def _connected(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.settimeout(5)
    client.connect(("127.0.0.1", port))
    return client


def _take(port: int, after_s: float) -> int:
    """Ask, wait, then read what there is; return how many bytes came."""
    with _connected(port) as client:
        client.sendall(REQUEST)
        threading.Event().wait(after_s)
        return _read(client)


def _read(client: socket.socket, *, during_s: float = 0, size: int = SIZE) -> int:
    """Read one answer, or what comes of it; return how many bytes that was."""
    taken, whole = 0, size
    while taken < whole:
        try:
            data = client.recv(whole - taken)
        except (ConnectionResetError, TimeoutError):
            break
        if not data:
            break
        if taken == 0:
            whole += data.index(b"\r\n\r\n") + 4
        taken += len(data)
        threading.Event().wait(during_s * len(data) / size)
    return taken
