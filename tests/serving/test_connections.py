"""What connections may bring: heads and bodies in bounds and in time, and not too many of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from ipaddress import ip_network

import httpx2
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from serving.bounded_reading import (
    MAX_AHEAD,
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_URL_BYTES,
    LongBodies,
)
from serving.connections import ConnectionLimits, Connections
from serving.websockets import MAX_FRAMES
from tests.support.peer import AT_MOST_S, PeerConnection, peer_of
from tests.support.serve import serve

HASTY = ConnectionLimits(head_s=0.2, body_s=0.2, keep_alive_s=0.2)
LOOPBACK = (ip_network("127.0.0.0/8"),)
GET = b"GET / HTTP/1.1\r\nHost: media\r\n"
POST = b"POST / HTTP/1.1\r\nHost: media\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


async def echo(request: Request) -> Response:
    with suppress(ClientDisconnect):
        return PlainTextResponse(f"{len(await request.body())} {len(request.headers)}")
    return PlainTextResponse()


async def repeat(websocket: WebSocket) -> None:
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.send_text(await websocket.receive_text())


APP = Starlette(
    routes=[Route("/", echo, methods=["GET", "POST"]), WebSocketRoute("/repeat", repeat)]
)


@pytest.fixture
async def base() -> AsyncGenerator[str]:
    async with serve(APP, with_websockets=True) as url:
        yield url


@pytest.fixture
async def hasty() -> AsyncGenerator[str]:
    async with serve(APP, with_websockets=True, limits=HASTY) as url:
        yield url


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", None),
        (b"\r\n\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nHost: media\r\nX-A: ", 408),
        (b"POST / HTTP/1.1\r\nHost: media\r\nContent-Length: 99\r\n\r\n{", 408),
        (CHUNKED + b"5\r\nabc", 408),
    ],
)
async def test_what_does_not_come_in_time_ends_the_connection(
    hasty: str, said: bytes, status: int | None
) -> None:
    async with peer_of(hasty) as peer:
        await peer.say(said)
        heard = await peer.hears()
    if status is None:
        assert heard == b""
    else:
        assert heard.startswith(b"HTTP/1.1 %d " % status)
        assert orjson.loads(heard.partition(b"\r\n\r\n")[2])["code"] == "REQUEST_TIMEOUT"


class LongApp(Starlette):
    """Takes long bodies, at one path."""

    long_bodies = LongBodies(b"/files/", 4 * MAX_BODY_BYTES)


async def count(request: Request) -> Response:
    size = 0
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            size += len(piece)
    return PlainTextResponse(str(size))


LONG_APP = LongApp(
    routes=[Route("/files/a", count, methods=["PUT"]), Route("/a", count, methods=["PUT"])]
)


async def test_a_long_body_is_read_where_it_may_come_and_bounded_there() -> None:
    async with serve(LONG_APP) as url, httpx2.AsyncClient(base_url=url) as client:
        for path, mib, status in (("/files/a", 4, 200), ("/a", 4, 413), ("/files/a", 9, 413)):
            body = bytes(mib * MAX_BODY_BYTES)
            answer = await client.put(path, content=body)
            assert answer.status_code == status
            if status == 200:
                assert answer.text == str(len(body))


async def test_each_piece_of_a_long_body_has_its_own_time_and_no_more() -> None:
    head = b"PUT /files/a HTTP/1.1\r\nHost: media\r\nContent-Length: 4194304\r\n\r\n"
    async with serve(LONG_APP, limits=HASTY) as url, peer_of(url) as peer:
        await peer.say(head + bytes(3 * MAX_BODY_BYTES))
        assert (await peer.hears()).startswith(b"HTTP/1.1 408 ")


async def test_a_letter_now_and_then_gives_no_more_time(hasty: str) -> None:
    async def dribble(peer: PeerConnection) -> None:
        while True:
            await peer.say(b"a")
            await asyncio.sleep(0.02)

    async with peer_of(hasty) as peer, asyncio.TaskGroup() as group:
        await peer.say(GET + b"X-A: ")
        dribbling = group.create_task(dribble(peer))
        assert (await peer.hears()).startswith(b"HTTP/1.1 408 ")
        dribbling.cancel()


async def test_a_connection_that_rests_is_closed_and_one_that_asks_goes_on(hasty: str) -> None:
    async with peer_of(hasty) as peer:
        for _ in range(3):
            await peer.say(GET + b"\r\n")
            assert await peer.answer() == "0 1"
        assert await peer.hears() == b""


async def test_an_answer_that_takes_its_time_is_not_the_clients_fault() -> None:
    released = asyncio.Event()

    async def slow(_: Request) -> Response:
        await released.wait()
        return PlainTextResponse("done")

    app = Starlette(routes=[Route("/", slow), Route("/other", echo)])
    async with serve(app, limits=HASTY) as url, peer_of(url) as patient, peer_of(url) as silent:
        await patient.say(GET + b"\r\n")
        assert await silent.hears() == b""  # so long all that have to say something are given
        released.set()
        assert await patient.answer() == "done"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([GET, b"X-A: ", *[b"a" * 8_192] * 64, b"\r\n\r\n"], 431),
        ([GET, *[b"X-B: yyyyyyyyyyyyyyyy\r\n" * 300] * 64, b"\r\n"], 431),
        ([GET + b"X: y\r\n" * MAX_HEADERS + b"\r\n"], 431),
        ([GET + b"X-A: " + b"a" * MAX_HEAD_BYTES * 4 + b"\r\n\r\n"], 431),
        ([b"GET /", *[b"a" * 8_192] * 64, b" HTTP/1.1\r\nHost: media\r\n\r\n"], 414),
        ([b"GET /" + b"a" * MAX_URL_BYTES + b" HTTP/1.1\r\nHost: media\r\n\r\n"], 414),
        ([b"what is this\r\n\r\n"], 400),
    ],
    ids=["one long", "many", "many short", "long at once", "url", "url at once", "no request"],
)
async def test_a_head_out_of_bounds_is_refused_while_it_is_read(
    base: str, parts: list[bytes], status: int
) -> None:
    async with peer_of(base) as peer:
        await peer.say(*parts)
        heard = await peer.hears()
    assert heard.startswith(b"HTTP/1.1 %d " % status)
    assert heard.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
async def test_what_is_within_the_bounds_is_read_however_it_is_cut(base: str, size: int) -> None:
    body = b"b" * 100_000
    posted = POST + b"Content-Length: 100000\r\n\r\n" + body
    long = b"GET /?" + b"a" * (MAX_URL_BYTES - 2) + b" HTTP/1.1\r\nHost: media\r\n\r\n"
    wide = GET + b"X: y\r\n" * (MAX_HEADERS - 1) + b"\r\n"
    whole = posted + long + wide if size > 1 else GET + b"\r\n"
    async with peer_of(base) as peer:
        await peer.say(*(whole[at : at + size] for at in range(0, len(whole), size)))
        answers = [await peer.answer() for _ in range(3 if size > 1 else 1)]
    assert answers == (["100000 2", "0 1", f"0 {MAX_HEADERS}"] if size > 1 else ["0 1"])


@pytest.mark.parametrize(
    "parts",
    [
        [CHUNKED, *[b"8000\r\n" + b"b" * 32_768 + b"\r\n"] * 80],
        [CHUNKED, b"0\r\nX-A: ", *[b"a" * 65_536] * 40],
        [CHUNKED, b"0\r\n", *[b"X-B: yyyyyyyyyyyyyyyy\r\n" * 3_000] * 40],
        [POST + b"Content-Length: 9999999\r\n\r\n", *[b"b" * 65_536] * 40],
    ],
    ids=["chunks", "a long trailer", "many trailers", "length"],
)
async def test_a_body_out_of_bounds_is_refused_with_what_follows_it(
    base: str, parts: list[bytes]
) -> None:
    async with peer_of(base) as peer:
        await peer.say(*parts)
        heard = await peer.hears()
    assert heard.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: media\r\nContent-Length: 5\r\n\r\nhello",
        b"HEAD / HTTP/1.1\r\nHost: media\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /#1 HTTP/1.1\r\nHost: media\r\n\r\n",
    ],
)
async def test_what_caches_may_read_differently_ends_the_connection(base: str, said: bytes) -> None:
    async with peer_of(base) as peer:
        await peer.say(said, GET + b"\r\n")
        heard = await peer.hears()
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert heard.count(b"HTTP/1.1") == 1


async def test_fields_behind_a_body_are_no_headers(base: str) -> None:
    trailing = CHUNKED + b"0\r\nX-Trailer: y\r\nHost: another\r\n\r\n"
    async with peer_of(base) as peer:
        await peer.say(trailing, GET + b"\r\n")
        assert [await peer.answer(), await peer.answer()] == ["0 2", "0 1"]


async def test_so_many_requests_sent_ahead_are_too_many(base: str) -> None:
    async with peer_of(base) as peer:
        await peer.say((GET + b"\r\n") * (MAX_AHEAD + 3))
        heard = await peer.hears()
    assert heard.count(b"HTTP/1.1 200") <= MAX_AHEAD


async def test_more_connections_than_the_process_has_room_for_are_turned_away() -> None:
    limits = ConnectionLimits(most=2)
    async with serve(APP, limits=limits) as url:
        async with peer_of(url) as first, peer_of(url) as second:
            for peer in (first, second):
                await peer.say(GET + b"\r\n")
                assert await peer.answer() == "0 1"
            async with peer_of(url) as third:
                assert (await third.hears()).startswith(b"HTTP/1.1 503 ")
        async with httpx2.AsyncClient(base_url=url) as client:  # and there is room again
            assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("with_websocket", [False, True])
async def test_one_address_has_so_many_connections_and_trusted_hops_have_all(
    *, with_websocket: bool
) -> None:
    async def turned_away(limits: ConnectionLimits) -> bool:
        async with serve(APP, with_websockets=True, limits=limits) as url, peer_of(url) as first:
            if with_websocket:
                async with connect(f"{url.replace('http', 'ws')}/repeat"):
                    return await is_full(url)
            async with peer_of(url) as second:
                for each in (first, second):
                    await each.say(GET + b"\r\n")
                    await each.answer()
                return await is_full(url)

    async def is_full(url: str) -> bool:
        async with peer_of(url) as third:
            await third.say(GET + b"Connection: close\r\n\r\n")
            return (await third.hears()).startswith(b"HTTP/1.1 503 ")

    assert await turned_away(ConnectionLimits(most_per_address=2))
    assert not await turned_away(ConnectionLimits(most_per_address=2, exempt=LOOPBACK))
    assert not await turned_away(ConnectionLimits(most_per_address=0))


class Silent:
    """A connection that nobody has to look at."""

    def look(self, passed_s: float) -> None:
        """Do nothing."""


async def test_an_ipv6_network_counts_as_one_address_and_a_mapped_one_as_itself() -> None:
    loop = asyncio.get_running_loop()
    everyone = Connections(ConnectionLimits(most_per_address=1, exempt=LOOPBACK))
    entered = [
        everyone.enter(Silent(), address, loop)
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "192.0.2.1", None, None)
    ]
    assert entered == [True, False, True, True, True, True]
    assert not everyone.enter(Silent(), "::ffff:192.0.2.1", loop)
    assert all(everyone.enter(Silent(), "::ffff:127.0.0.1", loop) for _ in range(2))


def ws(base: str) -> str:
    return f"{base.replace('http', 'ws')}/repeat"


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.TEXT, Opcode.CONT])
async def test_a_websocket_with_too_many_frames_is_ended(base: str, opcode: Opcode) -> None:
    many = Frame(opcode, b"", fin=opcode != Opcode.CONT).serialize(mask=True) * (MAX_FRAMES * 40)
    start = (
        Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True) if opcode == Opcode.CONT else b""
    )
    async with connect(ws(base), ping_interval=None) as client:
        client.transport.write(start + many)
        async with asyncio.timeout(AT_MOST_S):
            await client.wait_closed()
    assert client.close_code == 1008


@pytest.mark.parametrize(
    "begun",
    [
        Frame(Opcode.TEXT, b"a", fin=False).serialize(mask=True),
        Frame(Opcode.TEXT, b"a" * 50).serialize(mask=True)[:20],
    ],
    ids=["a fragment", "half a frame"],
)
async def test_a_message_of_a_websocket_that_does_not_come_ends_it(
    hasty: str, begun: bytes
) -> None:
    async with connect(ws(hasty), ping_interval=None) as client:
        await client.send("whole")
        assert await client.recv() == "whole"
        client.transport.write(begun)
        async with asyncio.timeout(AT_MOST_S):
            await client.wait_closed()
    assert client.close_code == 1008


async def test_a_websocket_that_rests_is_left_alone(hasty: str) -> None:
    async with connect(ws(hasty)) as client:
        async with peer_of(hasty) as silent:
            assert await silent.hears() == b""
        await client.send("still here")
        assert await client.recv() == "still here"
