"""What must be the same on every process is stated, compared at start, and changed on purpose."""

import base64
import json
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import SettingsError
from catalog.events.model import Event
from catalog.principal import API, PURGER
from catalog.purges.store import waiting
from catalog.subjects import asset_subject
from vitrine.settings import Settings, load_settings
from vitrine.shared_settings import (
    StatementResult,
    compare_settings,
    shared_settings,
    state_settings,
)

SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLWNkbg=="
FASTLY = {"name": "fastly", "kind": "fastly", "service": "abc", "token": SECRET}
OTHER = {"name": "other", "kind": "webhook", "url": "https://purge.test/hunter2", "secret": SECRET}

CONFIRM_ONE_SQL = """
UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp()
WHERE driver = 'fastly' AND pass = 1
"""


def settings_with(home: Path, **more: object) -> Settings:
    key = base64.b64encode(bytes(32)).decode()
    return load_settings(**{"home": home, "master_key": key, "purge_drivers": [FASTLY], **more})


async def stated(pool: Pool, settings: Settings, *, anew: bool = False) -> StatementResult:
    async with pool.acquire() as conn:
        return await state_settings(conn, settings, by=PURGER, anew=anew)


async def state(pool: Pool, settings: Settings, *, anew: bool = False) -> list[str]:
    return (await stated(pool, settings, anew=anew)).names


async def compare(pool: Pool, settings: Settings, *names: str) -> None:
    async with pool.acquire() as conn:
        await compare_settings(conn, settings, *names)


async def queued(pool: Pool) -> set[str]:
    """Return the drivers for which a process without any queues a change."""
    await pool.execute("DELETE FROM purge")
    async with Changes(pool=pool).begin(API) as change:
        subjects = (asset_subject("aaaa"),)
        await change.record(
            Event(type="rights.changed", subject="asset/aaaa", version=1, subjects=subjects)
        )
    return {row["driver"] for row in await pool.fetch("SELECT driver FROM purge")}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"purge_drivers": []}, r"VITRINE_PURGE_DRIVERS is none here, and fastly \(fastly\) as"),
        ({"purge_drivers": [FASTLY | {"token": "b" * 20}]}, "PURGE_DRIVERS is not the one that"),
        ({"trusted_hops": [{"name": "edge", "networks": ["10.0.0.0/8"]}]}, "TRUSTED_HOPS is edge"),
        ({"lease_s": 5.0}, "VITRINE_LEASE_S is 5 here, and 1 as"),
        ({"send_timeout_s": 9.5}, "VITRINE_SEND_TIMEOUT_S is 9.5 here, and 30 as"),
        ({"store_url": "s3://masters"}, "VITRINE_STORE_URL is s3://masters here, and file:///"),
        ({"media_base": "https://a:hunter2@m.test"}, "VITRINE_MEDIA_BASE is https://…@m.test here"),
        (
            {"master_key": base64.b64encode(bytes(31) + b"x").decode()},
            "VITRINE_MASTER_KEY is not the one that purger stated .* `vitrine key master rotate`",
        ),
    ],
    ids=[
        "drivers",
        "a secret",
        "hops",
        "lease",
        "send timeout",
        "store",
        "media base",
        "master key",
    ],
)
async def test_a_process_that_differs_is_refused_and_told_what_differs(
    pool: Pool, tmp_path: Path, changed: dict[str, object], says: str
) -> None:
    await state(pool, settings_with(tmp_path))
    await compare(pool, settings_with(tmp_path, gateway_port=9001))  # one of several on a machine
    with pytest.raises(SettingsError, match=says) as refused:
        await compare(pool, settings_with(tmp_path, **changed))
    assert len(re.findall(r"VITRINE_\w+ is ", refused.value.message)) == 1
    assert "hunter2" not in refused.value.message
    assert await state(pool, settings_with(tmp_path, **changed)) == []  # who comes first counts


async def test_secrets_are_in_the_database_as_a_keyed_fingerprint_alone(
    pool: Pool, tmp_path: Path
) -> None:
    await state(pool, settings_with(tmp_path, purge_drivers=[FASTLY, OTHER]))
    stored = str([tuple(row) for row in await pool.fetch("SELECT * FROM shared_setting")])
    assert "fastly" in stored
    assert SECRET not in stored
    assert "hunter2" not in stored
    before = await pool.fetch("SELECT fingerprint FROM shared_setting ORDER BY name")
    await pool.execute("DELETE FROM shared_setting")
    other = base64.b64encode(bytes(31) + b"x").decode()
    await state(pool, settings_with(tmp_path, purge_drivers=[FASTLY, OTHER], master_key=other))
    after = await pool.fetch("SELECT fingerprint FROM shared_setting ORDER BY name")
    assert not {row[0] for row in before} & {row[0] for row in after}


async def test_purges_are_queued_for_what_was_stated_by_whoever_changes(
    pool: Pool, tmp_path: Path
) -> None:
    assert await queued(pool) == set()
    await state(pool, settings_with(tmp_path))
    assert await queued(pool) == {"fastly"}
    await state(pool, settings_with(tmp_path, purge_drivers=[OTHER]), anew=True)
    assert await queued(pool) == {"other"}


