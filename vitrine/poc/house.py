"""The house of the proof: `vitrine up` in an empty home, with what stands in front of it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from catalog.errors import VitrineError
from vitrine.embedded.varnish import has_varnish
from vitrine.poc.cdn import Cdn, run_cdn
from vitrine.poc.varnish import run_varnish

HOP_SECRET = "secret-of-the-hop-of-the-proof"  # noqa: S105 - of a house that ends with the proof
_PROCESSES = ("API", "GATEWAY", "PURGER", "RELAY")
_READY_S = 180.0
_STOP_S = 60.0


class HouseError(VitrineError):
    """The house of the proof did not start, or a command in it failed."""

    code = "PROOF_HOUSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running house.

    Attributes:
        home: the folder of everything, also of the scenario's files.
        api_url, media_url: where api and gateway answer.
        edge_url: an authorising Varnish; None: none is installed.
        cdn: a CDN that is purged by signed webhooks.
        client: with a connection for each request in flight.
    """

    home: Path
    env: Mapping[str, str]
    api_url: str
    media_url: str
    admin_key: str
    edge_url: str | None
    cdn: Cdn
    client: httpx2.Client

    def ask(self, query: str, *, as_admin: bool = False, **variables: object) -> dict[str, Any]:
        """Send a GraphQL request and return its data.

        Raises:
            HouseError: it answered an error.
        """
        headers = {"Authorization": f"Bearer {self.admin_key}"} if as_admin else {}
        body = {"query": query, "variables": variables}
        answer = self.client.post(f"{self.api_url}/graphql", json=body, headers=headers).json()
        if "errors" in answer:
            raise HouseError(f"the graph answered {answer['errors']}")
        return answer["data"]

    def look(self, url: str, *, country: str = "DE", base: str | None = None) -> httpx2.Response:
        """Fetch a picture as a viewer in a country does; by default at the gateway."""
        where = httpx2.URL(url).raw_path.decode()
        return self.client.get(
            f"{base or self.media_url}{where}", headers={"CF-IPCountry": country}
        )

    def run(self, *arguments: str, accept: Sequence[int] = (0,)) -> str:
        """Run `vitrine …` in the house and return what it printed.

        Raises:
            HouseError: it ended with a status that is not accepted.
        """
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "vitrine", *arguments],
            env=dict(self.env),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in accept:
            said = " ".join((done.stderr or done.stdout).split()[-60:])
            raise HouseError(f"`vitrine {arguments[0]}` ended with {done.returncode}: {said}")
        return done.stdout


@contextmanager
def open_house(home: Path) -> Generator[House]:
    """Start everything in an empty home, and stop and remove all of it at the end.

    Raises:
        HouseError: it did not start; the message has the end of its log.
    """
    ports = _free_ports()
    with run_cdn(port=ports["CDN"]) as cdn:
        env = _environment(home, ports, cdn)
        with _run_up(env, home) as run, run_varnish(env, port=ports["EDGE"]) as edge_url:
            limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
            with httpx2.Client(timeout=30, limits=limits) as client:
                yield House(
                    home=home,
                    env=env,
                    api_url=run["api_url"],
                    media_url=run["media_url"],
                    admin_key=run["admin_key"],
                    edge_url=edge_url,
                    cdn=cdn,
                    client=client,
                )


def _free_ports() -> Mapping[str, int]:
    with ExitStack() as stack:  # all are held until the last is found
        found: dict[str, int] = {}
        for name in (*_PROCESSES, "EDGE", "CDN"):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found[name] = probe.getsockname()[1]
        return found


def _environment(home: Path, ports: Mapping[str, int], cdn: Cdn) -> Mapping[str, str]:
    edge = f"http://127.0.0.1:{ports['EDGE']}"
    loopback = ["127.0.0.1/32"]
    hops = [
        {"name": "edge", "networks": loopback, "secret": HOP_SECRET, "kind": "authorising"}
        | {"driver": "edge"},
        {"name": "direct", "networks": loopback},
        {"name": "cdn", "networks": ["127.0.0.2/32"], "driver": "cdn"},
    ]
    varnish = {"name": "edge", "kind": "varnish", "nodes": [edge], "secret": HOP_SECRET}
    webhook = {"name": "cdn", "kind": "webhook", "url": cdn.url, "secret": cdn.secret}
    drivers = [varnish, webhook]
    if not has_varnish():
        del hops[0], drivers[0]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("VITRINE_")}
    return {
        **clean,
        "VITRINE_HOME": str(home),
        "VITRINE_TRUSTED_HOPS": json.dumps(hops),
        "VITRINE_PURGE_DRIVERS": json.dumps(drivers),
        **{f"VITRINE_{name}_PORT": str(ports[name]) for name in _PROCESSES},
    }


@contextmanager
def _run_up(env: Mapping[str, str], home: Path) -> Generator[Mapping[str, str]]:
    log = home.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "vitrine", "up", "--empty"],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us, who stop it in order
        )
    try:
        yield _wait_for(home / "run.json", process, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)  # elsewhere as root


def _wait_for(path: Path, process: subprocess.Popen[bytes], log: Path) -> Mapping[str, str]:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists():
            return json.loads(path.read_text())
        time.sleep(0.1)
    end = "\n".join(log.read_text().splitlines()[-12:])
    raise HouseError(f"`vitrine up` did not start; the end of its log:\n{end}")
