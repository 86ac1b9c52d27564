"""What clients ask for is counted by the minute, by one process or by all that share a Redis."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.request.rates import RateLimitedError, Rates
from serving.at_once import PlainRequest, target_of
from serving.redis import Accelerator
from tests.api.answering import api_with
from tests.api.client import Client
from tests.api.shop import Shop
from vitrine.settings import Settings

CLIENT = "address:192.0.2.1"
LIMIT = 10


def minute(number: int = 0) -> Callable[[], float]:
    return lambda: 60.0 * number + 1


def shared(redis: Redis) -> Rates:
    """Return what one of several processes counts by."""
    return Rates(Accelerator(redis, wait_s=5), now_s=minute())


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_minute_allows_so_much_and_the_next_one_as_much_again(*, at_once: bool) -> None:
    now = {"s": 1.0}
    rates = Rates(None, now_s=lambda: now["s"])

    async def spend(cost: int) -> int:
        if at_once:
            return rates.spend_at_once(CLIENT, cost, limit=LIMIT).left
        spent = await rates.spend(CLIENT, cost, limit=LIMIT)
        assert spent is not None
        return spent.left

    assert [await spend(4), await spend(6)] == [6, 0]
    with pytest.raises(RateLimitedError):
        await spend(1)
    now["s"] += 60
    assert await spend(1) == 9


async def test_keys_that_are_none_are_counted_by_address(shop: Shop, settings: Settings) -> None:
    known, fresh = await shop.key("read"), await shop.key("read")
    async with api_with(settings, failed_keys_per_address=3) as http:
        client = Client(http)
        assert await client.data("{ channels { code } }", headers=known)

        async def code(secret: str) -> str:
            return await client.code(
                "{ channels { code } }", headers={"Authorization": f"Bearer {secret}"}
            )

        said = [await code(f"vtr_{number}") for number in range(5)]
        assert said == ["UNAUTHENTICATED"] * 3 + ["RATE_LIMITED"] * 2
        assert await client.code("{ channels { code } }", headers=fresh) == "RATE_LIMITED"
        assert await client.data("{ channels { code } }", headers=known)
        assert await client.data("{ channels { code } }")


async def test_all_addresses_of_an_ipv6_network_are_counted_as_one(
    shop: Shop, settings: Settings
) -> None:
    assert shop.pool
    limited = {"failed_keys_per_address": 1, "graphql_rate_per_address": 1_000}
    app = create_app(settings.model_copy(update=limited))
    asked: list[Scope] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope)
        await app(scope, receive, send)

    def from_address(address: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=noting, client=(address, 1))
        return httpx2.AsyncClient(transport=transport, base_url="http://api.test")

    def left(limits: str) -> int:
        return int(limits.partition("r=")[2].partition(";")[0])

    async with (
        app.router.lifespan_context(app),
        from_address("2001:db8::1") as one,
        from_address("2001:db8::2") as other,
        from_address("2001:db8:0:1::1") as stranger,
    ):
        unknown = {"Authorization": "Bearer vtr_none"}
        codes = [
            await Client(http).code("{ channels { code } }", headers=unknown)
            for http in (one, other, stranger)
        ]
        assert codes == ["UNAUTHENTICATED", "RATE_LIMITED", "UNAUTHENTICATED"]

        params = {"query": "{ channels { code } }"}
        lefts = [
            left((await http.get("/graphql", params=params)).headers["RateLimit"])
            for http in (one, other, stranger)
        ]
        assert lefts[0] > lefts[1]
        assert lefts[2] > lefts[1]
        headers = dict(asked[-1]["headers"])
        target = target_of(asked[-1])
        again = app.answer_at_once(PlainRequest("GET", target, headers, "2001:db8::3"))
        assert again is not None
        assert left(again[0].decode()) < lefts[1]


async def test_without_a_limit_nothing_is_counted() -> None:
    assert await Rates(None).spend(CLIENT, 1, limit=0) is None


async def test_what_one_process_counted_at_once_counts_for_the_others(redis: Redis) -> None:
    one, other = shared(redis), shared(redis)
    for left in (9, 8, 7):
        assert one.spend_at_once(CLIENT, 1, limit=LIMIT).left == left
    async with asyncio.timeout(5):
        while True:
            spent = await other.spend(CLIENT, 0, limit=LIMIT)
            assert spent is not None
            if spent.left == 7:
                break
            await asyncio.sleep(0.01)
    await other.spend(CLIENT, 4, limit=LIMIT)
    assert (await one.spend(CLIENT, 1, limit=LIMIT) or pytest.fail("no limit")).left == 2
    assert one.spend_at_once(CLIENT, 1, limit=LIMIT).left == 1


async def test_what_is_answered_at_once_is_not_more_than_the_others_left(redis: Redis) -> None:
    one, other = shared(redis), shared(redis)
    await other.spend(CLIENT, LIMIT, limit=LIMIT)
    refused = 0
    async with asyncio.timeout(5):
        while not refused:
            try:
                one.spend_at_once(CLIENT, 1, limit=LIMIT)
            except RateLimitedError:
                refused += 1
            await asyncio.sleep(0.01)


async def test_without_redis_a_process_counts_for_itself() -> None:
    gone = Redis(host="127.0.0.1", port=1)
    rates = Rates(Accelerator(gone, wait_s=0.2), now_s=minute())
    async with gone:
        assert rates.spend_at_once(CLIENT, 3, limit=LIMIT).left == 7
        spent = await rates.spend(CLIENT, 3, limit=LIMIT)
        assert spent is not None
        assert spent.left == 4
