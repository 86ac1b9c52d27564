"""Fixtures of all tests. Every server is real; each test has a database of its own."""

import functools
from collections.abc import AsyncGenerator, Generator

import httpcore2
import httpx2
import hypothesis
import psycopg
import pytest
import pytest_asyncio
import structlog
from playwright.async_api import Page

from catalog.db import Pool, open_pool
from tests.support.chromium import Chromium, run_chromium
from tests.support.databases import Databases, run_databases
from tests.support.s3_server import S3Server, run_s3

# As processes write tracebacks: with all that is in reach of each frame one takes seconds.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# For each client httpx2 reads all authorities of the system anew, in 20 ms; no test changes them.
httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)

# An example takes as long as the machine lets it: what is slow is told by nobody's clock.
hypothesis.settings.register_profile(
    "vitrine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("vitrine")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Generator[Databases]:
    """The one PostgreSQL of this run."""
    with run_databases(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.fixture
def database_name(databases: Databases) -> Generator[str]:
    """A fresh, migrated database."""
    with databases.fresh() as name:
        yield name


@pytest.fixture
def database_url(databases: Databases, database_name: str) -> str:
    """The test's database, for its owner."""
    return databases.owner_url(database_name)


@pytest.fixture
def gateway_database_url(databases: Databases, database_name: str) -> str:
    """The test's database, for a login restricted to the role `vitrine_gateway`."""
    return databases.gateway_url(database_name)


@pytest.fixture
def process_database_url(databases: Databases, database_name: str) -> str:
    """The test's database, for a login restricted to the role `vitrine_process`."""
    return databases.process_url(database_name)


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[Pool]:
    """Connections to the test's database, for its owner."""
    async with open_pool(database_url, application="test") as opened:
        yield opened


@pytest.fixture
async def gateway_pool(gateway_database_url: str) -> AsyncGenerator[Pool]:
    """Connections to the test's database, as a gateway has them."""
    async with open_pool(gateway_database_url, application="test gateway") as opened:
        yield opened


@pytest.fixture
def database(database_url: str) -> Generator[psycopg.Connection]:
    """A plain connection that commits each statement, for tests that are not async."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def s3_server() -> Generator[S3Server]:
    """The one S3 of this run."""
    with run_s3() as server:
        yield server


@pytest.fixture
def s3(s3_server: S3Server) -> S3Server:
    """An S3 without any bucket."""
    httpx2.post(f"{s3_server.endpoint_url}/moto-api/reset").raise_for_status()
    return s3_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncGenerator[Chromium]:
    """The one browser of this run."""
    async with run_chromium() as running:
        yield running


@pytest.fixture
async def page(chromium: Chromium) -> AsyncGenerator[Page]:
    """A tab of a fresh profile, of which nothing may go wrong: see `tests.support.chromium`."""
    async with chromium.open() as opened:
        yield opened


@pytest.fixture(name="_function_scoped_runner")  # as pytest-asyncio calls it
def loop_of_the_test(request: pytest.FixtureRequest) -> object:
    """The loop of a test and its fixtures: its own, or with a browser that of the session."""
    scope = "session" if "chromium" in request.fixturenames else "function"
    return request.getfixturevalue(f"_{scope}_scoped_runner")
