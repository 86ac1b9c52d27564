"""Redis, where the settings name one: it only accelerates, so it is never waited for.

Whoever asks it goes on without an answer; every question is short, and asked once.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from serving.settings import Settings

_TIMEOUT_S = 0.5


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncGenerator[Redis | None]:
    """Keep connections to Redis; None: the settings name none. It need not be there yet."""
    if settings.redis_url is None:
        yield None
        return
    redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - its options have no types
        settings.redis_url.get_secret_value(),
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    async with redis:
        yield redis
