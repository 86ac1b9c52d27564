"""The line that faults hit one after the other: each test leaves it as whole as it found it."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.faults.line import Line, run_line
from tests.support.databases import Databases


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def line(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Line]:
    """Two gateways, purger, relay, Varnish and a purge API, all of them real processes."""
    with databases.fresh() as name:
        urls = databases.owner_url(name), databases.gateway_url(name)
        async with run_line(*urls, tmp_path_factory.mktemp("line")) as running:
            yield running
