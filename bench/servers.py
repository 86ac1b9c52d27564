"""A server in a process of its own, whoever wrote it, for as long as it is measured."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from bench.homes import HOST

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_POLL_S = 0.05
_TAIL_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What listens on a port of loopback.

    Attributes:
        pid: of the process that was started; it may have children.
    """

    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommand:
    """How a server is started.

    Attributes:
        ready_path: answers 200 once it is ready; None: it is when it listens.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    ready_path: str | None = None


@contextmanager
def run_server(command: ServerCommand, *, port: int, log: Path) -> Generator[Server]:
    """Run it until the end of the block; its input closes when we end, however we end.

    Raises:
        RuntimeError: it does not become ready. This and whatever else ends the block has the end
            of what the server said as a note.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command.arguments,
            env=command.environment,
            cwd=command.folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, in which its children are found
        )
    try:
        _wait(process, lambda: _is_ready(port, command.ready_path))
        yield Server(port=port, pid=process.pid)
    except Exception as error:
        error.add_note(f"{log.name} ends: {_end_of(log)}")
        raise
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):  # some peers leave their workers behind
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            return
        time.sleep(_POLL_S)
    raise RuntimeError(f"{process.args} did not start")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])


def _is_ready(port: int, path: str | None) -> bool:
    if path is None:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, port)) == 0
    try:
        return httpx2.get(f"http://{HOST}:{port}{path}", timeout=5).is_success
    except httpx2.TransportError:
        return False  # not listening yet
