"""Leave for an authorising edge: for no longer than what it rests on is proven."""

import asyncio

import httpx
from pydantic import SecretStr

from gateway.app import create_app
from serving.edges import TrustedHop
from serving.hops import LEG_HEADER, SECRET_HEADER
from serving.settings import Settings
from tests.support.proxy import run_proxy
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage

SECRET = "secret-of-the-edge"


async def test_leave_is_good_for_what_is_left_of_the_lease(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    edge = TrustedHop.model_validate({
        "name": "edge",
        "networks": ["127.0.0.1/32"],
        "secret": SECRET,
        "kind": "authorising",
    })
    async with run_proxy(settings.gateway_database()) as (proxy, database_url):
        behind = settings.model_copy(
            update={
                "gateway_database_url": SecretStr(database_url),
                "trusted_hops": (edge,),
                "lease_s": 10.0,
            }
        )
        async with (
            serve(create_app(behind)) as base_url,
            httpx.AsyncClient(
                base_url=base_url, headers={SECRET_HEADER: SECRET, LEG_HEADER: "authorise"}
            ) as client,
        ):

            async def good_for_s() -> float:
                answer = await client.get(stage.url(asset))
                assert answer.status_code == 204
                return float(answer.headers["X-Good-For"])

            await good_for_s()
            fresh = await good_for_s()
            proxy.stall()
            await asyncio.sleep(1)
            stale = await good_for_s()
            proxy.heal()

    assert 5 < fresh <= 10
    assert 0 < stale <= 9
