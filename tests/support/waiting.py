"""Waiting for what another process or task does: until it holds, at most so long."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(holds: Callable[[], Awaitable[bool]], *, within_s: float = 15) -> None:
    """Return as soon as the condition holds.

    Raises:
        TimeoutError: it did not, within the time.
    """
    deadline = time.monotonic() + within_s
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        await asyncio.sleep(0.05)
