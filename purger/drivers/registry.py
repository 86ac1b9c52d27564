"""Opens the drivers that the settings name."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2

from edge.purge_drivers import (
    CloudflareDriver,
    CloudFrontDriver,
    FastlyDriver,
    PurgeDriver,
    VarnishDriver,
    WebhookDriver,
)
from purger.drivers.cloudflare import Cloudflare
from purger.drivers.cloudfront import open_cloudfront
from purger.drivers.fastly import Fastly
from purger.drivers.model import Driver
from purger.drivers.varnish import Varnish
from purger.drivers.webhook import Webhook


@asynccontextmanager
async def open_drivers(
    configs: Sequence[PurgeDriver], client: httpx2.AsyncClient
) -> AsyncGenerator[tuple[Driver, ...]]:
    """Open one driver for each of `settings.purge_drivers`, those over HTTP with one client."""
    async with AsyncExitStack() as opened:
        yield tuple([await _open(config, client, opened) for config in configs])


async def _open(config: PurgeDriver, client: httpx2.AsyncClient, opened: AsyncExitStack) -> Driver:
    match config:
        case VarnishDriver():
            return Varnish(config, client)
        case FastlyDriver():
            return Fastly(config, client)
        case CloudflareDriver():
            return Cloudflare(config, client)
        case CloudFrontDriver():
            return await opened.enter_async_context(open_cloudfront(config))
        case WebhookDriver():
            return Webhook(config, client)
