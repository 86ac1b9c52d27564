"""An address is counted as itself, and an IPv6 one as all that its owner has."""

from ipaddress import ip_address

import pytest

from edge.addresses import counted, parsed


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::/64"),
        ("", ""),
        ("a:b", "a:b"),
    ],
)
def test_an_ipv6_address_is_counted_as_its_network(address: str, counts_as: str) -> None:
    assert counted(address) == counts_as


def test_a_mapped_address_is_looked_for_as_the_one_that_it_is() -> None:
    assert parsed("::ffff:192.0.2.1") == ip_address("192.0.2.1")
    assert parsed("fe80::1%eth0") == ip_address("fe80::1")
    assert parsed("nowhere") is None
