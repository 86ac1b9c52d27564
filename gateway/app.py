"""The gateway's process: everything is wired here, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.events.model import GatewayIdentity
from catalog.memory.lease import Lease
from catalog.settings import MIB
from edge.edges import awaited
from edge.hops import Hops
from gateway.answer_recorder import AnswerRecorder
from gateway.authorise import Authoriser
from gateway.index import Index
from gateway.leaves import Keepers
from gateway.lifetime_policy import LifetimePolicy
from gateway.loaders import loaders_from
from gateway.presence import Presence
from gateway.proof.delivery_log import LogLimits, open_delivery_log
from gateway.report import Reporter
from gateway.service import Gateway
from gateway.settings import GatewaySettings
from imaging.opening import open_renditions
from serving.at_once import PlainRequest, RawAnswer
from serving.process import Checks, ProcessApp, open_process
from serving.redis import open_redis
from serving.stores import open_store

_CONNECTIONS = 8


class DeliveryApp(ProcessApp[Gateway]):
    """The gateway as an app."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(settings, partial(open_gateway, settings))
        self.router.default = self._deliver  # every other path is an image's, or refused as one
        self.router.redirect_slashes = False

    def answer_at_once(self, asked: PlainRequest) -> RawAnswer | None:
        """Deliver what was delivered before and still holds."""
        return None if self.running is None else self.running.answer_at_once(asked)

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.running is None:
            raise RuntimeError("a request came before the lifespan began, or after its end")
        response: Response = await self.running.handle(Request(scope, receive))
        await response(scope, receive, send)


def create_app(settings: GatewaySettings) -> DeliveryApp:
    """Make the gateway."""
    return DeliveryApp(settings)


@asynccontextmanager
async def open_gateway(settings: GatewaySettings, checks: Checks) -> AsyncGenerator[Gateway]:
    """Open pool, feed, store and renderers, and make the gateway of them.

    Raises:
        SettingsError: no signing key is active, or the master key that opens it is missing.
    """
    url, keys = settings.gateway_database(), settings.master_keys()
    async with open_process(
        "gateway", url, checks, connections=_CONNECTIONS, plans_once=True, keys=keys
    ) as process:
        identity = GatewayIdentity.new()
        reporter = Reporter(process.pool, identity)
        store = await process.open(open_store(settings))
        redis = await process.open(open_redis(settings))

        def not_stored(_: RenditionRequest, error: VitrineError) -> None:
            reporter.open_task("rendition_not_stored", "store", error.code)

        renditions = await process.open(
            open_renditions(settings, store, redis, not_stored=not_stored)
        )
        loaders = partial(loaders_from, process.pool, master_keys=keys)
        await loaders().catalogue()  # no key, no start
        lease = Lease(lease_s=settings.lease_s, left_s=lambda: feed.left_s)
        presence = Presence(identity, lease_s=lease.lease_s, left_s=lease.left_s)
        load = loaders(before_read=presence.report)
        index = Index(load, lease, max_assets=settings.index_assets)
        feed = process.feed(
            gateway=identity,
            lease_s=settings.lease_s,
            on_touched=lambda touches: index.drop([each.subject for each in touches]),
            on_reset=index.reset,
        )
        limits, error_s = _log_limits(settings), lambda: feed.clock_error_s
        delivery_log = await process.open(
            open_delivery_log(limits, identity.id, clock_error_s=error_s)
        )
        await process.run(reporter.run(), feed.run())
        process.at_end(reporter.flush)  # before the feed takes leave
        await feed.first_answer()  # a right that begins or ends is decided by the database's clock
        await process.report("gateway", identity)
        yield Gateway(
            index=index,
            authoriser=Authoriser(index, feed.now, path_prefix=urlsplit(settings.media_base).path),
            renditions=renditions,
            recorder=AnswerRecorder(reporter=reporter, delivery_log=delivery_log, now=feed.now),
            hops=Hops(settings.trusted_hops, demo_country=settings.demo_country),
            lifetime_policy=LifetimePolicy(
                browser_max_age_s=settings.browser_max_age_s,
                overdue_drivers=lambda: feed.overdue_drivers,
            ),
            now=feed.now,
            media_base=settings.media_base,
            keepers=_keepers(settings),
        )


def _keepers(settings: GatewaySettings) -> Keepers:
    return Keepers(may_keep=settings.edge_keeps_decisions, awaited=awaited(settings.purge_drivers))


def _log_limits(settings: GatewaySettings) -> LogLimits:
    return LogLimits(folder=settings.delivery_log, max_bytes=settings.delivery_log_max_mib * MIB)
