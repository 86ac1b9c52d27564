"""A real Redis on loopback, which a test may stop and start again."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.support.ports import free_port

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="needs the Debian package redis-server"
)


class RedisServer:
    """Debian's `redis-server`, without a file of its data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, whether it runs or not."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Run it until `stop`.

        Raises:
            RuntimeError: it does not answer.
        """
        self._process = subprocess.Popen(
            [
                *("redis-server", "--port", f"{self._port}", "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", f"{self._folder}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self._port), timeout=1) as asking,
            ):
                asking.sendall(b"PING\r\n")
                if asking.recv(16).startswith(b"+PONG"):
                    return
            time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def freeze(self) -> None:
        """Let it answer nothing more, with its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it, with all that it knew."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


async def say(redis: Redis, *words: str | bytes) -> Any:  # noqa: ANN401 - whatever Redis answers
    """Send a command."""
    untyped: Any = redis
    return await untyped.execute_command(*words)


@contextmanager
def run_redis(folder: Path) -> Generator[RedisServer]:
    """Start a server on a free port; stop it at the end."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
