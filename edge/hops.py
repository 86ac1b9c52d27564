"""Who asks, and from which country: only a trusted hop's word counts."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.datastructures import Headers

from catalog.memory.kept import Kept
from catalog.rights.territory import is_country
from edge import addresses
from edge.edges import TrustedHop

SECRET_HEADER = "X-Vitrine-Hop-Secret"  # noqa: S105 - a header's name
LEG_HEADER = "X-Vitrine-Leg"
FRONT_HEADER = "X-Vitrine-Front"

_REMEMBERED = 4096
_LONGEST = 1_024  # bytes of headers that are remembered
_Given: TypeAlias = tuple[str | bytes | None, ...]  # the address, and the value of each header


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Viewer:
    """Where an answer goes; one and the same object for all that are alike.

    Attributes:
        hop: the trusted hop that asks; None: a browser, or a cache that nobody vouches for.
        country: ISO 3166-1 alpha-2 of the person behind it; None: unknown.
        hop_in_front: the trusted hop that an authorising edge answers, as that edge says.
        asks_leave_only: leg 1 of an authorising edge: a decision is wanted, no pixels.
    """

    hop: TrustedHop | None
    country: str | None
    hop_in_front: TrustedHop | None = None
    asks_leave_only: bool = False

    @property
    def keeper(self) -> TrustedHop | None:
        """Return the hop that the lifetimes of an answer are for; None: a browser.

        It is who asks; but leave is about what an authorising edge delivers to the hop in front.
        """
        return self.hop_in_front if self.asks_leave_only else self.hop


class Hops:
    """The trusted hops of the settings."""

    def __init__(self, hops: Sequence[TrustedHop], *, demo_country: str | None) -> None:
        # one that proves itself comes before one that only shares its network
        self._hops = tuple(sorted(hops, key=lambda hop: hop.secret is None))
        self._demo_country = demo_country
        names = {hop.country_header for hop in hops} | {SECRET_HEADER, LEG_HEADER, FRONT_HEADER}
        self._read = tuple(sorted(name.lower().encode() for name in names))
        self._recent: Kept[_Given, Viewer] = Kept(_REMEMBERED)
        self._viewers: dict[tuple[str | None, str | None, str | None, bool], Viewer] = {}

    def viewer_of(self, address: str, headers: Sequence[tuple[bytes, bytes]]) -> Viewer:
        """Return what `identify` says, remembered by the few headers that it reads.

        Args:
            address: of the peer.
            headers: of the request, their names in lower case.
        """
        given = {name: value for name, value in reversed(headers) if name in self._read}
        return self.viewer_by_headers(address, given)

    def viewer_by_headers(self, address: str, headers: Mapping[bytes, bytes]) -> Viewer:
        """Do the same by headers of which each has one value."""
        key = address, *map(headers.get, self._read)
        viewer = self._recent.get(key)
        if viewer is None:
            read = [(name, headers[name]) for name in self._read if name in headers]
            viewer = self._one_alike(self.identify(address, Headers(raw=read)))
            if sum(len(value) for _, value in read) <= _LONGEST:
                self._recent.put(key, viewer)
        return viewer

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
        is_edge = hop is not None and hop.kind == "authorising"
        front = headers.get(FRONT_HEADER) if is_edge else None
        return Viewer(
            hop=hop,
            hop_in_front=next((each for each in self._hops if each.name == front), None),
            country=country if country is not None and is_country(country) else None,
            asks_leave_only=is_edge and headers.get(LEG_HEADER) == "authorise",
        )

    def _one_alike(self, viewer: Viewer) -> Viewer:
        """Bounded by the hops and the countries that there are."""
        hop, front = viewer.hop, viewer.hop_in_front
        alike = hop and hop.name, viewer.country, front and front.name, viewer.asks_leave_only
        return self._viewers.setdefault(alike, viewer)


def _is_from(hop: TrustedHop, address: str, headers: Headers) -> bool:
    peer = addresses.parsed(address)
    if peer is None or not any(peer in network for network in hop.networks):
        return False
    if hop.secret is None:
        return True
    given = headers.get(SECRET_HEADER, "").encode()
    return hmac.compare_digest(given, hop.secret.get_secret_value().encode())


def _is_loopback(address: str) -> bool:
    peer = addresses.parsed(address)
    return peer is not None and peer.is_loopback
