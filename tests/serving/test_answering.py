"""What an app holds in memory is answered while the request is read; all else goes through the app.

The app of these tests says by which of the two ways an answer came.
"""

from collections.abc import AsyncGenerator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from serving.at_once import PlainRequest, RawAnswer
from tests.support.peer import peer_of
from tests.support.serve import serve

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: 5\r\n\r\n"
TRAILING = b"0\r\nX-Trailer: y\r\nHost: another\r\n\r\n"


class AppWithAnswers:
    """Answers all below `/known` at once, and fails to do so below `/forgotten`."""

    def answer_at_once(self, asked: PlainRequest) -> RawAnswer | None:
        """Say that it is known, and repeat the body."""
        if asked.target.startswith(b"/forgotten"):
            raise LookupError(asked.target)
        if not asked.target.startswith(b"/known"):
            return None
        body = b"known " + asked.body
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body)
        return RawAnswer(head, b"" if asked.method == "HEAD" else body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that the app was asked, and repeat the body."""
        if scope["type"] == "lifespan":
            raise NotImplementedError
        body = await Request(scope, receive).body()
        await PlainTextResponse(b"asked " + body)(scope, receive, send)


@pytest.fixture
async def base() -> AsyncGenerator[str]:
    async with serve(AppWithAnswers()) as url:
        yield url


def said(line: bytes, rest: bytes = b"\r\n") -> bytes:
    return line + b" HTTP/1.1\r\nHost: media\r\n" + rest


async def test_what_is_known_by_heart_is_answered_at_once(base: str) -> None:
    cases = (
        (said(b"GET /known"), "known "),
        (said(b"GET /known", b"Connection: keep-alive\r\n\r\n"), "known "),
        (said(b"GET /known", b"Content-Length: 0\r\n\r\n"), "asked "),
        (said(b"POST /known", LENGTH + b"hello"), "known hello"),
        (said(b"POST /known", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"), "known hello"),
        (said(b"GET /other"), "asked "),
        (said(b"POST /other", LENGTH + b"hello"), "asked hello"),
        (said(b"GET /forgotten"), "asked "),
        (said(b"POST /forgotten", LENGTH + b"hello"), "asked hello"),
        # what may mean something else
        (said(b"PUT /known"), "asked "),
        (said(b"GET /known", b"If-Match: *\r\n\r\n"), "asked "),
        (said(b"GET /known", b"X-A: 1\r\nX-A: 2\r\n\r\n"), "asked "),
        (said(b"GET /known", b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"), "asked "),
    )
    for text, answer in cases:
        async with peer_of(base) as peer:
            for _ in range(2):  # and the connection goes on
                await peer.say(text)
                assert await peer.answer() == answer, text


async def test_the_last_request_of_a_connection_goes_through_the_app(base: str) -> None:
    for last in (
        said(b"GET /known", b"Connection: close\r\n\r\n"),
        b"GET /known HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /known HTTP/1.0\r\nHost: media\r\n\r\n",
        b"GET /known HTTP/1.0\r\nHost: media\r\nConnection: keep-alive\r\n\r\n",
    ):
        async with peer_of(base) as peer:
            await peer.say(last)
            assert (await peer.hears()).endswith(b"asked "), last


async def test_a_body_that_comes_later_is_of_the_same_request(base: str) -> None:
    for first, rest, answer in (
        (said(b"POST /known", LENGTH + b"he"), b"llo", "asked hello"),
        (said(b"POST /known", LENGTH), b"hello", "asked hello"),
        (said(b"POST /known", CHUNKED + b"5\r\nhello\r\n"), TRAILING, "asked hello"),
    ):
        async with peer_of(base) as peer, peer_of(base) as another:
            await peer.say(first)
            await another.say(said(b"GET /other"))
            assert await another.answer() == "asked "  # so the first part has been read
            await peer.say(rest)
            assert await peer.answer() == answer, first
            await peer.say(said(b"GET /known"))
            assert await peer.answer() == "known "


async def test_requests_sent_ahead_are_answered_in_their_order(base: str) -> None:
    targets = [b"%s/%d" % (way, number) for number in range(4) for way in (b"/other", b"/known")]
    async with peer_of(base) as peer:
        await peer.say(b"".join(said(b"POST " + each, LENGTH + each[-5:]) for each in targets))
        heard = [(await peer.answer())[-5:] for _ in targets]
    assert heard == [each[-5:].decode() for each in targets]


async def test_an_answer_to_head_has_a_date_and_no_body(base: str) -> None:
    async with peer_of(base) as peer:
        await peer.say(said(b"HEAD /known") + said(b"GET /other", b"Connection: close\r\n\r\n"))
        heard = await peer.hears()
    head, _, rest = heard.partition(b"\r\n\r\n")
    assert b"Content-Length: 6\r\ndate: " in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_request_that_turns_out_to_be_none_is_refused(base: str) -> None:
    for bad in (
        said(b"POST /known", CHUNKED + b"5\r\nhello\r\nno size\r\n"),
        said(b"POST http://m:x/", LENGTH + b"he"),
        said(b"POST http://m:x/", LENGTH + b"hello"),
        said(b"GET http://m:x/"),
    ):
        async with peer_of(base) as peer:
            await peer.say(bad)
            assert (await peer.hears()).startswith(b"HTTP/1.1 400 "), bad
