"""The command line: quick help, one line for what a user can act on, nothing secret in it."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from catalog.access.model import Scope
from catalog.errors import SettingsError
from tests.support.commands import vitrine as asked
from tests.support.ports import free_port
from tests.support.processes import ROOT
from vitrine.cli import app
from vitrine.commands.keys import ScopeName
from vitrine.commands.settings import print_settings, settings_table
from vitrine.database import database_url as open_database
from vitrine.home import HomeError
from vitrine.settings import Settings
from vitrine.up import run_everything

COMMANDS = (
    *("up", "api", "gateway", "purger", "relay", "migrate", "import", "key", "purge", "sign"),
    *("renditions", "documents", "vcl", "bench", "schema", "sbom", "errors", "settings"),
)


def vitrine(
    *arguments: str, home: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    given = {f"VITRINE_{name.upper()}": value for name, value in settings.items()}
    if home is not None:
        given["VITRINE_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "vitrine", *arguments],
        cwd=ROOT,
        env={**inherited, **given, "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command() -> None:
    said = vitrine("--help")
    assert said.returncode == 0
    assert [name for name in COMMANDS if not re.search(rf"│ {name} +\w", said.stdout)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        app([command, "--help"])
    assert capsys.readouterr().out.startswith(f"Usage: vitrine {command}")


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("vitrine.cli", {"asyncpg", "pydantic", "starlette", "strawberry", "pyvips"}),
        ("api.app, gateway.app, serving.tracing", {"redis", "opentelemetry.exporter"}),
    ],
    ids=["help", "processes"],
)
def test_what_is_not_needed_is_not_loaded(modules: str, heavy: set[str]) -> None:
    program = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert heavy & set(loaded) == set()


@pytest.mark.parametrize("process", ["api", "gateway", "purger", "relay"])
def test_a_process_without_its_database_says_so_in_a_line(process: str, tmp_path: Path) -> None:
    said = vitrine(process, home=tmp_path, **{f"{process}_port": f"{free_port()}"})
    assert said.returncode == 2
    assert re.fullmatch(r"vitrine: set VITRINE_\w*DATABASE_URL.* \(SETTINGS\)\n", said.stderr)
    assert "Traceback" not in said.stdout


def test_a_process_without_a_signing_key_says_so_in_a_line(
    database_url: str, gateway_database_url: str, tmp_path: Path
) -> None:
    for process in ("api", "gateway"):
        said = vitrine(
            process,
            home=tmp_path,
            database_url=database_url,
            gateway_database_url=gateway_database_url,
            master_key=base64.b64encode(bytes(32)).decode(),
            **{f"{process}_port": f"{free_port()}"},
        )
        assert (said.returncode, said.stderr.count("\n")) == (2, 1)
        assert said.stderr.startswith("vitrine: ")
        assert "Traceback" not in said.stdout


@pytest.mark.parametrize("command", ["import", "vcl", "api"])
def test_help_shows_no_flag_that_means_nothing(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        app([command, "--help"])
    assert re.findall(r"--(?:empty|no)-[a-z-]+|--with-parent", capsys.readouterr().out) == []


def test_a_mistake_is_one_line_without_secrets() -> None:
    said = vitrine("migrate", database_url="postgresql://owner:hunter2@127.0.0.1:1/none")
    assert said.returncode == 1
    assert said.stderr.startswith("vitrine: the database cannot be reached")
    assert "Traceback" not in said.stderr
    assert "hunter2" not in said.stdout + said.stderr


def test_a_misspelt_setting_is_refused() -> None:
    said = asked("migrate", databse_url="postgresql://x")
    assert said.returncode == 2
    assert said.stderr.endswith("did you mean VITRINE_DATABASE_URL? (SETTINGS)\n")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LEASES", "1", "there is no setting VITRINE_LEASES; did you mean VITRINE_LEASE_S?"),
        ("EDGE_KEEPS_DECISIONS", "maybe", "VITRINE_EDGE_KEEPS_DECISIONS: write true or false"),
        ("API_PORT", "abc", "VITRINE_API_PORT: write a whole number"),
        ("TRUSTED_HOPS", '[{"name": ', "VITRINE_TRUSTED_HOPS is not valid JSON"),
    ],
)
def test_the_table_of_settings_is_printed_and_a_wrong_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv(f"VITRINE_{name}", value)
    with pytest.raises(SettingsError) as refused:
        print_settings()
    assert capsys.readouterr().out == settings_table()
    assert refused.value.message.startswith(says)


@pytest.mark.parametrize("given", ["DATABASE_URL", "GATEWAY_DATABASE_URL"])
def test_up_needs_both_logins_or_none(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(f"VITRINE_{given}", "postgresql://a@127.0.0.1/x")
    with pytest.raises(SettingsError, match="a PostgreSQL is brought along") as refused:
        run_everything()
    assert "vitrine up" not in refused.value.message  # it is what was just typed
    assert not (tmp_path / "home").exists()


def test_api_keys_are_shown_once_and_revoked_by_name(database_url: str) -> None:
    made = asked("key", "api", "create", "cms", "read", "preview", database_url=database_url)
    assert re.fullmatch(r"vtr_\S{40,}\n", made.stdout), made.stderr
    listed = asked("key", "api", "list", database_url=database_url)
    assert "preview read" in listed.stdout
    assert made.stdout.strip() not in listed.stdout
    assert asked("key", "api", "revoke", "cms", database_url=database_url).returncode == 0
    again = asked("key", "api", "revoke", "cms", database_url=database_url)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_people_get_roles_and_services_keys(database_url: str) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return asked(*arguments, database_url=database_url)

    assert run("user", "create", "Eva", "--email", "eva@shop.example").returncode == 0
    unknown = run("user", "give", "Eva", "publisher", "--channel", "moon")
    assert "there is no 'moon'" in unknown.stderr, unknown.stderr
    assert run("user", "give", "eva@shop.example", "publisher").returncode == 0
    first = run("key", "api", "create", "cms", "read", "--owner", "Eva", "--expires", "90d")
    next_one = run("key", "api", "rotate", "cms", "--overlap", "30m")
    assert re.fullmatch(r"vtr_\S{40,}\n", next_one.stdout), next_one.stderr
    assert next_one.stdout != first.stdout
    wrong = run("key", "api", "rotate", "cms", "--overlap", "soon")
    assert (wrong.returncode, "such as 90d" in wrong.stderr) == (2, True)
    assert "publisher" in run("user", "list").stdout
    assert run("user", "end", "Eva").returncode == 0
    assert run("key", "api", "list").stdout.count("cms") == 4  # two, of a service of this name
    assert run("key", "api", "revoke", "cms").returncode == 1  # they ended with their owner


def test_signing_keys_need_a_master_key(database_url: str, tmp_path: Path) -> None:
    said = asked("key", "signing", "create", home=tmp_path, database_url=database_url)
    assert said.returncode == 2
    assert "VITRINE_MASTER_KEY" in said.stderr


def test_a_signing_secret_is_shown_with_a_warning_apart_from_what_a_pipe_takes(
    database_url: str,
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        master_key = base64.b64encode(bytes(32)).decode()
        return asked("key", "signing", *arguments, database_url=database_url, master_key=master_key)

    assert run("create").returncode == 0
    shown = run("reveal", "k1")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", shown.stdout), shown.stderr
    assert "until k1 is revoked" in shown.stderr
    assert shown.stdout.strip() not in shown.stderr
    unasked = run("revoke", "k1")
    assert (unasked.returncode, unasked.stdout) == (2, "")
    assert "every URL that it signed" in unasked.stderr
    assert "add --yes" in unasked.stderr
    assert run("reveal", "k1").returncode == 0  # nothing was changed
    assert run("revoke", "k1", "--yes").returncode == 0
    refused = run("reveal", "k1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith("(CONFLICT)\n")


def test_vcl_refuses_settings_that_name_no_varnish() -> None:
    said = asked("vcl")
    assert (said.returncode, said.stdout) == (2, "")
    assert "trusted hop" in said.stderr


def test_vcl_is_written_from_the_settings() -> None:
    hop = {
        "name": "edge",
        "networks": ["127.0.0.0/8"],
        "kind": "authorising",
        "driver": "varnish",
        "secret": "a secret of the hop".replace(" ", "-"),
    }
    driver = {
        "name": "varnish",
        "kind": "varnish",
        "nodes": ["http://127.0.0.1:6081"],
        "secret": "a-secret-of-purgers",
    }
    said = asked(
        *("vcl", "--mode", "authorise", "--backend", "127.0.0.1:9001"),
        trusted_hops=json.dumps([hop]),
        purge_drivers=json.dumps([driver]),
    )
    assert said.stdout.startswith("vcl 4") or "vcl 4" in said.stdout, said.stderr
    assert "9001" in said.stdout


def test_the_documentation_has_the_table_of_settings() -> None:
    table = asked("settings").stdout
    assert table.startswith("| variable | default | meaning |")
    assert table in (ROOT / "docs/settings.md").read_text()


def test_a_list_that_is_no_json_is_named_without_its_secrets() -> None:
    said = asked("migrate", purge_drivers='[{"secret": "hunter2"')
    assert said.stderr == (
        "vitrine: VITRINE_PURGE_DRIVERS is not valid JSON: write a list, such as "
        '[{"name": "cdn", "kind": "fastly", "service": "…", "token": "…"}] (SETTINGS)\n'
    )


@pytest.mark.parametrize(
    "arguments",
    [("key", "api", "list"), ("key", "signing", "create"), ("sign", "any")],
    ids=" ".join,
)
def test_a_command_makes_no_vitrine_where_there_is_none(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    said = asked(*arguments, home=tmp_path / "home")
    assert said.returncode == 1
    assert said.stderr == (
        f"vitrine: there is no Vitrine in {tmp_path / 'home'}: set VITRINE_HOME, or start "
        "`vitrine up` (HOME)\n"
    )
    assert not (tmp_path / "home").exists()


def test_an_import_makes_a_home_only_where_one_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VITRINE_HOME", raising=False)
    chosen = Settings(home=tmp_path / "home")
    with pytest.raises(HomeError), open_database(Settings(), may_be_new=True):
        pass
    assert list(tmp_path.iterdir()) == []
    try:
        with open_database(chosen, may_be_new=True) as made, open_database(chosen) as found:
            assert made == found
    finally:
        shutil.rmtree((tmp_path / "home/postgres").resolve(), ignore_errors=True)


def test_an_unknown_scope_is_named_beside_those_there_are() -> None:
    said = asked("key", "api", "create", "me", "bogus", database_url="postgresql:///none")
    assert said.returncode == 2
    assert [name for name in ("bogus", *Scope) if name not in said.stdout + said.stderr] == []
    assert set(get_args(ScopeName)) == set(Scope)
