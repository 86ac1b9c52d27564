"""`vitrine purge status`: how the purges of each CDN stand, for people and for programs."""

import json

import pytest

from catalog.db import Pool
from catalog.purges.driver_store import CircuitState, StoredCircuit, write_circuit
from tests.support.commands import vitrine

DRIVERS = json.dumps([
    {"name": name, "kind": "fastly", "service": "abc", "token": "hunter2-hunter2-hunter2"}
    for name in ("fastly-eu", "fastly-us")
])


@pytest.fixture
async def driven(pool: Pool) -> None:
    trying = StoredCircuit(
        state=CircuitState.HALF_OPEN, failures=2, next_try_in_s=None, last_error="it answered 503"
    )
    async with pool.acquire() as conn:
        await write_circuit(conn, "fastly-eu", trying)


@pytest.mark.usefixtures("driven")
def test_a_table_tells_people(database_url: str) -> None:
    said = vitrine("purge", "status", database_url=database_url, purge_drivers=DRIVERS)
    assert said.returncode == 0
    lines = said.stdout.splitlines()
    assert any("fastly-eu" in line and "half open" in line and "503" in line for line in lines)
    assert any("fastly-us" in line and "held by no purger" in line for line in lines)
    assert "2 failures in a row" in said.stdout
    assert "hunter2" not in said.stdout


@pytest.mark.usefixtures("driven")
def test_json_tells_programs(database_url: str) -> None:
    said = vitrine("purge", "status", "--json", database_url=database_url, purge_drivers=DRIVERS)
    held, other = json.loads(said.stdout)
    assert (held["driver"], held["circuit"], held["failures"]) == ("fastly-eu", "half_open", 2)
    assert (held["next_try_at"], held["last_error"]) == (None, "it answered 503")
    assert (other["circuit"], other["due"], other["last_confirmed_at"]) == (None, 0, None)


def test_without_a_driver_it_says_so(database_url: str) -> None:
    said = vitrine("purge", "status", database_url=database_url)
    assert said.returncode == 0
    assert "VITRINE_PURGE_DRIVERS" in said.stdout
