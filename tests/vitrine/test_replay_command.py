"""`vitrine replay`: its report, and the exit status that a monitor goes by."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.rights.commands import withdraw_asset
from tests.support.deliveries import entry, written
from tests.support.people import TEST
from tests.support.processes import ROOT
from tests.support.stage import WORLDWIDE, Stage, store_in


@pytest.fixture
async def stage(pool: Pool, tmp_path: Path) -> Stage:
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    return stage


def replay(database_url: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    return subprocess.run(
        [sys.executable, "-m", "vitrine", "replay", *arguments],
        cwd=ROOT,
        env={**inherited, "VITRINE_HOME": str(home), "VITRINE_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_a_planted_incident_is_reported_and_fails_the_command(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    asset = await stage.asset(WORLDWIDE)
    lit = utc_now()
    async with stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)
    dark = utc_now()
    folder = tmp_path / "delivery-log"
    await written(folder, entry(asset, lit))

    clean = replay(database_url, tmp_path, "--json")
    await written(folder, entry(asset, dark + timedelta(seconds=10)))
    planted = replay(database_url, tmp_path, "--json")
    told = replay(database_url, tmp_path)
    edge = tmp_path / "edge.jsonl"
    edge.write_text(json.dumps({"time": lit.timestamp(), "url": stage.url(asset), "status": 200}))
    earlier = replay(
        *(database_url, tmp_path, "--until", dark.isoformat()),
        *("--edge-log", str(edge), "--json", "--no-record"),
    )

    assert (clean.returncode, json.loads(clean.stdout)["incidents"]) == (0, 0), clean.stderr
    report = json.loads(planted.stdout)
    assert (planted.returncode, report["incidents"], report["judged"]) == (3, 1, 2)
    assert report["worst"][0]["asset"] == asset.public_id
    assert report["worst"][0]["reason"] == "WITHDRAWN"
    assert 9.5 < report["worst"][0]["overdue_s"] < 11
    assert report["coverage"]["gateways"] == 2
    assert asset.public_id in told.stdout
    assert "WITHDRAWN" in told.stdout
    assert "--cdn-log" in told.stdout
    assert (earlier.returncode, told.returncode) == (0, 3), earlier.stderr
    assert json.loads(earlier.stdout)["coverage"]["edge_hits"] == 1
    kept = await stage.pool.fetch("SELECT incidents, report FROM replay ORDER BY id")
    assert [row["incidents"] for row in kept] == [0, 1, 1]
    worst = await stage.pool.fetchval("SELECT incident FROM replay_incident ORDER BY replay")
    assert kept[1]["report"] | {"worst": [worst]} == report


@pytest.mark.usefixtures("stage")
def test_what_cannot_be_read_is_a_line_that_says_so(database_url: str, tmp_path: Path) -> None:
    other = tmp_path / "other.deliveries"
    other.write_text("{}\n")

    absent = replay(database_url, tmp_path, str(tmp_path / "absent"))
    foreign = replay(database_url, tmp_path, str(other))

    assert (absent.returncode, foreign.returncode) == (2, 2)
    assert "does not exist (UNREADABLE_LOG)" in absent.stderr
    assert "is no delivery log (UNREADABLE_LOG)" in foreign.stderr
