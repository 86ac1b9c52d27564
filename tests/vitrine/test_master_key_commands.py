"""An operator rotates the master key by commands, in variables or in a file of the home."""

import base64
import re
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from catalog.db import Pool
from catalog.errors import SettingsError
from catalog.sealing import MasterKeys, Sealed, seal
from tests.support.commands import vitrine
from tests.support.people import ADA
from tests.support.processes import run_vitrine
from tests.support.waiting import eventually
from vitrine.preflight import look_before_start
from vitrine.settings import load_settings

WAITING_SQL = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'vitrine' AND wait_event_type = 'Lock'
"""
OLD, NEW = MasterKeys([bytes(32)]), MasterKeys([bytes(range(32))])
OLD_NAME, NEW_NAME = OLD.newest.name, NEW.newest.name


def text(keys: MasterKeys) -> str:
    return base64.b64encode(keys.newest.secret).decode()


class SealedHouse:
    """A database, whose key is in variables or, with a home, in its file."""

    def __init__(self, database_url: str, home: Path | None = None) -> None:
        self.database_url = database_url
        self.home = home

    def run(self, *arguments: str, **keys: str) -> subprocess.CompletedProcess[str]:
        return vitrine(*arguments, home=self.home, database_url=self.database_url, **keys)

    def master(self, verb: str, **keys: str) -> subprocess.CompletedProcess[str]:
        return self.run("key", "master", verb, **keys)


@pytest.fixture
def house(database_url: str) -> SealedHouse:
    """A database with a signing key that the old master key sealed, as its processes stated."""
    made = SealedHouse(database_url)
    for command in (("settings", "--state"), ("key", "signing", "create")):
        assert made.run(*command, master_key=text(OLD)).returncode == 0
    return made


def add_codes(database: psycopg.Connection) -> None:
    """Give somebody one-time codes that the old key sealed."""
    sealed = seal(b"x", key=OLD.newest, bound_to=Sealed.ONE_TIME_CODES.of(ADA.id))
    database.execute(
        "INSERT INTO local_credential (principal_id, totp_sealed) VALUES (%s, %s)",
        (ADA.id, sealed),
    )


def test_in_variables_it_is_stated_by_the_step_that_says_so_and_can_be_repeated(
    house: SealedHouse, database: psycopg.Connection
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    there = house.master("status", master_key=text(OLD))
    assert f"All is sealed with {OLD_NAME}. To rotate it: `vitrine key master new`" in there.stdout
    assert house.run("key", "signing", "create", **both).returncode == 0  # still with the old one
    said = house.master("status", **both)
    assert re.search(rf"{OLD_NAME} +│ former +│ yes +│ 2 ", said.stdout), said.stdout
    assert f"{NEW_NAME} is here and does not seal yet" in said.stdout

    done = house.master("rotate", **both)
    assert done.stdout.splitlines() == [
        f"{NEW_NAME} seals from now on, in place of {OLD_NAME}.",
        "signing keys: 2 of 2 sealed anew",
        (
            f"All is sealed with {NEW_NAME}. Take {OLD_NAME} out of VITRINE_FORMER_MASTER_KEYS, "
            "restart every process, and keep it with the backups from before now: they open with "
            "it alone."
        ),
    ]
    assert house.master("rotate", **both).returncode == 0
    assert house.master("status", master_key=text(NEW)).returncode == 0
    assert house.run("settings", "--state", master_key=text(NEW)).returncode == 0
    former, new = {"fingerprint": OLD_NAME}, {"fingerprint": NEW_NAME}
    rows = database.execute(
        "SELECT before, after FROM audit WHERE type = 'master_key.rotated'"
    ).fetchall()
    assert rows == [(former, new)]
    stored = str(database.execute("SELECT data, before, after FROM audit").fetchall())
    assert not {text(OLD), text(NEW)} & {*re.findall(r"[\w+/=]+", stored)}


def test_with_the_former_key_alone_nothing_starts_after_it_and_the_new_one_is_named(
    house: SealedHouse, gateway_database_url: str
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    early = house.master("rotate", master_key=text(NEW))
    assert (early.returncode, OLD_NAME in early.stderr) == (2, True)
    assert house.master("rotate", **both).returncode == 0
    for command in (("key", "signing", "list"), ("settings", "--state")):
        late = house.run(*command, master_key=text(OLD))
        assert late.returncode == 2, late
        assert NEW_NAME in late.stderr
        assert "Traceback" not in late.stderr
    settings = load_settings(
        database_url=house.database_url,
        gateway_database_url=gateway_database_url,
        master_key=text(OLD),
    )
    for process in ("api", "gateway", "purger", "relay"):
        with pytest.raises(SettingsError, match=NEW_NAME):
            look_before_start(process, settings)


def test_an_api_without_a_key_that_is_still_needed_does_not_start(
    house: SealedHouse, database: psycopg.Connection
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    assert house.master("rotate", **both).returncode == 0
    add_codes(database)
    settings = load_settings(database_url=house.database_url, master_key=text(NEW))
    with pytest.raises(SettingsError, match=f"takes the master key {OLD_NAME}"):
        look_before_start("api", settings)
    for command in ("status", "rotate"):
        told = house.master(command, master_key=text(NEW))
        assert f"{OLD_NAME} seals something and is not here" in told.stdout
        assert told.returncode == (command == "rotate")
    assert house.master("rotate", **both).returncode == 0
    look_before_start("api", settings)


def test_what_a_lost_key_sealed_is_given_up_on_purpose_alone(
    house: SealedHouse, database: psycopg.Connection
) -> None:
    add_codes(database)
    only_new = {"master_key": text(NEW)}
    for command in (("settings", "--state"), ("key", "signing", "create")):
        refused = house.run(*command, **only_new)
        assert (refused.returncode, OLD_NAME in refused.stderr) == (2, True)
    asked = house.master("give-up", **only_new)
    assert asked.returncode == 2
    assert "given up for ever: 1 signing keys, 1 one-time codes." in asked.stderr
    assert house.master("status", master_key=text(OLD)).returncode == 0  # nothing was changed

    name = f"vitrine-api {OLD.announcement}"
    with psycopg.connect(house.database_url, application_name=name):
        kept = house.run("key", "master", "give-up", "--yes", **only_new)
        assert (kept.returncode, "the key is not lost: vitrine-api" in kept.stderr) == (1, True)
    assert house.master("status", master_key=text(OLD)).returncode == 0  # nor now

    done = house.run("key", "master", "give-up", "--yes", **only_new)
    assert done.returncode == 0, done.stderr
    listed = house.run("key", "signing", "list", **only_new).stdout
    assert re.search(r"k1 +│ revoked", listed), listed
    assert re.search(r"k2 +│ active", listed), listed
    assert house.run("key", "signing", "reveal", "k2", **only_new).returncode == 0
    look_before_start("api", load_settings(database_url=house.database_url, **only_new))
    types = {row[0] for row in database.execute("SELECT type FROM audit").fetchall()}
    assert {"master_key.given_up", "signing_key.revoked", "one_time_codes.removed"} <= types
    assert "Nothing to give up" in house.master("give-up", **only_new).stdout
    assert house.master("rotate", **only_new).returncode == 0


def test_nothing_is_changed_while_a_process_lacks_the_new_key(
    house: SealedHouse, database: psycopg.Connection
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    name = f"vitrine-gateway {OLD.announcement}"
    with psycopg.connect(house.database_url, application_name=name):
        refused = house.master("rotate", **both)
        assert refused.returncode == 1
        assert "vitrine-gateway (on this machine, connection" in refused.stderr
        assert "Restart it with the new key" in refused.stderr
        assert "these lack it: vitrine-gateway (on" in house.master("status", **both).stdout
        known = database.execute(
            "SELECT fingerprint FROM shared_setting WHERE name = 'master_key'"
        ).fetchone()
        assert known == (OLD.newest.fingerprint,)
    assert "that runs has it; all have it." in house.master("status", **both).stdout
    assert house.master("rotate", **both).returncode == 0


async def test_killed_in_the_middle_it_goes_on(
    house: SealedHouse, database: psycopg.Connection, pool: Pool
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    add_codes(database)

    async def waits() -> bool:
        return bool(await pool.fetchval(WAITING_SQL))

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT 1 FROM local_credential FOR UPDATE")
        env = {f"VITRINE_{name.upper()}": value for name, value in both.items()}
        env["VITRINE_DATABASE_URL"] = house.database_url
        with run_vitrine("key", "master", "rotate", env=env) as process:
            await eventually(waits, within_s=120)
            process.kill()
    between = house.master("status", **both).stdout
    assert re.search(rf"{NEW_NAME} +│ newest +│ yes +│ 1 +│ 0 ", between), between
    assert "A rotation is not over: run `vitrine key master rotate`." in between
    done = house.master("rotate", **both).stdout.splitlines()
    assert done[:-1] == ["one-time codes: 1 of 1 sealed anew"]
    assert house.run("key", "signing", "reveal", "k1", master_key=text(NEW)).returncode == 0


def test_a_login_that_may_not_finish_does_not_begin(
    house: SealedHouse, process_database_url: str
) -> None:
    both = {"master_key": text(NEW), "former_master_keys": text(OLD)}
    as_process = SealedHouse(process_database_url)
    for command in (("rotate",), ("give-up", "--yes")):
        refused = as_process.run("key", "master", *command, **both)
        assert refused.returncode == 2
        assert "with the login that owns the tables" in refused.stderr
    assert house.master("status", master_key=text(OLD)).returncode == 0


def test_in_a_file_one_command_does_all_of_it(
    database_url: str, database: psycopg.Connection, tmp_path: Path
) -> None:
    house = SealedHouse(database_url, tmp_path)
    path = tmp_path / "master.key"
    path.write_text(text(OLD))
    path.chmod(0o600)
    for command in (("settings", "--state"), ("key", "signing", "create")):
        assert house.run(*command).returncode == 0
    assert "To rotate it: `vitrine key master rotate`" in house.master("status").stdout
    # as versions before this one wrote it
    database.execute("UPDATE signing_key SET secret_sealed = substring(secret_sealed FROM 13)")
    assert "(from before keys had names)" in house.master("status").stdout
    done = house.master("rotate")
    assert done.returncode == 0, done.stderr
    former = tmp_path / f"master.key.former-{OLD_NAME}"
    assert f"The former key is in {former}" in done.stdout
    assert former.read_text().strip() == text(OLD)
    assert path.read_text().strip() != text(OLD)
    for each in (path, former):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert house.run("key", "signing", "reveal", "k1").returncode == 0

    # begun and killed: before the new key was stated, and before the former one was taken out
    path.write_text(f"{text(NEW)}\n{path.read_text()}")
    status = house.master("status").stdout
    assert f"{NEW_NAME} is here and does not seal yet" in status
    assert house.master("rotate").returncode == 0
    assert path.read_text().strip() == text(NEW)
    path.write_text(f"{text(NEW)}\n{text(OLD)}\n")
    assert "A rotation is not over" in house.master("status").stdout
    assert house.master("rotate").returncode == 0
    assert path.read_text().strip() == text(NEW)


def test_a_new_key_is_printed_apart_from_what_to_do_with_it(tmp_path: Path) -> None:
    one, other = (vitrine("key", "master", "new", home=tmp_path) for _ in range(2))
    assert len(base64.b64decode(one.stdout.strip())) == 32
    assert one.stdout != other.stdout
    assert "VITRINE_FORMER_MASTER_KEYS" in one.stderr
    assert not [*tmp_path.iterdir()]
