"""The line that a fault hits: every process is real, and each test has its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.faults.line import Line, run_line


@pytest.fixture
async def line(
    database_url: str, gateway_database_url: str, tmp_path: Path
) -> AsyncGenerator[Line]:
    """Two gateways, purger, relay, Varnish and a purge API."""
    async with run_line(database_url, gateway_database_url, tmp_path) as running:
        yield running
