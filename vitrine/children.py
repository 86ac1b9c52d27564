"""Child processes: started, watched, started again when they die, and stopped, by their ids."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from catalog.errors import VitrineError
from vitrine.listeners import is_listening

_READY_TIMEOUT_S = 90.0
_STOP_TIMEOUT_S = 15.0
_POLL_S = 0.1
_LONGEST_WAIT_S = 30.0
_IS_WELL_AFTER_S = 60.0
_TAIL_LINES = 12


class ProcessFailedError(VitrineError):
    """A process ended, or did not become ready."""

    code = "PROCESS_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process of ours: `vitrine {name}`.

    Attributes:
        url: where it serves health and metrics.
    """

    name: str
    url: str

    @property
    def port(self) -> int:
        """The one that it listens on."""
        port = urlsplit(self.url).port
        assert port is not None  # noqa: S101 - every listener of ours names one
        return port


class ChildProcesses:
    """The processes that `vitrine up` runs.

    Args:
        environment: of each, by the service's name.
        logs: the folder of their logs, `{name}.log`, closed to others.
        say: prints what happened, for the person in front.
    """

    def __init__(
        self,
        *,
        environment: Callable[[str], Mapping[str, str]],
        logs: Path,
        say: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._logs = logs
        self._say = say
        self._children: list[_Child] = []

    def start(self, service: Service) -> None:
        """Start a process; what it says goes to its log, and the log before it to `….log.1`."""
        log = self._logs / f"{service.name}.log"
        child = _Child(service, log, self._environment(service.name))
        if child.log.exists():
            child.log.replace(child.log.with_name(f"{child.log.name}.1"))
        child.start()
        self._children.append(child)

    def wait_until_ready(self) -> None:
        """Wait until each answers 200 on `/health/ready` itself. One that dies has a second chance.

        Raises:
            ProcessFailedError: one died twice, or the time is over; with the end of its log.
        """
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while unready := [child for child in self._children if not child.is_ready()]:
            self.tend()
            for child in unready:
                if child.deaths > 1 or time.monotonic() > deadline:
                    raise ProcessFailedError(
                        f"the {child.service.name} did not become ready:\n{child.end_of_log()}"
                    )
            time.sleep(_POLL_S)

    def tend(self) -> None:
        """Start again what died, later and later while it goes on dying."""
        for child in self._children:
            if child.restart_at is not None:
                if time.monotonic() >= child.restart_at:
                    child.start()
                    self._say(f"{child.service.name} was started again")
            elif (status := child.process.poll()) is not None:
                wait_s = child.plan_restart()
                self._say(
                    f"{child.service.name} ended ({_in_words(status)}), starting it again in "
                    f"{wait_s:.0f} s; its log is {child.log} and ends: {child.end_of_log(1)}"
                )

    def kill(self) -> None:
        """End all at once, as a crash does."""
        for child in self._children:
            child.kill()

    def stop(self) -> None:
        """Ask all to stop and wait for them; who does not within 15 s is killed."""
        running = [child for child in self._children if child.process.poll() is None]
        for child in running:
            child.process.terminate()
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        for child in running:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{child.service.name} does not stop and is killed")
                child.kill()
        for child in self._children:
            child.close_input()


class _Child:
    process: subprocess.Popen[bytes]

    def __init__(self, service: Service, log: Path, environment: Mapping[str, str]) -> None:
        self.service = service
        self.log = log
        self.restart_at: float | None = None
        self.deaths = 0
        self._environment = environment
        self._started_at = 0.0
        self._wait_s = 1.0

    def start(self) -> None:
        self.restart_at = None
        self._started_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "vitrine", self.service.name, "--with-parent"],
                env=self._environment,
                stdin=subprocess.PIPE,  # closes when we end, however we end
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, who stop them in order
            )

    def is_ready(self) -> bool:
        if self.process.poll() is not None or not is_listening(self.process.pid, self.service.port):
            return False  # whoever answers there, it is another
        try:
            return httpx2.get(f"{self.service.url}/health/ready", timeout=5).is_success
        except httpx2.TransportError:
            return False  # not listening yet

    def plan_restart(self) -> float:
        self.deaths += 1
        if time.monotonic() - self._started_at > _IS_WELL_AFTER_S:
            self._wait_s = 1.0
        self.close_input()
        wait_s = self._wait_s
        self._wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        self.restart_at = time.monotonic() + wait_s
        return wait_s

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close_input(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()

    def end_of_log(self, lines: int = _TAIL_LINES) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _in_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
