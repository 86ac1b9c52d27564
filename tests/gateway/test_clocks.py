"""A gateway whose clock is not the database's: what it decides by, and when it says it is unfit."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from catalog.clock import utc_now
from gateway.app import create_app
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage
from tests.support.waiting import eventually
from vitrine.settings import Settings

# The gateway's login is told another time, as if its machine's clock were wrong by as much.
AHEAD_SQL = """
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS $$ SELECT pg_catalog.clock_timestamp() + interval '{ahead_s} seconds' $$;
DO $$ BEGIN
    EXECUTE format('ALTER ROLE vitrine_gateway_login IN DATABASE %I'
                   ' SET search_path = public, pg_catalog', current_database());
END $$;
"""


@asynccontextmanager
async def behind_the_database(
    stage: Stage, settings: Settings, behind_s: int
) -> AsyncGenerator[httpx2.AsyncClient]:
    await stage.pool.execute(AHEAD_SQL.format(ahead_s=behind_s))
    async with (
        serve(create_app(settings)) as base_url,
        httpx2.AsyncClient(base_url=base_url) as client,
    ):
        yield client


@pytest.mark.parametrize(("behind_s", "status"), [(28, 200), (32, 503), (-32, 503)])
async def test_a_gateway_is_ready_only_while_its_clock_is_within_thirty_seconds(
    stage: Stage, settings: Settings, behind_s: int, status: int
) -> None:
    async with behind_the_database(stage, settings, behind_s) as client:
        answer = await client.get("/health/ready")
        assert answer.status_code == status
        assert ("the clock differs" in answer.text) is (status == 503)


async def test_a_right_ends_by_the_databases_clock(stage: Stage, settings: Settings) -> None:
    ends = utc_now() + timedelta(seconds=31)
    asset = await stage.asset(replace(WORLDWIDE, valid_until=ends))
    async with behind_the_database(stage, settings, 28) as client:

        async def is_dark() -> bool:
            return (await client.get(stage.url(asset))).status_code == 410

        assert not await is_dark()
        await eventually(is_dark)
    assert utc_now() < ends  # by the gateway's own clock it would be shown still
