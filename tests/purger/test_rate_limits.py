"""The loop keeps to what a CDN allows, against one that allows little."""

import httpx2
import pytest

from purger.drivers.fastly import Fastly
from purger.drivers.model import RateLimit
from purger.loop import DriverLoop
from serving.tasks import run_in_background
from tests.purger.cdns import settings
from tests.purger.cdns.contract import running
from tests.purger.cdns.fastly_api import FastlyApi
from tests.purger.conftest import Queue, until

LITTLE = RateLimit(per_s=2, burst=2)
ASSETS = [f"aaa{n}" for n in range(9)]


class OneByOne(Fastly):
    """Sends a request a tag."""

    max_batch = 1


class Modest(OneByOne):
    """Knows how little it is allowed."""

    limit = LITTLE


@pytest.mark.parametrize(("driver", "is_refused"), [(Modest, False), (OneByOne, True)])
async def test_who_knows_the_limit_is_never_refused_and_who_does_not_loses_nothing_by_it(
    driver: type[Fastly],
    database_url: str,
    client: httpx2.AsyncClient,
    queue: Queue,
    *,
    is_refused: bool,
) -> None:
    api = FastlyApi(limit=LITTLE)

    async def all_confirmed() -> bool:
        return await queue.confirmed(driver="fastly") == {f"a-{asset}" for asset in ASSETS}

    await queue.add(*ASSETS, drivers=("fastly",))
    async with running(api):
        loop = DriverLoop(database_url, driver(settings.fastly(api.url), client), lease_s=1.0)
        async with run_in_background(loop.run()):
            await until(all_confirmed, timeout_s=60)
    assert (429 in api.statuses) == is_refused
    assert sorted(api.tags) == sorted(f"a-{asset}" for asset in ASSETS)
