"""PostgreSQL itself is killed: darkness after a lease, and everything as before once it is back."""

import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.faults.line import Line, run_line
from tests.faults.own_postgres import OwnPostgres
from tests.faults.trial import trial
from tests.gateway.varnish_rig import needs_varnish

pytestmark = needs_varnish


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncGenerator[OwnPostgres]:
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        own = OwnPostgres(tmp_path / "own", Path(folder) / "at")
        await own.start()
        try:
            yield own
        finally:
            await own.end()


@pytest.fixture
async def line(own_postgres: OwnPostgres, tmp_path: Path) -> AsyncGenerator[Line]:
    async with run_line(own_postgres.url, own_postgres.gateway_url, tmp_path) as running:
        yield running


async def test_without_postgres_nothing_is_shown_after_the_lease_and_no_commit_is_lost(
    line: Line, own_postgres: OwnPostgres
) -> None:
    async with trial(line) as running:
        await own_postgres.kill()
        await running.sees_everywhere(503)
        await own_postgres.start()
        await running.sees_everywhere(200)  # a pause is not a revocation

        await running.withdraw()
        await own_postgres.kill()  # whoever has not heard of it yet will not hear of it now
        for target in line.targets:
            await running.watch.sees_status(target, 410, 503)
        await own_postgres.start()
