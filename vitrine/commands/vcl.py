"""`vitrine vcl`."""

import sys
from ipaddress import ip_network

from catalog.errors import InvalidInputError
from edge.vcl.write import LOOPBACK, Mode, vcl
from vitrine.settings import load_settings


def print_vcl(
    *,
    mode: Mode = "authorise",
    hop: str | None = None,
    backend: str | None = None,
    purge_from: tuple[str, ...] = (),
) -> None:
    """Print the configuration of a Varnish 7.1 with xkey, for these settings.

    Args:
        mode: `authorise` delivers by the gateway's decision, `plain` hands out what it stored,
            `answers` does so in front of the api.
        hop: name of the trusted hop that this Varnish is, where more than one would fit.
        backend: `host:port` of gateway or api, or of the next tier, as this Varnish sees it.
        purge_from: addresses of the purgers; by default loopback.

    Raises:
        InvalidInputError: an address has another form.
    """
    try:
        networks = [ip_network(each) for each in purge_from]
        address = _address(backend) if backend else None
    except ValueError as error:
        raise InvalidInputError(str(error)) from error
    settings = load_settings()
    sys.stdout.write(vcl(settings, mode, hop=hop, backend=address, purge_from=networks or LOOPBACK))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{text!r} is not host:port")
    return host.strip("[]"), int(port)
