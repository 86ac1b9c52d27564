"""The address of a peer, in the form in which it is looked up in networks, or counted."""

import ipaddress
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

_IPV6_SITE_BYTES = 8
_IPV4_MAPPED = b"\0" * 10 + b"\xff" * 2


@lru_cache(maxsize=4096)
def parsed(address: str) -> IPv4Address | IPv6Address | None:
    """Return an address to look up in networks, IPv4 in IPv6 as IPv4; None: it is no address."""
    try:
        peer = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (peer.version == 6 and peer.ipv4_mapped) or peer  # noqa: PLR2004 - IPv6


def counted(address: str) -> str:
    """Return what an address is counted as: an IPv6 address as its network of 64 bits.

    Whoever has one IPv6 address has all that begin so (RFC 4291, section 2.5.1). What is no address
    is counted as it is.
    """
    if ":" not in address:
        return address
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except OSError:
        return address
    if packed.startswith(_IPV4_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[len(_IPV4_MAPPED) :])
    site = packed[:_IPV6_SITE_BYTES].ljust(len(packed), b"\0")
    return f"{socket.inet_ntop(socket.AF_INET6, site)}/64"
