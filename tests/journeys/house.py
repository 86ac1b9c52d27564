"""The whole house as an operator runs it: `vitrine up`, with a real Varnish in front."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from tests.gateway.varnish_rig import run_varnish
from tests.support.ports import free_port
from tests.support.processes import ROOT

HOP_SECRET = "hop-secret-0123456"
PURGE_SECRET = "purge-secret-0123"
_READY_S = 180


@dataclass(frozen=True)
class RunningHouse:
    """A running house.

    Attributes:
        edge: base URL of the authorising Varnish.
        run: what `run.json` says.
    """

    env: Mapping[str, str]
    home: Path
    edge: str
    run: dict[str, str]

    def ask(
        self, query: str, variables: Mapping[str, object] | None = None, *, as_admin: bool = False
    ) -> dict[str, Any]:
        """Send a GraphQL request; return its data, and fail on errors."""
        headers = {"Authorization": f"Bearer {self.run['admin_key']}"} if as_admin else {}
        answer = httpx2.post(
            f"{self.run['api_url']}/graphql",
            json={"query": query, "variables": variables or {}},
            headers=headers,
            timeout=30,
        ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def get(self, url: str, *, at_edge: bool) -> httpx2.Response:
        """Fetch an image at the gateway or at the edge, as a browser in the US."""
        base = self.edge if at_edge else self.run["media_url"]
        where = httpx2.URL(url)
        return httpx2.get(f"{base}{where.raw_path.decode()}", timeout=30)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `vitrine …` beside the house, with its settings."""
        return subprocess.run(
            [sys.executable, "-m", "vitrine", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def purged(self, tag: str) -> bool:
        """Return whether the edge confirmed the purge of a tag that follows the gateways."""
        url = (self.home / "postgres" / "url").read_text()
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT bool_or(state = 'confirmed') FROM purge WHERE tag = %s AND pass = 2", (tag,)
            ).fetchone()
        return bool(row and row[0])


@contextmanager
def run_house(home: Path) -> Generator[RunningHouse]:
    """Run everything; at the end stop it as Ctrl-C does, and see that it stops."""
    ports = {name: free_port() for name in ("API", "GATEWAY", "PURGER", "RELAY")}
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")},
        "VITRINE_HOME": str(home),
        **{f"VITRINE_{name}_PORT": str(port) for name, port in ports.items()},
        "VITRINE_TRUSTED_HOPS": json.dumps([
            {
                "name": "edge",
                "networks": ["127.0.0.1/32"],
                "secret": HOP_SECRET,
                "kind": "authorising",
                "driver": "edge",
            },
            {"name": "direct", "networks": ["127.0.0.1/32"]},
        ]),
    }
    vcl = _vcl(env, f"127.0.0.1:{ports['GATEWAY']}")
    with run_varnish(vcl) as edge:
        env["VITRINE_PURGE_DRIVERS"] = _drivers(edge)
        log = home.with_suffix(".log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "vitrine", "up"],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            run = _wait_for(home / "run.json", process, log)
            yield RunningHouse(env=env, home=home, edge=edge, run=run)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            # as root the data is not below the home
            shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
        assert process.returncode == 0, log.read_text()
        assert not (home / "run.json").exists()


def _drivers(edge: str) -> str:
    return json.dumps([
        {"name": "edge", "kind": "varnish", "nodes": [edge], "secret": PURGE_SECRET}
    ])


def _vcl(env: Mapping[str, str], backend: str) -> str:
    command = [sys.executable, "-m", "vitrine", "vcl", "--mode", "authorise", "--hop", "edge"]
    printed = subprocess.run(
        [*command, "--backend", backend],
        cwd=ROOT,
        env={**env, "VITRINE_PURGE_DRIVERS": _drivers("http://127.0.0.1:1")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert printed.returncode == 0, printed.stderr
    return printed.stdout


def _wait_for(path: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists():
            return json.loads(path.read_text())
        time.sleep(0.1)
    raise RuntimeError(f"the house did not come up: {log.read_text()}")
