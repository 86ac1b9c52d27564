"""The event log as one reader sees it: a direct connection to the primary that LISTENs."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeAlias

from catalog.db import Connection, connect, ended_as_gone
from catalog.events import store
from catalog.events.model import FeedAnswer, GatewayIdentity


class EventLog(Protocol):
    """The log through one connection. Its calls raise what `DATABASE_FAILED` names."""

    async def ask(self, applied: str | None) -> FeedAnswer:
        """Return what became visible since a snapshot, and report that snapshot as applied."""
        ...

    async def leave(self) -> None:
        """Say that this reader has stopped, so that nobody waits for it."""
        ...


#: Connects to the log until the block ends; calls its argument whenever something is appended.
OpenLog: TypeAlias = Callable[[Callable[[], None]], AbstractAsyncContextManager[EventLog]]


def event_log_at(
    url: str, *, gateway: GatewayIdentity | None = None, application: str = "vitrine-feed"
) -> OpenLog:
    """Return how to connect to the log of a primary.

    Args:
        url: a direct connection, no replica and no transaction pooler.
        gateway: that reports; None: nobody waits for this reader.
        application: the name that `pg_stat_activity` shows.
    """

    @asynccontextmanager
    async def open_log(wake: Callable[[], None]) -> AsyncGenerator[EventLog]:
        def on_notify(*_: object) -> None:
            wake()

        # an answer must not wait for the disk: an acknowledgement that a crash loses is given again
        conn = await connect(url, application=application, waits_for_disk=False)
        try:
            with ended_as_gone(conn):
                await conn.add_listener(store.EVENTS_CHANNEL, on_notify)
                yield _ConnectedLog(conn, gateway)
        finally:
            conn.terminate()

    return open_log


class _ConnectedLog:
    def __init__(self, conn: Connection, gateway: GatewayIdentity | None) -> None:
        self._conn = conn
        self._gateway = gateway

    async def ask(self, applied: str | None) -> FeedAnswer:
        return await store.ask(self._conn, applied=applied, gateway=self._gateway)

    async def leave(self) -> None:
        if self._gateway is not None and not self._conn.is_closed():
            await store.leave(self._conn, self._gateway)
