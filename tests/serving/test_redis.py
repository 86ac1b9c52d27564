"""Redis is hardly waited for, and what it says in time is taken."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from serving.redis import Accelerator, open_redis
from tests.support.redis_server import RedisServer, needs_redis, run_redis, say
from vitrine.settings import load_settings

pytestmark = needs_redis


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer]:
    with run_redis(tmp_path) as running:
        yield running


@pytest.fixture
async def redis(server: RedisServer) -> AsyncGenerator[Redis]:
    async with open_redis(load_settings(redis_url=server.url), timeout_s=5) as opened:
        assert opened is not None
        yield opened


async def test_one_that_does_not_answer_is_left_alone_for_a_second(
    server: RedisServer, redis: Redis
) -> None:
    now_s = 100.0
    await redis.set("a", "b")
    accelerator = Accelerator(redis, wait_s=0.5, monotonic_s=lambda: now_s)
    server.freeze()
    assert await accelerator.ask(lambda each: each.get("a")) is None
    server.thaw()
    patient = Accelerator(redis, wait_s=5)
    assert await patient.ask(lambda each: each.get("a")) == b"b"
    assert await accelerator.ask(lambda each: each.get("a")) is None
    now_s += 1
    assert await accelerator.ask(lambda each: each.get("a")) == b"b"


async def test_one_that_is_gone_is_found_again(server: RedisServer, redis: Redis) -> None:
    now_s = 100.0
    accelerator = Accelerator(redis, wait_s=5, monotonic_s=lambda: now_s)
    server.stop()
    assert await accelerator.ask(lambda each: each.get("a")) is None
    server.start()
    await redis.set("a", "b")
    assert await accelerator.ask(lambda each: each.get("a")) is None
    now_s += 1
    assert await accelerator.ask(lambda each: each.get("a")) == b"b"


async def test_one_that_refuses_is_asked_on(redis: Redis) -> None:
    await redis.set("a", "b")
    await say(redis, "LPUSH", "list", "c")
    accelerator = Accelerator(redis, wait_s=5)
    assert await accelerator.ask(lambda each: each.get("list")) is None
    assert await accelerator.ask(lambda each: each.get("a")) == b"b"
