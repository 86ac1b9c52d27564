"""The frame of every process: its app, and what it works with until it ends.

Each `app.py` fills it: what a process opens is closed in the reverse order, and so is what runs in
the background, before whatever it works with.
"""

import uuid
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    MutableMapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Generic, TypeAlias, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from catalog.changes import Changes
from catalog.db import Connection, Pool, open_pool
from catalog.events import process_store
from catalog.events.feed import Feed
from catalog.events.log import event_log_at
from catalog.events.model import GatewayIdentity, Touch
from catalog.events.process_store import ProcessKind, ProcessReport
from catalog.reactions import reactions
from catalog.sealing import MasterKeys
from serving.health import Check, operations_routes
from serving.heartbeat import Heartbeat, Write
from serving.middleware import RequestMiddleware
from serving.settings import ChangeSettings, ProcessSettings
from serving.tasks import run_in_background

T = TypeVar("T")
Checks: TypeAlias = MutableMapping[str, Check]
#: Opens what a process works with, and says by which checks it is ready.
Open: TypeAlias = Callable[[Checks], AbstractAsyncContextManager[T]]


class ProcessApp(Starlette, Generic[T]):
    """The app of a process; it opens nothing before its lifespan begins.

    Args:
        settings: name the headers that may stand once in a request.
        opened: what its lifespan opens.
        routes: its own, before those for whoever operates it.
        middleware: its own, within that of every request.

    Attributes:
        running: what is open; None: the lifespan has not begun, or is ending: nothing is answered
            by what is being closed, nor after closing it failed.
    """

    def __init__(
        self,
        settings: ProcessSettings,
        opened: Open[T],
        *,
        routes: Sequence[BaseRoute] = (),
        middleware: Sequence[Middleware] = (),
    ) -> None:
        self.running: T | None = None
        checks: Checks = {}

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncGenerator[None]:
            async with opened(checks) as running:
                self.running = running
                try:
                    yield
                finally:
                    self.running = None  # its feed takes leave: what is known is proven no more

        outermost = Middleware(
            RequestMiddleware, logs_successes=False, single=settings.country_headers
        )
        super().__init__(
            routes=[*routes, *operations_routes(checks)],
            middleware=[outermost, *middleware],
            lifespan=lifespan,
        )


class Process:
    """What a process works with; `open_process` makes one.

    Attributes:
        url: of the database, for connections besides the pool; a secret.
        application: what the database shows of those, beside the process.
        pool: of connections to the primary.
    """

    def __init__(
        self, stack: AsyncExitStack, url: str, pool: Pool, checks: Checks, *, application: str
    ) -> None:
        self.url = url
        self.application = application
        self.pool = pool
        self._stack = stack
        self._checks = checks
        self._feed: Feed | None = None

    def check(self, name: str, check: Check) -> None:
        """Add what must hold before requests may come."""
        self._checks[name] = check

    async def open(self, opened: AbstractAsyncContextManager[T]) -> T:
        """Open something until the process ends."""
        return await self._stack.enter_async_context(opened)

    async def run(self, *works: Coroutine[object, object, None]) -> None:
        """Run each in the background until the process ends."""
        for work in works:
            await self.open(run_in_background(work))

    def at_end(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call when the process ends, before anything that is open until now is closed."""
        self._stack.push_async_callback(call)

    def feed(
        self,
        *,
        lease_s: float,
        on_touched: Callable[[Sequence[Touch]], None],
        on_reset: Callable[[], None],
        gateway: GatewayIdentity | None = None,
    ) -> Feed:
        """Make the feed of this process, without which it is not ready; it is run by the caller."""
        feed = Feed(
            event_log_at(self.url, gateway=gateway, application=self.application),
            lease_s=lease_s,
            on_touched=on_touched,
            on_reset=on_reset,
        )
        self.check("feed", partial(_feed_is_current, feed))
        self._feed = feed
        return feed

    async def report(self, kind: ProcessKind, gateway: GatewayIdentity | None = None) -> None:
        """Say in the database how this process stands, from now on until it ends.

        Args:
            kind: which it is.
            gateway: whose row it is, of a gateway.
        """
        feed = self._feed
        lag_s = None if feed is None else lambda: feed.lag_s
        write = _writer(kind) if gateway is None else _gateway_writer(gateway)
        beat = Heartbeat(self.pool, write, self._checks, lag_s)
        self.at_end(beat.leave)
        await self.run(beat.run())


@asynccontextmanager
async def open_process(
    name: str,
    url: str,
    checks: Checks,
    *,
    connections: int,
    plans_once: bool = False,
    keys: MasterKeys | None = None,
) -> AsyncGenerator[Process]:
    """Open the pool of a process, and close at the end all that was opened in it.

    Args:
        name: of the process, which the database shows: `api`, `gateway`, …
        url: of the database, for the login that this process has.
        checks: by which it is ready; they are added as what they ask is opened.
        connections: the most of its pool.
        plans_once: as of `open_pool`.
        keys: that it has; a rotation of the master key waits for those that lack the new one.
    """
    application = f"vitrine-{name}" if keys is None else f"vitrine-{name} {keys.announcement}"
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            open_pool(url, application=application, max_size=connections, plans_once=plans_once)
        )
        process = Process(stack, url, pool, checks, application=application)
        process.check("database", partial(_database_answers, pool))
        yield process


def changes_on(
    pool: Pool,
    settings: ChangeSettings,
    *,
    on_commit: Callable[[Sequence[Touch]], None] = lambda _: None,
) -> Changes:
    """Return what begins changes of a process or command, with all that follows them."""
    return Changes(
        pool=pool,
        reactions=reactions(warm_up=settings.warm_up),
        purge_times=settings.purge_times,
        on_commit=on_commit,
    )


def _writer(kind: ProcessKind) -> Write:
    process = uuid.uuid4()

    async def write(conn: Connection, said: ProcessReport | None) -> None:
        if said is None:
            await process_store.leave(conn, process)
        else:
            await process_store.report_process(conn, process, kind, said)

    return write


def _gateway_writer(gateway: GatewayIdentity) -> Write:
    async def write(conn: Connection, said: ProcessReport | None) -> None:
        await process_store.describe_gateway(conn, gateway, said)

    return write


async def _feed_is_current(feed: Feed) -> str | None:
    if not feed.is_usable:
        return "the event log has not answered within the lease"
    return None if feed.is_clock_sane else "the clock differs from the database's by over 30 s"


async def _database_answers(pool: Pool) -> str | None:
    await pool.fetchval("SELECT 1")
    return None
