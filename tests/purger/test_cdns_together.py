"""The purger with several CDNs at once: each at its own pace, none in the way of another."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.responses import Response

from purger.app import create_app
from tests.purger.cdns import cloudflare_api, cloudfront_api, fastly_api
from tests.purger.cdns.cloudflare_api import CloudflareApi
from tests.purger.cdns.cloudfront_api import CloudFrontApi
from tests.purger.cdns.contract import answering, running
from tests.purger.cdns.fastly_api import FastlyApi
from tests.purger.conftest import Queue, until
from tests.support.serve import serve
from vitrine.settings import load_settings

ALL = ("fastly", "cloudflare", "cloudfront")


@dataclass
class Cdns:
    """Three CDNs, and a purger that knows them."""

    database_url: str
    home: Path
    fastly: FastlyApi = field(default_factory=FastlyApi)
    cloudflare: CloudflareApi = field(default_factory=CloudflareApi)
    cloudfront: CloudFrontApi = field(default_factory=CloudFrontApi)

    def purger(self) -> AbstractAsyncContextManager[str]:
        drivers = [
            {"name": "fastly", "kind": "fastly", "api_url": self.fastly.url}
            | {"service": fastly_api.SERVICE, "token": fastly_api.TOKEN},
            {"name": "cloudflare", "kind": "cloudflare", "api_url": self.cloudflare.url}
            | {"zone": cloudflare_api.ZONE, "token": cloudflare_api.TOKEN},
            {"name": "cloudfront", "kind": "cloudfront", "endpoint_url": self.cloudfront.url}
            | {"distribution": cloudfront_api.DISTRIBUTION}
            | {"access_key": cloudfront_api.ACCESS_KEY, "secret_key": cloudfront_api.SECRET_KEY},
        ]
        settings = load_settings(
            home=self.home, database_url=self.database_url, purge_drivers=drivers
        )
        return serve(create_app(settings))


@pytest.fixture
async def cdns(database_url: str, tmp_path: Path) -> AsyncGenerator[Cdns]:
    cdns = Cdns(database_url, tmp_path)
    async with AsyncExitStack() as stack:
        for api in (cdns.fastly, cdns.cloudflare, cdns.cloudfront):
            await stack.enter_async_context(running(api))
        yield cdns


def assets(count: int) -> list[str]:
    return [f"aa{n:04}" for n in range(count)]


def tags(count: int) -> set[str]:
    return {f"a-{asset}" for asset in assets(count)}


async def test_each_cdn_gets_all_tags_in_batches_of_its_own_size(cdns: Cdns, queue: Queue) -> None:
    await queue.add(*assets(600), drivers=ALL)
    async with cdns.purger():
        for name in ALL:
            await until(lambda name=name: _are(queue, name, tags(600)))
    assert [len(each) for each in cdns.fastly.purged] == [256, 256, 88]
    assert [len(each) for each in cdns.cloudflare.purged] == [100] * 6
    assert [len(each) for each in cdns.cloudfront.purged] == [100] * 6
    assert set(cdns.fastly.tags) == set(cdns.cloudflare.tags) == tags(600)
    assert set(cdns.cloudfront.tags) == tags(600)


async def test_one_that_hangs_and_one_that_is_busy_hold_up_no_other(
    cdns: Cdns, queue: Queue
) -> None:
    release = asyncio.Event()

    async def hang() -> Response:
        await release.wait()
        return Response(status_code=503)

    cdns.cloudfront.instead.append(hang)
    cdns.cloudflare.instead.append(answering(429, Retry_After="2"))
    await queue.add(*assets(3), drivers=ALL)
    async with cdns.purger():
        await until(lambda: _are(queue, "fastly", tags(3)))
        assert await queue.confirmed(driver="cloudflare") == set()
        await until(lambda: _are(queue, "cloudflare", tags(3)))
        assert await queue.confirmed(driver="cloudfront") == set()
        release.set()
        await until(lambda: _are(queue, "cloudfront", tags(3)))
    assert cdns.fastly.statuses == [200]
    assert cdns.cloudflare.statuses == [429, 200]
    assert cdns.cloudfront.statuses == [503, 201]


async def test_a_request_whose_answer_was_lost_is_the_same_invalidation_when_it_is_repeated(
    cdns: Cdns, queue: Queue
) -> None:
    cdns.cloudfront.loses = 2
    await queue.add("aaaa", drivers=("cloudfront",))
    async with cdns.purger():
        await until(lambda: _are(queue, "cloudfront", {"a-aaaa"}))
        await queue.add("bbbb", drivers=("cloudfront",))
        await until(lambda: _are(queue, "cloudfront", {"a-aaaa", "a-bbbb"}))
    assert cdns.cloudfront.statuses == [500, 500, 201, 201]
    assert [each.items for each in cdns.cloudfront.created.values()] == [
        ("#a-aaaa",),
        ("#a-bbbb",),
    ]
    assert list(cdns.cloudfront.created) == [str(each) for each in await queue.batches()]


async def _are(queue: Queue, driver: str, expected: set[str]) -> bool:
    return await queue.confirmed(driver=driver) == expected
