"""Children: ready only on ports of their own, and each log outlives the next start."""

import os
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.vitrine.test_cli import vitrine
from vitrine.children import ChildProcesses, ProcessFailedError, Service
from vitrine.listeners import is_listening
from vitrine.ports import free_port_like, in_words


class Friendly(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        """Say nothing."""


@pytest.fixture
def stranger() -> Generator[int]:
    with HTTPServer(("127.0.0.1", 0), Friendly) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_strangers_answer_does_not_make_a_child_ready(
    stranger: int, database_url: str, tmp_path: Path
) -> None:
    said: list[str] = []
    environment = {
        "VITRINE_HOME": str(tmp_path),
        "VITRINE_DATABASE_URL": database_url,
        "VITRINE_RELAY_PORT": str(stranger),
        "VITRINE_LOG_FORMAT": "console",
    }
    (tmp_path / "relay.log").write_text("why it ended yesterday")
    children = ChildProcesses(environment=lambda _: environment, logs=tmp_path, say=said.append)
    children.start(Service(name="relay", url=f"http://127.0.0.1:{stranger}"))
    try:
        with pytest.raises(ProcessFailedError, match="relay did not become ready"):
            children.wait_until_ready()
    finally:
        children.stop()
    assert "relay ended (exit status 1)" in said[0]
    assert said[0].endswith("with VITRINE_RELAY_PORT (PROCESS_FAILED)")
    assert (tmp_path / "relay.log.1").read_text() == "why it ended yesterday"


def test_a_listener_is_known_by_its_process(stranger: int) -> None:
    assert is_listening(os.getpid(), stranger)
    assert not is_listening(os.getppid(), stranger)
    assert not is_listening(os.getpid(), free_port())


def test_two_processes_on_one_port_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    port = str(free_port())
    said = vitrine("up", home=tmp_path / "home", api_port=port, gateway_port=port)
    assert said.returncode != 0
    assert f"VITRINE_API_PORT and VITRINE_GATEWAY_PORT are both {port}" in said.stderr
    assert not (tmp_path / "home").exists()


def test_a_port_that_another_process_will_take_is_not_free() -> None:
    port = free_port()
    assert free_port_like("127.0.0.1", port, reserved=()) == port
    assert free_port_like("127.0.0.1", port, reserved={port}) != port


def test_a_forbidden_port_is_not_called_taken() -> None:
    words = in_words(PermissionError(13, "Permission denied"), "api")
    assert words.startswith("permission denied: only root")
    assert "VITRINE_API_PORT" in words
    assert "stop what is there" not in words
