"""Who asks, and from which country: only a trusted hop's word counts."""

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from starlette.datastructures import Headers

from catalog.rights.territory import is_country
from serving.edges import TrustedHop

SECRET_HEADER = "X-Vitrine-Hop-Secret"  # noqa: S105 - a header's name
LEG_HEADER = "X-Vitrine-Leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Where an answer goes.

    Attributes:
        hop: the trusted hop that asks; None: a browser, or a cache that nobody vouches for.
        country: ISO 3166-1 alpha-2 of the person behind it; None: unknown.
        asks_leave_only: leg 1 of an authorising edge: a decision is wanted, no pixels.
    """

    hop: TrustedHop | None
    country: str | None
    asks_leave_only: bool = False


class Hops:
    """The trusted hops of the settings."""

    def __init__(self, hops: Sequence[TrustedHop], *, demo_country: str | None) -> None:
        self._hops = tuple(hops)
        self._demo_country = demo_country

    def identify(self, address: str, headers: Headers) -> Viewer:
        """Find the hop that a request came by, and the viewer's country as that hop says it.

        Args:
            address: of the peer.
            headers: of the request; those of an untrusted peer say nothing.
        """
        hop = next((hop for hop in self._hops if _is_from(hop, address, headers)), None)
        country = None if hop is None else headers.get(hop.country_header)
        if country is None and self._demo_country is not None and _is_loopback(address):
            country = self._demo_country
        return Viewer(
            hop=hop,
            country=country if country is not None and is_country(country) else None,
            asks_leave_only=hop is not None
            and hop.kind == "authorising"
            and headers.get(LEG_HEADER) == "authorise",
        )


def _is_from(hop: TrustedHop, address: str, headers: Headers) -> bool:
    peer = _parsed(address)
    if peer is None or not any(peer in network for network in hop.networks):
        return False
    if hop.secret is None:
        return True
    given = headers.get(SECRET_HEADER, "").encode()
    return hmac.compare_digest(given, hop.secret.get_secret_value().encode())


def _is_loopback(address: str) -> bool:
    peer = _parsed(address)
    return peer is not None and peer.is_loopback


@lru_cache(maxsize=4096)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
