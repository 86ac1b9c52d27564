"""Claims: of several nodes that miss the same rendition at once, one makes it.

A claim in Redis only saves work. Without Redis, or with one that does not answer, every node
renders what it misses, as each would alone.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: How long a claim stands, and the longest that anyone waits for one: most renders take a tenth.
CLAIM_S = 3.0
_CLAIM_MS = int(CLAIM_S * 1000)
_PREFIX = "vitrine:claim:"
_ASK_AGAIN_S = 0.05
_LEAVE_ALONE_S = 5.0  # a Redis that does not answer must not cost every render its time-out
_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RenderClaims(Protocol):
    """Which node renders a rendition that several miss.

    Without a common Redis there are no claims, and each node renders what it misses.
    """

    async def take(self, key: str) -> bool:
        """Return whether this node is to render; it gives the claim back once that is stored."""
        ...

    async def settled(self, key: str) -> None:
        """Wait until nobody holds the claim any more, `CLAIM_S` at most."""
        ...

    async def give_back(self, key: str) -> None:
        """End the claim, if this node still holds it."""
        ...


class RedisClaims:
    """Claims in Redis, which all nodes of one object store share.

    Args:
        redis: with short time-outs and no retries.
        monotonic_s: a clock.
    """

    def __init__(
        self, redis: "Redis", *, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        from redis.exceptions import RedisError  # noqa: PLC0415 - for those who have a Redis

        self._unanswered = (RedisError, OSError, TimeoutError)
        self._redis = redis
        self._monotonic_s = monotonic_s
        self._node = uuid.uuid4().hex
        self._left_alone_until = float("-inf")

    async def take(self, key: str) -> bool:
        """Return whether this node is to render: no other renders it, or Redis does not answer."""
        return bool(
            await self._ask(
                lambda: self._redis.set(_PREFIX + key, self._node, nx=True, px=_CLAIM_MS),
                otherwise=True,
            )
        )

    async def settled(self, key: str) -> None:
        """Wait until nobody holds the claim any more, `CLAIM_S` at most."""
        over = self._monotonic_s() + CLAIM_S
        while self._monotonic_s() < over:
            if not await self._ask(lambda: self._redis.exists(_PREFIX + key), otherwise=0):
                return
            await asyncio.sleep(_ASK_AGAIN_S)

    async def give_back(self, key: str) -> None:
        """End the claim, if this node still holds it; else it ends by itself."""
        await self._ask(
            lambda: self._redis.eval(_GIVE_BACK, 1, _PREFIX + key, self._node), otherwise=0
        )

    async def _ask(self, question: Callable[[], Awaitable[T]], *, otherwise: T) -> T:
        """Ask Redis, unless it did not answer a moment ago."""
        if self._monotonic_s() < self._left_alone_until:
            return otherwise
        try:
            return await question()
        except self._unanswered as error:
            self._left_alone_until = self._monotonic_s() + _LEAVE_ALONE_S
            log.warning("claims_unavailable", error=type(error).__name__)
            return otherwise
