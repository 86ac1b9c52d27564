"""The gateway's process: everything is wired here, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.db import Pool, open_pool
from catalog.events.feed import Feed
from catalog.events.log import event_log_at
from catalog.events.model import GatewayIdentity
from catalog.settings import MIB
from edge.edges import awaited
from edge.hops import Hops
from gateway.account import Account
from gateway.authorise import Authoriser
from gateway.index import Index, Lease
from gateway.leaves import Keepers
from gateway.lifespans import Lifespans
from gateway.loaders import loaders_from
from gateway.presence import Presence
from gateway.proof.delivery_log import LogLimits, open_delivery_log
from gateway.report import Reporter
from gateway.service import Gateway
from gateway.settings import GatewaySettings
from imaging.opening import open_renditions
from serving.at_once import Incoming, Whole
from serving.health import Check, operations_routes
from serving.middleware import RequestMiddleware
from serving.redis import open_redis
from serving.stores import open_store
from serving.tasks import run_in_background


class DeliveryApp(Starlette):
    """The gateway as an app; it opens nothing before its lifespan begins."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._checks: dict[str, Check] = {}
        self._running: Gateway | None = None
        self._settings = settings
        super().__init__(
            routes=operations_routes(self._checks),
            middleware=[
                Middleware(RequestMiddleware, logs_successes=False, single=settings.country_headers)
            ],
            lifespan=lambda _: self._run(),
        )
        self.router.default = self._deliver  # every other path is an image's, or refused as one
        self.router.redirect_slashes = False

    def answer_at_once(self, asked: Incoming) -> Whole | None:
        """Deliver what was delivered before and still holds."""
        return None if self._running is None else self._running.answer_at_once(asked)

    @asynccontextmanager
    async def _run(self) -> AsyncGenerator[None]:
        async with open_gateway(self._settings, self._checks) as gateway:
            self._running = gateway
            yield
            self._running = None

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running is None:
            raise RuntimeError("a request came before the lifespan began")
        response: Response = await self._running.handle(Request(scope, receive))
        await response(scope, receive, send)


def create_app(settings: GatewaySettings) -> DeliveryApp:
    """Make the gateway."""
    return DeliveryApp(settings)


@asynccontextmanager
async def open_gateway(
    settings: GatewaySettings, checks: dict[str, Check]
) -> AsyncGenerator[Gateway]:
    """Open pool, feed, store and renderers, and make the gateway of them.

    Raises:
        SettingsError: no signing key is active, or the master key does not open it.
    """
    async with AsyncExitStack() as stack:
        url = settings.gateway_database()
        pool = await stack.enter_async_context(open_pool(url, application="vitrine-gateway"))
        identity = GatewayIdentity.new()
        reporter = Reporter(pool, identity)
        store = await stack.enter_async_context(open_store(settings))
        redis = await stack.enter_async_context(open_redis(settings))
        renditions = await stack.enter_async_context(
            open_renditions(
                settings,
                store,
                redis,
                not_stored=lambda _, error: reporter.exception(
                    "rendition_not_stored", "store", error.code
                ),
            )
        )
        master_key = settings.master_key_bytes()
        await loaders_from(pool, master_key=master_key).catalogue()  # no key, no start
        lease = Lease(lease_s=settings.lease_s, left_s=lambda: feed.left_s)
        presence = Presence(identity, lease_s=lease.lease_s, left_s=lease.left_s)
        load = loaders_from(pool, master_key=master_key, before_read=presence.report)
        index = Index(load, lease, max_assets=settings.index_assets)
        feed = Feed(
            event_log_at(url, gateway=identity),
            lease_s=settings.lease_s,
            on_touched=lambda touches: index.drop([each.subject for each in touches]),
            on_reset=index.reset,
        )
        checks.update(_checks(feed, pool))
        limits = LogLimits(
            folder=settings.delivery_log,
            max_bytes=settings.delivery_log_max_mib * MIB,
        )
        delivery_log = await stack.enter_async_context(
            open_delivery_log(limits, identity.id, clock_error_s=lambda: feed.clock_error_s)
        )
        await stack.enter_async_context(run_in_background(reporter.run()))
        await stack.enter_async_context(run_in_background(feed.run()))
        stack.push_async_callback(reporter.flush)  # before the feed takes leave
        await feed.first_answer()  # a right that begins or ends is decided by the database's clock
        yield Gateway(
            index=index,
            authoriser=Authoriser(index, feed.now, path_prefix=urlsplit(settings.media_base).path),
            renditions=renditions,
            account=Account(reporter=reporter, delivery_log=delivery_log, now=feed.now),
            hops=Hops(settings.trusted_hops, demo_country=settings.demo_country),
            lifespans=Lifespans(
                browser_max_age_s=settings.browser_max_age_s,
                overdue_drivers=lambda: feed.overdue_drivers,
            ),
            now=feed.now,
            media_base=settings.media_base,
            keepers=Keepers(
                may_keep=settings.edge_keeps_decisions, awaited=awaited(settings.purge_drivers)
            ),
        )


def _checks(feed: Feed, pool: Pool) -> dict[str, Check]:
    async def feed_is_current() -> str | None:
        if not feed.is_usable:
            return "the event log has not answered within the lease"
        return None if feed.is_clock_sane else "the clock differs from the database's by over 30 s"

    async def database_answers() -> str | None:
        async with pool.acquire() as conn:
            await conn.execute("SELECT 1")
        return None

    return {"feed": feed_is_current, "database": database_answers}
