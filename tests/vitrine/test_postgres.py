"""The embedded PostgreSQL: kept over restarts and crashes, closed to others, one per home."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from catalog.errors import SettingsError
from tests.support.processes import ROOT
from vitrine.embedded.installation import EmbeddedPostgresError
from vitrine.embedded.postgres import HomeInUseError, embedded_database, run_postgres

FAST = {"fsync": "off"}
ORPHANING_PROGRAM = """
import os, signal, sys
from pathlib import Path
from vitrine.embedded.postgres import run_postgres
with run_postgres(Path(sys.argv[1])) as postgres:
    print(postgres.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    yield tmp_path
    shutil.rmtree((tmp_path / "postgres").resolve(), ignore_errors=True)


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_data_survive_a_restart(home: Path) -> None:
    with run_postgres(home, parameters=FAST) as postgres:
        run(postgres.url(), "CREATE TABLE kept AS SELECT 7 AS n")
    with run_postgres(home, parameters=FAST) as postgres:
        assert run(postgres.url(), "SELECT n FROM kept") == [(7,)]


def test_data_survive_a_crash_of_the_server(home: Path) -> None:
    with run_postgres(home) as postgres:
        run(postgres.url(), "CREATE TABLE kept AS SELECT 7 AS n")
        postgres.process.kill()
        postgres.process.wait()
    with run_postgres(home) as postgres:
        assert run(postgres.url(), "SELECT n FROM kept") == [(7,)]


def test_a_server_that_outlived_its_killed_parent_is_ended(home: Path) -> None:
    orphaning = subprocess.run(
        [sys.executable, "-c", ORPHANING_PROGRAM, str(home)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert orphaning.returncode == -signal.SIGKILL
    orphan = int(orphaning.stdout)
    sockets = Path((home / "postgres/data/postmaster.pid").read_text().splitlines()[4])
    assert sockets.exists()
    with run_postgres(home, parameters=FAST) as postgres:
        assert not sockets.exists()
        assert postgres.process.pid != orphan
        assert run(postgres.url(), "SELECT 1") == [(1,)]


def test_a_process_id_that_is_anothers_now_does_not_stop_a_start(home: Path) -> None:
    with run_postgres(home, parameters=FAST):
        lines = (home / "postgres/data/postmaster.pid").read_text().splitlines()
    (home / "postgres/data/postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with run_postgres(home, parameters=FAST) as postgres:
        assert run(postgres.url(), "SELECT 1") == [(1,)]


def test_a_home_has_one_server_which_other_commands_find(home: Path) -> None:
    with run_postgres(home, parameters=FAST) as postgres:
        with pytest.raises(HomeInUseError), run_postgres(home):
            pass
        with embedded_database(home) as url:
            assert url == postgres.url()
        (home / "postgres/url").chmod(0o644)
        with pytest.raises(SettingsError, match="chmod 600"), embedded_database(home):
            pass
    with embedded_database(home) as url:
        assert run(url, "SELECT current_user") == [("vitrine",)]


def test_only_the_password_opens_it_and_only_this_user_can_read_that(home: Path) -> None:
    with run_postgres(home, parameters=FAST) as postgres:
        with pytest.raises(psycopg.OperationalError, match="password"):
            run(postgres.url(password="guess"), "SELECT 1")
        assert run(postgres.url(), "SHOW listen_addresses") == [("",)]
        modes = {
            path: stat.S_IMODE(path.stat().st_mode)
            for path in (
                postgres.socket_folder,
                home / "postgres/password",
                home / "postgres/url",
                postgres.log,
                home / "postgres/data",
            )
        }
    assert set(modes.values()) == {0o700, 0o600}
    assert not (home / "postgres/url").exists()
    assert not postgres.socket_folder.exists()


def test_it_never_runs_as_root(home: Path) -> None:
    with run_postgres(home, parameters=FAST) as postgres:
        owner = (home / "postgres/data").stat().st_uid
        running = Path(f"/proc/{postgres.process.pid}").stat().st_uid
    assert owner == running != 0


def test_data_of_another_user_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "postgres").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: 4242)
    with pytest.raises(EmbeddedPostgresError, match="were made by user"), run_postgres(home):
        pass


def test_a_link_to_data_that_are_gone_is_refused(home: Path) -> None:
    (home / "postgres").symlink_to(home / "gone")
    with pytest.raises(EmbeddedPostgresError, match="which is gone"), run_postgres(home):
        pass


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match="no_such_parameter"),
        run_postgres(home, parameters={"no_such_parameter": "on"}),
    ):
        pass
