"""A CDN as its purge API shows it: takes signed webhooks, and knows what it had to forget."""

import base64
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

import orjson
from standardwebhooks import Webhook, WebhookVerificationError

_SECRET = "whsec_" + base64.b64encode(b"the-secret-of-the-proof-of-concept").decode()

#: When the purge of each tag was asked for, by `time.monotonic`.
Told: TypeAlias = dict[str, list[float]]


@dataclass(slots=True, kw_only=True)
class Cdn:
    """The purges that it was asked for.

    Attributes:
        refused: requests whose signature did not hold.
    """

    url: str
    secret: str = _SECRET
    purges: Told = field(default_factory=Told)
    refused: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes, headers: dict[str, str]) -> bool:
        """Take one request; False: it is not signed by who has the secret."""
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return False
        with self.changed:
            for tag in orjson.loads(body)["tags"]:
                self.purges.setdefault(tag, []).append(time.monotonic())
            self.changed.notify_all()
        return True

    def was_purged(self, tag: str, *, since: float, times: int = 1, within_s: float = 15) -> bool:
        """Wait until the tag was purged so often since an instant; False: not in time."""

        def is_there() -> bool:
            return len([each for each in self.purges.get(tag, ()) if each >= since]) >= times

        with self.changed:
            return self.changed.wait_for(is_there, within_s)


@contextmanager
def run_cdn(*, port: int) -> Generator[Cdn]:
    """Answer purges on loopback until the end of the block."""
    cdn = Cdn(url=f"http://127.0.0.1:{port}/")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken = cdn.take(body, headers)
            self.send_response(HTTPStatus.NO_CONTENT if taken else HTTPStatus.UNAUTHORIZED)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing: the report has it."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield cdn
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
