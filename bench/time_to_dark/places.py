"""Where images are asked for, and how late each place may still deliver one."""

from dataclasses import dataclass

from bench.shop import HOME_COUNTRY
from bench.time_to_dark.client import ViewerClient
from bench.time_to_dark.house import WatchedHouse

#: What the purger may need for a pass that is due: it looks once a second.
PURGE_MARGIN_S = 2.0
_WATCHED_LEASES = 2
_AFTER_MARGIN_S = 1.0
_LIT_S, _DARK_S, _DARK_PLAIN_S = 0.005, 0.1, 2.0
#: Of many gateways, each is asked more rarely, so that all of them together are asked as often.
_DARK_SHARE_S = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A gateway or a Varnish, and how often one image is asked for there.

    Attributes:
        kind: `gateway`, `edge` (a Varnish that delivers by leave of a gateway, kept while it is
            proven) or `plain` (one that asks only for what it does not hold).
        limit_s: after the commit, a request that is sent later must not be delivered.
        watch_s: after the commit, how long an image is asked for.
        lit_s: from one request to the next until the first refusal.
        dark_s: after it.
    """

    kind: str
    client: ViewerClient
    port: int
    limit_s: float
    watch_s: float
    lit_s: float
    dark_s: float


def places_of(house: WatchedHouse, *, watched: int) -> list[Place]:
    """Return every gateway and every Varnish of a house.

    Args:
        house: that runs.
        watched: how many images at once: each is asked for more rarely.
    """
    many = len(house.gateways)
    lease_s = house.settings.lease_s
    plain_s = house.settings.purge_times.last_s + PURGE_MARGIN_S
    gateways = [
        Place(
            kind="gateway",
            client=ViewerClient(port, country=HOME_COUNTRY),
            port=port,
            limit_s=lease_s,
            watch_s=_WATCHED_LEASES * lease_s,
            lit_s=_LIT_S * many * watched,
            dark_s=max(_DARK_S, _DARK_SHARE_S * many),
        )
        for port in house.gateways
    ]
    edges = [
        Place(
            kind=kind,
            client=ViewerClient(port, country=HOME_COUNTRY),
            port=port,
            limit_s=plain_s if kind == "plain" else lease_s,
            watch_s=plain_s + _AFTER_MARGIN_S if kind == "plain" else _WATCHED_LEASES * lease_s,
            lit_s=_LIT_S * watched,
            dark_s=_DARK_PLAIN_S if kind == "plain" else _DARK_S,
        )
        for kind, port in house.edges.items()
    ]
    return gateways + edges
