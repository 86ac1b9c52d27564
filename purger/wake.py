"""A connection of its own that a NOTIFY wakes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from catalog.db import Connection, connect


@dataclass(frozen=True, slots=True)
class Waker:
    """A connection that LISTENs, and whether a NOTIFY has come since `clear`."""

    conn: Connection
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def clear(self) -> None:
        """Forget earlier notifications; then look, then wait: nothing falls between."""
        self._event.clear()

    def wake(self, *_: object) -> None:
        """Note a notification."""
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        """Return at a notification since `clear`, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):  # wait_for may swallow a stop at its very end
                await self._event.wait()


@asynccontextmanager
async def listening(url: str, channel: str, *, application: str) -> AsyncGenerator[Waker]:
    """Connect and LISTEN; the connection, and with it every lock, ends with the block."""
    conn = await connect(url, application=application)
    try:
        waker = Waker(conn)
        await conn.add_listener(channel, waker.wake)
        yield waker
    finally:
        conn.terminate()
