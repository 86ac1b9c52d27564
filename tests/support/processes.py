"""Runs real processes, such as `vitrine gateway`, and ends them by their ids."""

import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]


@contextmanager
def run_vitrine(
    *arguments: str, env: Mapping[str, str] | None = None, log: Path | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run `vitrine …` with nothing of our own VITRINE_ settings but `env`; SIGTERM at the end."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "vitrine", *arguments],
            cwd=ROOT,
            env={**inherited, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(
    base_url: str, process: subprocess.Popen[bytes], *, timeout_s: float = 60
) -> None:
    """Wait until `/health/ready` answers 200.

    Raises:
        RuntimeError: the process ended, or the time is over.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{base_url}/health/ready", timeout=5).is_success:
                return
        except httpx2.TransportError:
            pass  # not listening yet
        time.sleep(0.05)
    raise RuntimeError(f"{base_url} did not become ready (exit status {process.poll()})")
