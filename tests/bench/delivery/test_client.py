"""The load checks every answer, and counts what it was asked to come again for."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.delivery.client import AnswerError, ClientTimes, ask, get, post

_BODY = b"x" * 100_000


@contextmanager
def _server(statuses: Callable[[str], int]) -> Generator[int]:
    """Answer each path with a body, or with the status that it is to have."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status = statuses(self.path)
            body = b"" if status == 304 else _BODY
            self.send_response(status)
            self.send_header("content-LENGTH", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - its arguments are not looked at
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _always(status: int) -> Callable[[str], int]:
    return lambda _: status


def test_every_request_is_answered_once_over_few_connections() -> None:
    asked: list[str] = []
    taken: dict[int, bytes] = {}

    def remember(path: str) -> int:
        asked.append(path)
        return 200

    with _server(remember) as port:
        requests = [get(f"/{number}", size=len(_BODY)) for number in range(50)]
        outcome = ask(
            port, requests, connections=4, take=lambda index, _, body: taken.update({index: body})
        )

    assert sorted(asked) == sorted(f"/{number}" for number in range(50))
    assert outcome.body_bytes == 50 * len(_BODY)
    assert all(taken[number] == _BODY for number in range(50))
    assert all(seconds > 0 for seconds in outcome.latencies_s)


def test_a_post_brings_its_body() -> None:
    taken: dict[int, bytes] = {}

    with _server(_always(200)) as port:
        requests = [post("/graphql", body) for body in (b'{"query": "{ a }"}', b"{}")]
        ask(port, requests, connections=1, take=lambda index, _, body: taken.update({index: body}))

    assert taken == {0: b'{"query": "{ a }"}', 1: b"{}"}


def test_an_answer_of_another_status_voids_the_measurement() -> None:
    with _server(_always(404)) as port, pytest.raises(AnswerError, match="404"):
        ask(port, [get("/1")], connections=1)


def test_an_answer_of_another_size_voids_the_measurement() -> None:
    with _server(_always(200)) as port, pytest.raises(AnswerError, match="100000 bytes, not 7"):
        ask(port, [get("/1", size=7)], connections=1)


def test_a_304_needs_no_body() -> None:
    with _server(_always(304)) as port:
        outcome = ask(port, [get("/1", status=304, size=0)] * 3, connections=2)

    assert outcome.body_bytes == 0
    assert len(outcome.latencies_s) == 3


def test_a_busy_server_is_asked_again_and_that_is_counted() -> None:
    refusals = iter([503, 503])

    with _server(lambda _: next(refusals, 200)) as port:
        outcome = ask(port, [get(f"/{number}") for number in range(3)], connections=1)

    assert outcome.repeated == 2
    assert outcome.body_bytes == 3 * len(_BODY)


def test_requests_at_a_rate_are_not_sent_before_they_are_due() -> None:
    with _server(_always(200)) as port:
        outcome: ClientTimes = ask(port, [get("/1")] * 5, connections=5, rate_hz=20)

    assert outcome.seconds >= 4 / 20
