"""What breaks beside the gateway is never a 500, and never a leak."""

import resource
from pathlib import Path

import httpx2
from pydantic import SecretStr

from gateway.app import create_app
from serving.redis import open_redis
from serving.stores import open_store
from tests.support.ports import free_port
from tests.support.processes import run_vitrine, wait_until_ready
from tests.support.redis_server import needs_redis, run_redis
from tests.support.s3_server import S3Server
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage, master_key_text
from tests.support.waiting import eventually
from vitrine.settings import Settings


async def test_a_store_that_is_gone_is_503_and_what_is_in_memory_goes_on(
    stage: Stage, gateway: httpx2.AsyncClient, tmp_path: Path
) -> None:
    known, other = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(known))).status_code == 200
    (tmp_path / "store").rename(tmp_path / "elsewhere")

    refused = await gateway.get(stage.url(other))

    assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
    assert refused.headers["Retry-After"]
    assert refused.headers["Cache-Control"] == "no-store"
    assert (await gateway.get(stage.url(known))).status_code == 200
    (tmp_path / "elsewhere").rename(tmp_path / "store")
    assert (await gateway.get(stage.url(other))).status_code == 200


async def test_a_full_disk_stores_nothing_and_delivers_all_the_same(
    stage: Stage, gateway_database_url: str, tmp_path: Path
) -> None:
    asset = await stage.asset(WORLDWIDE)
    port = free_port()
    env = {
        "VITRINE_HOME": str(tmp_path),
        "VITRINE_GATEWAY_DATABASE_URL": gateway_database_url,
        "VITRINE_MASTER_KEY": master_key_text(),
        "VITRINE_GATEWAY_PORT": str(port),
    }
    base_url = f"http://127.0.0.1:{port}"
    with run_vitrine("gateway", env=env) as process:
        wait_until_ready(base_url, process)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, 100))  # no file may be larger
        async with httpx2.AsyncClient(base_url=base_url) as client:
            for _ in range(2):
                assert (await client.get(stage.url(asset))).status_code == 200

        async def reported() -> bool:
            return await stage.pool.fetchval(
                "SELECT count(*) = 1 FROM task WHERE kind = 'rendition_not_stored'"
            )

        await eventually(reported)
    assert not list((tmp_path / "store").glob("renditions/**/*.*"))


async def test_denials_and_deliveries_are_counted_by_the_minute(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    free, forbidden = await stage.asset(WORLDWIDE), await stage.asset()
    images = [await gateway.get(stage.url(free)) for _ in range(3)]
    for _ in range(2):
        head = await gateway.head(stage.url(free))  # counts, and sends no byte of the image
        assert head.headers["Content-Length"] != "0"
    for _ in range(3):
        await gateway.get(stage.url(forbidden))

    async def counted() -> bool:
        denied = await stage.pool.fetchval(
            "SELECT sum(count) FROM denial WHERE asset = $1 AND reason = 'NO_GRANT'"
            " AND country = 'DE' AND channel = 'd2c'",
            forbidden.public_id,
        )
        sent = await stage.pool.fetchrow("SELECT sum(requests) AS n, sum(bytes) AS b FROM egress")
        assert sent is not None
        return (denied, sent["n"], sent["b"]) == (3, 5, sum(len(image.content) for image in images))

    await eventually(counted)


async def test_renditions_and_masters_may_live_in_s3(
    stage: Stage, settings: Settings, s3: S3Server
) -> None:
    asset = await stage.asset(WORLDWIDE)
    key = await stage.pool.fetchval(
        "SELECT master_key FROM asset_version WHERE asset = $1", asset.id
    )
    in_s3 = settings.model_copy(
        update={
            "store_url": f"s3://{s3.make_bucket('shop')}/media",
            "s3_endpoint_url": s3.endpoint_url,
            "s3_region": s3.region,
            "s3_access_key": SecretStr(s3.access_key),
            "s3_secret_key": SecretStr(s3.secret_key),
        }
    )
    async with open_store(in_s3) as store:
        await store.write(key, await stage.store.read(key))
        async with (
            serve(create_app(in_s3)) as base_url,
            httpx2.AsyncClient(base_url=base_url) as client,
        ):
            assert (await client.get(stage.url(asset))).status_code == 200

        assert len([each async for each in store.objects("renditions/")]) == 1
    assert len(list(in_s3.renditions_folder.glob("renditions/*/*"))) == 1  # a copy near by


@needs_redis
async def test_gateways_agree_through_redis_and_go_on_without_it(
    stage: Stage, settings: Settings, tmp_path: Path
) -> None:
    first, second = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    with run_redis(tmp_path) as server:
        agreeing = settings.model_copy(update={"redis_url": SecretStr(server.url)})
        async with (
            serve(create_app(agreeing)) as base_url,
            httpx2.AsyncClient(base_url=base_url) as client,
        ):
            assert (await client.get(stage.url(first))).status_code == 200
            async with open_redis(agreeing) as redis:
                assert redis is not None
                asked = await redis.info("commandstats")  # pyright: ignore[reportUnknownMemberType] - its options have no types
            assert asked["cmdstat_set"]["calls"] == 1
            server.stop()
            assert (await client.get(stage.url(second))).status_code == 200


async def test_a_database_that_refuses_is_503_and_forgotten_when_it_no_longer_does(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    await stage.pool.execute("REVOKE SELECT ON live_asset FROM vitrine_gateway")

    refused = await gateway.get(stage.url(asset))

    assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
    await stage.pool.execute("GRANT SELECT ON live_asset TO vitrine_gateway")
    assert (await gateway.get(stage.url(asset))).status_code == 200


async def test_a_websocket_or_an_odd_request_is_refused_and_breaks_nothing(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 24}
    upgrade |= {"Sec-WebSocket-Version": "13"}

    assert (await gateway.get(stage.url(asset), headers=upgrade)).status_code in (200, 400)
    for path in (b"/%ff%fe", b"//", b"/a/../../etc/passwd", b"/" + b"9" * 900):
        url = gateway.base_url.copy_with(raw_path=path)
        assert (await gateway.get(url)).status_code == 404
    assert (await gateway.get(stage.url(asset))).status_code == 200


async def test_a_gateway_that_hears_no_events_is_not_ready_though_its_database_answers(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    async def answers(status: int) -> bool:
        return (await gateway.get("/health/ready")).status_code == status

    await eventually(lambda: answers(200))
    await stage.pool.execute("REVOKE SELECT ON event FROM vitrine_gateway")  # the feed's alone
    await eventually(lambda: answers(503))
    checks = (await gateway.get("/health/ready")).json()["checks"]
    assert {name for name, said in checks.items() if said != "ok"} == {"feed"}

    await stage.pool.execute("GRANT SELECT ON event TO vitrine_gateway")
    await eventually(lambda: answers(200))