async def test_a_driver_that_is_stated_no_more_loses_its_queue_and_is_told_of(
    pool: Pool, tmp_path: Path
) -> None:
    both, rest = (
        settings_with(tmp_path, purge_drivers=drivers) for drivers in ([FASTLY, OTHER], [OTHER])
    )
    await state(pool, both)
    assert await queued(pool) == {"fastly", "other"}
    await pool.execute(CONFIRM_ONE_SQL)
    for settings in (both, rest):  # who merely starts withdraws nothing
        assert (await stated(pool, settings)).given_up == {}
    assert await open_purges(pool) == {"fastly": 2, "other": 3}

    anew = await stated(pool, rest, anew=True)
    assert anew.given_up == {"fastly": 2}
    assert anew.loss is not None
    assert "2 of fastly" in anew.loss
    assert await open_purges(pool) == {"other": 3}
    event = await pool.fetchval("SELECT data FROM event ORDER BY seq DESC LIMIT 1")
    assert event == {"names": ["purge_drivers"], "purges_given_up": {"fastly": 2}}
    assert await stated(pool, rest, anew=True) == StatementResult([], {})


async def test_what_a_driver_left_behind_is_not_late_and_goes_when_all_is_stated_again(
    pool: Pool, tmp_path: Path
) -> None:
    settings = settings_with(tmp_path)
    await state(pool, settings)
    await queued(pool)
    await pool.execute("UPDATE purge SET driver = 'gone', not_before = now() WHERE pass > 1")
    async with pool.acquire() as conn:
        assert [(each.driver, each.due) for each in await waiting(conn)] == [("fastly", 1)]
    assert await stated(pool, settings, anew=True) == StatementResult([], {"gone": 2})
    assert await open_purges(pool) == {"fastly": 1}


async def open_purges(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch(
        "SELECT driver, count(*) AS n FROM purge WHERE state <> 'confirmed' GROUP BY driver"
    )
    return {row["driver"]: row["n"] for row in rows}


async def test_nothing_is_stated_anew_without_the_master_key(pool: Pool, tmp_path: Path) -> None:
    await state(pool, settings_with(tmp_path))
    stated = await pool.fetch("SELECT name, fingerprint FROM shared_setting ORDER BY name")
    with pytest.raises(SettingsError, match="no master key"):
        await state(pool, settings_with(tmp_path, master_key=None), anew=True)
    assert await pool.fetch("SELECT name, fingerprint FROM shared_setting ORDER BY name") == stated


def test_a_password_in_an_address_is_never_shown(tmp_path: Path) -> None:
    address = "https://user:p@ss/hunter2@media.test/img"
    settings = settings_with(tmp_path, media_base=address)
    shown = {each.name: each.shown for each in shared_settings(settings, None)}
    assert shown["media_base"] == "https://…@media.test/img"


async def test_after_a_change_on_purpose_the_former_settings_are_let_in_for_an_hour(
    pool: Pool, tmp_path: Path
) -> None:
    former, new = settings_with(tmp_path), settings_with(tmp_path, purge_drivers=[FASTLY, OTHER])
    await state(pool, former)
    assert await state(pool, new, anew=True) == ["purge_drivers"]
    await compare(pool, new)
    with capture_logs() as logs:
        await compare(pool, former)
    assert [each["event"] for each in logs] == ["setting_is_former"]
    await pool.execute("UPDATE shared_setting SET stated_at = stated_at - interval '61 minutes'")
    with pytest.raises(SettingsError, match="restart them"):
        await compare(pool, former)
    event = await pool.fetchval("SELECT data FROM event WHERE type = 'settings.stated' AND seq > 1")
    assert event == {"names": ["purge_drivers"], "purges_given_up": {}}


async def test_a_process_without_the_master_key_compares_what_may_be_seen(
    pool: Pool, tmp_path: Path
) -> None:
    keyless = settings_with(tmp_path, master_key=None)
    await state(pool, keyless)
    await compare(pool, settings_with(tmp_path))
    await state(pool, settings_with(tmp_path))  # adds the fingerprints
    await compare(pool, keyless)
    with pytest.raises(SettingsError, match="VITRINE_PURGE_DRIVERS is not the one"):
        await compare(pool, settings_with(tmp_path, purge_drivers=[FASTLY | {"token": "b" * 20}]))


async def test_a_command_compares_what_it_relies_on_alone(pool: Pool, tmp_path: Path) -> None:
    await state(pool, settings_with(tmp_path))
    beside = settings_with(tmp_path, purge_drivers=[])
    await compare(pool, beside, "store_url")
    elsewhere = settings_with(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="VITRINE_STORE_URL"):
        await compare(pool, elsewhere, "store_url")


async def test_the_gateways_login_can_compare(
    pool: Pool, gateway_pool: Pool, tmp_path: Path
) -> None:
    await state(pool, settings_with(tmp_path))
    with pytest.raises(SettingsError, match="VITRINE_PURGE_DRIVERS"):
        await compare(gateway_pool, settings_with(tmp_path, purge_drivers=json.loads("[]")))
