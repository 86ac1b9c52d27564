"""The product's programs as real processes, that a test may kill, stop and start again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.processes import ROOT, wait_until_ready

_END_S = 30


@dataclass(kw_only=True)
class VitrineProcess:
    """One `vitrine …` process on a port of its own; started again it keeps the port.

    Attributes:
        command: `gateway`, `purger`, `relay`.
        env: its `VITRINE_…` settings but its port; others of this process are not inherited.
        log: what it writes, over all its lives.
    """

    command: str
    env: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; `wait` tells when it is ready."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
        port = {f"VITRINE_{self.command.upper()}_PORT": str(self.port)}
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vitrine", self.command],
                cwd=ROOT,
                env={**inherited, **self.env, **port},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def wait(self) -> None:
        """Wait until it is ready.

        Raises:
            RuntimeError: it ended, or takes too long.
        """
        await asyncio.to_thread(wait_until_ready, self.base_url, self._running())

    async def start_again(self) -> None:
        """Start it after it was killed, and wait until it is ready."""
        self.start()
        await self.wait()

    def kill(self) -> None:
        """End it at once: no handler runs, nothing is flushed."""
        process = self._running()
        process.kill()
        process.wait(_END_S)

    def freeze(self) -> None:
        """Give it no time at all, until `thaw`; its sockets stay open."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, as if no time had passed for it."""
        self._running().send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask it to stop, whatever state it is in; kill it if it does not."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of its log that tell of an event."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line.get("event") == event]

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process
