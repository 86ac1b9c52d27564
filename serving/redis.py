"""Redis, where the settings name one: it only accelerates, so it is hardly waited for.

Whoever asks it goes on without an answer. Every question is short, and asked once; after one that
was not answered none is asked for a moment.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import structlog
from prometheus_client import Counter

from serving.settings import RedisSettings

if TYPE_CHECKING:  # loading it is a tenth of a start, and most settings name none
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

T = TypeVar("T")

_TIMEOUT_S = 0.5
_LEAVE_ALONE_S = 1.0

_UNANSWERED = Counter(
    "vitrine_redis_unanswered",
    "Questions that Redis refused or did not answer in time.",
    ("error",),
)


@asynccontextmanager
async def open_redis(
    settings: RedisSettings, *, timeout_s: float = _TIMEOUT_S
) -> AsyncGenerator["Redis | None"]:
    """Keep connections to Redis; None: the settings name none. It need not be there yet."""
    if settings.redis_url is None:
        yield None
        return
    from redis.asyncio import Redis  # noqa: PLC0415 - see above
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - loaded where a Redis is named
    from redis.backoff import NoBackoff  # noqa: PLC0415 - likewise

    redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - its options have no types
        settings.redis_url.get_secret_value(),
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    async with redis:
        yield redis


class Accelerator:
    """Asks Redis, and leaves it alone for a second once it did not answer in time.

    Args:
        redis: with no retries of its own.
        wait_s: for an answer.
        monotonic_s: a clock.
    """

    def __init__(
        self, redis: "Redis", *, wait_s: float, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415 - see above

        self._refused = ResponseError
        self._unanswered = (RedisError, OSError, TimeoutError)
        self._redis = redis
        self._wait_s = wait_s
        self._monotonic_s = monotonic_s
        self._left_alone_until = float("-inf")

    async def ask(self, question: "Callable[[Redis], Awaitable[T]]") -> T | None:
        """Return what Redis answers; None: nothing in time, or that it refuses."""
        if self._monotonic_s() < self._left_alone_until:
            return None
        try:
            async with asyncio.timeout(self._wait_s):
                return await question(self._redis)
        except self._refused as error:  # it answers, so it is not left alone: it may be full
            _UNANSWERED.labels(type(error).__name__).inc()
            return None
        except self._unanswered as error:
            self._left_alone_until = self._monotonic_s() + _LEAVE_ALONE_S
            _UNANSWERED.labels(type(error).__name__).inc()
            log.warning("redis_unavailable", error=type(error).__name__)
            return None
