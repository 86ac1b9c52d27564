"""`vitrine up`: from nothing to an image, kept running, and gone without a trace."""

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.commands import vitrine
from tests.support.ports import free_port
from tests.support.processes import run_vitrine

START_TIMEOUT_S = 120
ADMIN_QUERY = "{ __typename }"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A `vitrine up` that is ready."""

    process: subprocess.Popen[bytes]
    home: Path
    settings: dict[str, str]
    log: Path

    @property
    def run(self) -> dict[str, Any]:
        return json.loads((self.home / "run.json").read_text())

    @property
    def said(self) -> str:
        return self.log.read_text()


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def wait_until_ready(process: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    ready = home / "run.json"
    wait_for(
        lambda: ready.exists() or process.poll() is not None,
        f"run.json: {log}",
        START_TIMEOUT_S,
    )
    assert ready.exists(), log.read_text()


def is_listening(url: str) -> bool:
    with socket.socket() as probe:
        host, port = url.removeprefix("http://").split(":")
        return probe.connect_ex((host, int(port))) == 0


def children_of(pid: int) -> dict[str, int]:
    """Return the processes `vitrine {name}` that a process has started."""
    found: dict[str, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == f"{pid}" and b"vitrine" in arguments:
                found[arguments[arguments.index(b"vitrine") + 1].decode()] = int(folder.name)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    folder = tmp_path_factory.mktemp("up") / "home"
    yield folder
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)


@pytest.fixture(scope="module")
def up(home: Path) -> Generator[Running]:
    settings = {
        "VITRINE_HOME": str(home),
        "VITRINE_API_PORT": f"{free_port()}",
        "VITRINE_GATEWAY_PORT": f"{free_port()}",
    }
    log = home.with_name("up.log")
    with run_vitrine("up", env=settings, log=log) as process:
        running = Running(process=process, home=home, settings=settings, log=log)
        wait_until_ready(process, home, log)
        wait_for(lambda: "Ctrl-C stops everything" in running.said, "the welcome")
        yield running
    assert process.returncode == 0, running.said
    assert not (home / "run.json").exists()
    assert running.said.rstrip().endswith("Stopped.")


def test_run_json_is_private_and_says_where_everything_is(up: Running) -> None:
    assert set(up.run) == {"api_url", "media_url", "admin_key", "login_url", "shop_url"}
    assert up.run["api_url"].endswith(up.settings["VITRINE_API_PORT"])
    assert up.run["media_url"].endswith(up.settings["VITRINE_GATEWAY_PORT"])
    assert "Log in as administrator" in httpx2.get(up.run["login_url"]).text
    shop = httpx2.get(up.run["shop_url"], follow_redirects=True, timeout=20)
    assert shop.text.count('<li class="card">') == 24
    assert stat.S_IMODE((up.home / "run.json").stat().st_mode) == 0o600
    answer = httpx2.post(
        f"{up.run['api_url']}/graphql",
        json={"query": ADMIN_QUERY},
        headers={"Authorization": f"Bearer {up.run['admin_key']}"},
    )
    assert answer.json() == {"data": {"__typename": "Query"}}


def test_what_it_prints_can_be_pasted(up: Running) -> None:
    command = next(line for line in up.said.splitlines() if line.lstrip().startswith("curl "))
    (body,) = re.findall(r"-d '(.*)'$", command)
    (endpoint,) = re.findall(r"http://\S+/graphql", command)
    answer = httpx2.post(
        endpoint, content=body, headers={"Content-Type": "application/json"}, timeout=20
    ).json()
    assert len(answer["data"]["products"]["nodes"]) == 3
    (image,) = re.findall(r"http://\S+\?t=\S+", up.said)
    delivered = httpx2.get(image, timeout=20)
    assert (delivered.status_code, delivered.headers["content-type"]) == (200, "image/jpeg")


def test_secrets_are_on_no_screen_and_in_no_log(up: Running) -> None:
    logs = [up.log, *(up.home / "logs").glob("*.log")]
    assert len(logs) == 5
    told = "".join(path.read_text() for path in logs)
    for secret in (
        up.run["admin_key"],
        (up.home / "master.key").read_text().strip(),
        (up.home / "postgres/password").read_text(),
    ):
        assert secret not in told


def test_no_process_has_another_login_to_the_database_than_it_works_with(up: Running) -> None:
    for name, pid in children_of(up.process.pid).items():
        environment = Path(f"/proc/{pid}/environ").read_text()
        assert ("VITRINE_DATABASE_URL=" in environment) is (name != "gateway")
        assert ("VITRINE_GATEWAY_DATABASE_URL=" in environment) is (name == "gateway")
        assert ("vitrine_process_login:" in environment) is (name != "gateway")


def test_another_up_on_the_same_home_says_so(up: Running, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with run_vitrine("up", env=up.settings, log=log) as second:
        assert second.wait(30) == 1
    assert "another `vitrine up` runs in" in log.read_text()


def test_a_taken_port_is_said_before_anything_starts(up: Running, tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {**up.settings, "VITRINE_HOME": f"{tmp_path / 'home'}"}
    with run_vitrine("up", env=env, log=log) as second:
        assert second.wait(30) == 1
    assert "VITRINE_API_PORT" in log.read_text()
    assert not (tmp_path / "home/postgres").exists()


def test_other_commands_use_the_running_database(up: Running, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with run_vitrine("key", "signing", "list", env=up.settings, log=log) as listing:
        assert listing.wait(30) == 0
    assert "active" in log.read_text()


def test_signed_urls_lead_to_the_running_gateway(up: Running, tmp_path: Path) -> None:
    home = {"VITRINE_HOME": str(up.home)}  # and not the ports, as in a second terminal
    log, refused = tmp_path / "log", tmp_path / "refused"
    (image,) = re.findall(r"http://\S+\?t=\S+", up.said)
    asset = image.removeprefix(up.run["media_url"]).split("/")[1]
    with run_vitrine("sign", asset, env=home, log=log) as signing:
        assert signing.wait(30) == 0, log.read_text()
    assert log.read_text().startswith(f"{up.run['media_url']}/")
    assert httpx2.get(log.read_text().strip(), timeout=20).status_code == 200
    with run_vitrine("sign", asset, "--owner", "nobody", env=home, log=refused) as signing:
        assert signing.wait(30) == 1
    assert "no product with the public id 'nobody' is published" in refused.read_text()


def test_a_process_that_dies_is_started_again(up: Running) -> None:
    gateway = children_of(up.process.pid)["gateway"]
    os.kill(gateway, signal.SIGKILL)
    wait_for(lambda: "gateway was started again" in up.said, "the restart")
    wait_for(lambda: is_listening(up.run["media_url"]), "the gateway")
    assert "gateway ended (signal 9)" in up.said
    assert children_of(up.process.pid)["gateway"] != gateway


def test_the_master_key_is_rotated_by_one_command_and_every_process_goes_on(up: Running) -> None:
    key_file = up.home / "master.key"
    before, running = key_file.read_text(), children_of(up.process.pid)
    (old,) = re.findall(r"http://\S+\?t=\S+", up.said)

    def run(*arguments: str) -> str:
        done = vitrine(*arguments, home=up.home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "All is sealed with" in run("key", "master", "rotate")
    assert key_file.read_text() != before
    (former,) = up.home.glob("master.key.former-*")
    assert former.read_text() == before
    run("key", "signing", "create", "autumn")  # that only the new key opens
    new: set[str] = set()
    wait_for(lambda: bool(new.update(urls_of(up)) or any("?t=autumn." in url for url in new)), "it")
    for url in (old, next(url for url in new if "?t=autumn." in url)):
        assert httpx2.get(url, timeout=20).status_code == 200
    assert " rows hold under " in run("audit", "verify")
    assert children_of(up.process.pid) == running


def urls_of(up: Running) -> list[str]:
    """Return the images in the answer to the query that it prints."""
    (body,) = re.findall(r"curl .* -d '(.*)'", up.said)
    answer = httpx2.post(
        f"{up.run['api_url']}/graphql", content=body, headers={"Content-Type": "application/json"}
    )
    return re.findall(r"http://[^\s\"]+\?t=[^\s\"]+", answer.text)


def test_a_kill_leaves_no_process_and_the_next_start_is_quick(up: Running, home: Path) -> None:
    # it ends the `up` of the tests before it, and leaves the home to those after it
    children = children_of(up.process.pid)
    assert set(children) == {"api", "gateway", "purger", "relay"}
    urls = up.run["api_url"], up.run["media_url"]
    admin_key = up.run["admin_key"]
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(30) == 0
    assert not any(is_listening(url) for url in urls)
    log = home.with_name("second.log")
    with run_vitrine("up", env=up.settings, log=log) as second:
        wait_until_ready(second, home, log)
        assert json.loads((home / "run.json").read_text())["admin_key"] == admin_key
        left = children_of(second.pid)
        second.kill()
        wait_for(lambda: not any(is_listening(url) for url in urls), "the end of its children")
    assert len(left) == 4
    assert "Loading the demo catalogue" not in log.read_text()
    (home / "run.json").unlink()


def test_the_end_of_postgresql_is_said_before_everything_stops(up: Running, home: Path) -> None:
    assert up.process.poll() == 0
    log = home.with_name("without-postgresql.log")
    with run_vitrine("up", env=up.settings, log=log) as fourth:
        wait_until_ready(fourth, home, log)
        postmaster = int((home / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGQUIT)
        assert fourth.wait(60) == 1
    said = log.read_text()
    assert 0 < said.index("PostgreSQL ended") < said.index("Stopped.") < said.index("start again")
    assert (home / "postgres/log.1").exists()
    assert (home / "logs/api.log.1").exists()


def test_another_master_key_than_the_homes_is_refused_at_once(up: Running, tmp_path: Path) -> None:
    assert up.process.poll() == 0
    env = {**up.settings, "VITRINE_MASTER_KEY": base64.b64encode(bytes(32)).decode()}
    log = tmp_path / "log"
    with run_vitrine("up", env=env, log=log) as third:
        assert third.wait(60) == 2
    assert "vitrine: " in log.read_text()
    assert "Traceback" not in log.read_text()
    assert "nothing of what is sealed opens: that takes the master key" in log.read_text()
