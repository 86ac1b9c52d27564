"""An operator's list, walked with real processes: what each says, and that none begins to work."""

import base64
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.support.databases import Databases
from tests.support.ports import free_port
from tests.support.processes import ROOT, run_vitrine, wait_until_ready
from tests.vitrine.test_cli import vitrine
from tests.vitrine.test_up import wait_until_ready as wait_until_up
from vitrine.embedded.installation import wheel_binaries
from vitrine.welcome import BEGINNING

MASTER_KEY = base64.b64encode(bytes(32)).decode()
PROCESSES = ("api", "gateway", "purger", "relay")
ALL = (*((each,) for each in PROCESSES), ("purge", "status"), ("import", os.devnull))
SOME = (("api",), ("purge", "status"))


def walk(
    commands: Sequence[tuple[str, ...]], home: Path, url: str, **more: str
) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run commands two at a time on a database, and return what each said, by its first word."""
    urls = {"database_url": url, "gateway_database_url": url, "master_key": MASTER_KEY}
    ports = {f"{each}_port": f"{free_port()}" for each in PROCESSES}

    def run(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return vitrine(*command, home=home, **{**urls, **ports, **more})

    with ThreadPoolExecutor(2) as threads:
        done = threads.map(run, commands)
        return {command[0]: each for command, each in zip(commands, done, strict=True)}


@pytest.mark.parametrize(
    ("template", "statement", "says", "commands"),
    [
        (None, "", "does not exist: make it", SOME),
        ("template0", "CREATE TABLE orders ()", "holds tables that are not Vitrine's", SOME),
        ("template0", "SELECT 1", "is empty: run `vitrine migrate`", SOME),
        (
            "vitrine",
            "DELETE FROM schema_migrations WHERE version > '0016'",
            "older than this version",
            ALL,
        ),
        (
            "vitrine",
            "INSERT INTO schema_migrations VALUES ('9999')",
            "newer than this version",
            SOME,
        ),
    ],
    ids=["absent", "wrong", "empty", "older", "newer"],
)
def test_a_database_that_cannot_be_worked_on_is_one_line_of_every_process_and_command(
    databases: Databases,
    tmp_path: Path,
    template: str | None,
    statement: str,
    says: str,
    commands: Sequence[tuple[str, ...]],
) -> None:
    with ExitStack() as stack:
        url = databases.owner_url("nowhere")
        if template is not None:
            url = databases.owner_url(stack.enter_context(databases.fresh(template)))
            with psycopg.connect(url, autocommit=True) as conn:
                conn.execute(statement.encode())
        for command, said in walk(commands, tmp_path, url).items():
            assert said.returncode == 1, command
            assert re.fullmatch(rf"vitrine: .*{says}.*\(DATABASE\)\n", said.stderr), said.stderr
            assert said.stdout == "", command


def test_a_restored_database_gets_its_roles_and_says_what_it_revives(
    databases: Databases, database_url: str, tmp_path: Path
) -> None:
    binaries = wheel_binaries()
    with databases.fresh("template0") as name:
        restored = databases.owner_url(name)
        dump = ("--no-privileges", f"--dbname={database_url}", "--file", f"{tmp_path / 'dump'}")
        subprocess.run([binaries / "pg_dump", "--format=plain", *dump], check=True)
        load = ("--quiet", f"--dbname={restored}", f"--file={tmp_path / 'dump'}")
        subprocess.run([binaries / "psql", *load], check=True, stdout=subprocess.DEVNULL)
        gateway = databases.gateway_url(name)
        refused = walk([("gateway",)], tmp_path, restored, gateway_database_url=gateway)["gateway"]
        assert "run `vitrine migrate`" in refused.stderr
        migrated = walk([("migrate",)], tmp_path, restored)["migrate"]
        assert "The roles vitrine_gateway and vitrine_process have their rights." in migrated.stdout
        assert "signing keys that were revoked since verify again" in migrated.stdout
        with psycopg.connect(gateway) as conn:
            assert conn.execute("SELECT count(*) FROM event").fetchone() == (0,)


def test_what_differs_is_refused_and_a_gateway_warns_of_its_owners_login(
    database_url: str, tmp_path: Path
) -> None:
    driver = {"name": "cdn", "kind": "webhook", "url": "http://127.0.0.1:1/", "secret": "s" * 24}
    settings = {"database_url": database_url, "master_key": MASTER_KEY}
    made = vitrine("key", "signing", "create", home=tmp_path, **settings)
    assert made.returncode == 0, made.stderr
    ports = {f"{each}_port": f"{free_port()}" for each in PROCESSES}
    given = {"home": f"{tmp_path}", **settings, **ports}
    env = {f"VITRINE_{name.upper()}": value for name, value in given.items()}
    with_driver = env | {"VITRINE_PURGE_DRIVERS": json.dumps([driver])}
    with run_vitrine("purger", env=with_driver, log=tmp_path / "purger") as purger:
        wait_until_ready(f"http://127.0.0.1:{ports['purger_port']}", purger)
    api = walk([("api",)], tmp_path, database_url)["api"]
    assert (api.returncode, api.stderr.count("\n")) == (2, 1)
    assert "VITRINE_PURGE_DRIVERS is none here, and cdn (webhook) as purger stated" in api.stderr
    log = tmp_path / "gateway"
    as_owner = with_driver | {"VITRINE_GATEWAY_DATABASE_URL": database_url}
    with run_vitrine("gateway", env=as_owner, log=log) as gateway:
        wait_until_ready(f"http://127.0.0.1:{ports['gateway_port']}", gateway)
    assert "gateway_login_may_write" in log.read_text()


def test_the_key_that_signs_is_revoked_once_a_person_agrees(
    database_url: str, tmp_path: Path
) -> None:
    settings = {"database_url": database_url, "master_key": MASTER_KEY}
    assert vitrine("key", "signing", "create", "k1", home=tmp_path, **settings).returncode == 0
    env = {**os.environ, **{f"VITRINE_{name.upper()}": each for name, each in settings.items()}}
    for answer, status in (("no", 2), ("k1", 0)):
        person, terminal = pty.openpty()
        os.write(person, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "vitrine", "key", "signing", "revoke", "k1"],
            cwd=ROOT,
            env=env,
            stdin=terminal,
            capture_output=True,
            text=True,
            check=False,
        )
        os.close(person)
        os.close(terminal)
        assert done.returncode == status, done.stderr
        assert "every URL that it signed answers 401" in " ".join(done.stderr.split())


@pytest.fixture
def empty_home(tmp_path: Path) -> Generator[Path]:
    yield tmp_path / "home"
    shutil.rmtree((tmp_path / "home/postgres").resolve(), ignore_errors=True)


def test_an_empty_catalogue_says_that_there_is_no_channel_and_how_to_begin(
    empty_home: Path, tmp_path: Path
) -> None:
    ports = {f"VITRINE_{each}_PORT": f"{free_port()}" for each in ("API", "GATEWAY")}
    env = {"VITRINE_HOME": f"{empty_home}", **ports}
    log = tmp_path / "up.log"
    with run_vitrine("up", "--empty", env=env, log=log) as up:
        wait_until_up(up, empty_home, log)
        graphql = f"{json.loads((empty_home / 'run.json').read_text())['api_url']}/graphql"
        asked = {"query": "{ products(first: 1) { nodes { sku } } }"}
        (error,) = httpx2.post(graphql, json=asked, timeout=20).json()["errors"]
        assert error["extensions"]["code"] == "UNKNOWN_CONTEXT"
        assert "there is no channel yet: import one" in error["message"]
        begin = tmp_path / "begin.jsonl"
        begin.write_text(BEGINNING)
        assert vitrine("import", f"{begin}", home=empty_home).returncode == 0
        answer = httpx2.post(graphql, json=asked, timeout=20).json()
        assert answer["data"]["products"]["nodes"] == []
    assert "There is no channel yet" in log.read_text()
    assert f"VITRINE_HOME={empty_home} " in log.read_text()  # the command may be pasted anywhere
