"""A real HTTP server that speaks S3, by moto."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from moto.server import ThreadedMotoServer


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """Where the server is, and keys that it accepts."""

    endpoint_url: str
    region: str = "us-east-1"
    access_key: str = "test"
    secret_key: str = "test"

    def make_bucket(self, name: str) -> str:
        """Make a bucket, as S3 does it: by a PUT of its name; return the name."""
        httpx2.put(f"{self.endpoint_url}/{name}").raise_for_status()
        return name


@contextmanager
def run_s3() -> Generator[S3Server]:
    """Start a server on a free port of loopback; stop it at the end."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(endpoint_url=f"http://{host}:{port}")
    finally:
        server.stop()
