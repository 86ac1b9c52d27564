"""Single flight: what many ask for at the same time is done once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class FlightResult(NamedTuple, Generic[T]):
    """What came of a flight, and whether this caller joined one that was under way."""

    result: T
    joined: bool


class Flights(Generic[K, T]):
    """Work in progress by key. Who leaves takes nobody along; an error reaches all who wait."""

    def __init__(self) -> None:
        self._under_way: dict[K, asyncio.Task[T]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._under_way

    async def share(self, key: K, begin: Callable[[], Coroutine[Any, Any, T]]) -> FlightResult[T]:
        """Join the work for this key, or begin it."""
        if under_way := self._under_way.get(key):
            return FlightResult(await asyncio.shield(under_way), joined=True)
        task = asyncio.create_task(begin())
        self._under_way[key] = task
        task.add_done_callback(lambda done: self._land(key, done))
        return FlightResult(await asyncio.shield(task), joined=False)

    async def close(self) -> None:
        """End all of it."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _land(self, key: K, task: asyncio.Task[T]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen: every caller that still waits has it
