"""Makes the drivers that the settings name."""

from collections.abc import Sequence

import httpx

from gateway.purge.drivers.model import Driver
from gateway.purge.drivers.varnish import Varnish
from gateway.purge.drivers.webhook import Webhook
from serving.edges import PurgeDriver, VarnishDriver


def make_drivers(configs: Sequence[PurgeDriver], client: httpx.AsyncClient) -> tuple[Driver, ...]:
    """Return one driver for each of `settings.purge_drivers`, over one HTTP client."""
    return tuple(_make(config, client) for config in configs)


def _make(config: PurgeDriver, client: httpx.AsyncClient) -> Driver:
    if isinstance(config, VarnishDriver):
        return Varnish(config, client)
    return Webhook(config, client)
