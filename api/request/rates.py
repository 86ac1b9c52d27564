"""How much each client may still ask for: cost by the minute, of a key or an address.

Counted in Redis where there is one, so that all processes share it; else, and while Redis does not
answer, each process counts for itself. What is answered at once is counted by what a process knows,
and told to Redis a moment later.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from catalog.errors import VitrineError
from catalog.memory.kept import Kept
from serving.redis import Accelerator

if TYPE_CHECKING:
    from redis.asyncio import Redis

WINDOW_S = 60
MAX_CLIENTS = 100_000
_REDIS_PREFIX = "vitrine:rate:"
#: A client and a minute.
_Key: TypeAlias = tuple[str, int]


class RateLimitedError(VitrineError):
    """The client has asked for more than a minute allows.

    Attributes:
        spent: how it stands.
    """

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, spent: "Spent") -> None:
        super().__init__(message)
        self.spent = spent


class Spent(NamedTuple):
    """How a client stands in this minute.

    Attributes:
        limit: cost that it may ask for in a minute.
        left: of that; never negative.
        resets_s: until the next minute begins.
    """

    limit: int
    left: int
    resets_s: int

    @property
    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"cost";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"cost";r={self.left};t={self.resets_s}',
        }


class Rates:
    """Counts what clients ask for.

    Args:
        redis: shared by several processes; None: this one counts for itself.
        now_s: seconds since 1970, on which processes agree well enough for minutes.
    """

    def __init__(
        self, redis: Accelerator | None, *, now_s: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._now_s = now_s
        self._counts: Kept[_Key, _SpentInMinute] = Kept(MAX_CLIENTS)
        self._owed: dict[_Key, int] = {}
        self._settling: asyncio.Task[None] | None = None

    @property
    def clients(self) -> int:
        """Return how many clients, each in a minute, are counted."""
        return len(self._counts)

    async def spend(self, client: str, cost: int, *, limit: int) -> Spent | None:
        """Count a cost; None: there is no limit.

        Args:
            client: `key:…` or `address:…`.
            cost: of the request.
            limit: cost by the minute; 0: none.

        Raises:
            RateLimitedError: it is more than what is left.
        """
        if not limit:
            return None
        now_s = self._now_s()
        minute = int(now_s // WINDOW_S)
        total = await self._add((client, minute), cost)
        return self._spent(total, cost, limit, now_s)

    def spend_at_once(self, client: str, cost: int, *, limit: int) -> Spent:
        """Count a small cost by what is known here; processes that share it hear of it just after.

        Raises:
            RateLimitedError: it is more than what is left.
        """
        now_s = self._now_s()
        key = client, int(now_s // WINDOW_S)
        total = self._add_here(key, cost)
        if self._redis is not None:
            self._owed[key] = self._owed.get(key, 0) + cost
            if self._settling is None or self._settling.done():
                self._settling = asyncio.create_task(self._settle())
        return self._spent(total, cost, limit, now_s)

    @staticmethod
    def _spent(total: int, cost: int, limit: int, now_s: float) -> Spent:
        minute = int(now_s // WINDOW_S)
        resets_s = max(1, math.ceil((minute + 1) * WINDOW_S - now_s))
        spent = Spent(limit, max(0, limit - total), resets_s)
        if total > limit:
            raise RateLimitedError(
                f"a minute allows a cost of {limit:,}, and with this operation's {cost:,} it would "
                f"be {total:,}: ask again in {resets_s} s, or for less",
                spent=spent,
            )
        return spent

    async def _add(self, key: _Key, cost: int) -> int:
        total = await self._add_shared(key, cost)
        return self._add_here(key, cost) if total is None else total

    async def _add_shared(self, key: _Key, cost: int) -> int | None:
        """Count where all processes do, and return the total there; None: nobody answers."""
        if self._redis is None:
            return None
        client, minute = key
        name = f"{_REDIS_PREFIX}{client}:{minute}"
        total = await self._redis.ask(partial(_add, name=name, cost=cost))
        if total is not None:
            self._count_of(key).total = total + self._owed.get(key, 0)
        return total

    async def _settle(self) -> None:
        """Tell the others what was counted here alone."""
        while self._owed:
            key = next(iter(self._owed))
            await self._add_shared(key, self._owed.pop(key))

    def _add_here(self, key: _Key, cost: int) -> int:
        count = self._count_of(key)
        count.total += cost
        return count.total

    def _count_of(self, key: _Key) -> "_SpentInMinute":
        count = self._counts.get(key)
        if count is None:
            count = _SpentInMinute()
            self._counts.put(key, count)
        return count


@dataclass(slots=True)
class _SpentInMinute:
    """What a client has asked for in a minute; changed in place, which is quick."""

    total: int = 0


async def _add(redis: "Redis", *, name: str, cost: int) -> int:
    async with redis.pipeline(transaction=False) as pipe:
        pipe.incrby(name, cost)
        pipe.expire(name, 2 * WINDOW_S)
        total, _ = await pipe.execute()
    return int(total)
