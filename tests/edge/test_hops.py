"""Trusted hops: only who proves itself may say where a viewer is."""

from ipaddress import ip_network

import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from edge.edges import TrustedHop
from edge.hops import Hops

SECRET = "a secret of sixteen"
CDN = TrustedHop(
    name="cdn",
    networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
    country_header="X-Country",
)
EDGE = TrustedHop(
    name="edge", networks=(ip_network("10.0.0.0/8"),), secret=SecretStr(SECRET), kind="authorising"
)
HOPS = Hops([CDN, EDGE], demo_country=None)
PROOF = {"X-Vitrine-Hop-Secret": SECRET}


def test_the_country_of_a_trusted_hop_is_believed_and_nobody_elses() -> None:
    said = Headers({"X-Country": "FR", "CF-IPCountry": "FR"})

    assert HOPS.identify("10.1.2.3", said).country == "FR"
    assert HOPS.identify("2001:db8::7", said).country == "FR"
    stranger = HOPS.identify("192.0.2.1", said)
    assert (stranger.hop, stranger.country) == (None, None)
    assert HOPS.identify("", said).hop is None


def test_a_hop_with_a_secret_comes_first_and_only_with_it() -> None:
    leg = {"X-Vitrine-Leg": "authorise", "CF-IPCountry": "DE"}

    proven = HOPS.identify("10.1.2.3", Headers(leg | PROOF))
    assert proven.hop is EDGE
    assert proven.country == "DE"
    assert proven.asks_leave_only

    for forged in ({}, {"X-Vitrine-Hop-Secret": "guess"}, {"X-Vitrine-Hop-Secret": "\u00e9"}):
        refused = HOPS.identify("10.1.2.3", Headers(leg | forged))
        assert refused.hop is CDN
        assert not refused.asks_leave_only
    assert HOPS.identify("192.0.2.1", Headers(leg | PROOF)).hop is None


def test_an_edge_may_name_the_hop_in_front_of_it_and_a_plain_hop_may_not() -> None:
    front = {"X-Vitrine-Front": "cdn"}

    assert HOPS.identify("10.1.2.3", Headers(front | PROOF)).hop_in_front is CDN
    assert HOPS.identify("10.1.2.3", Headers(front)).hop_in_front is None


@pytest.mark.parametrize(("address", "country"), [("127.0.0.1", "US"), ("192.0.2.1", None)])
def test_the_demo_country_is_for_loopback_that_names_none(
    address: str, country: str | None
) -> None:
    hops = Hops(
        [TrustedHop(name="loopback", networks=(ip_network("127.0.0.0/8"),))], demo_country="US"
    )

    assert hops.identify(address, Headers({})).country == country
    if address == "127.0.0.1":
        assert hops.identify(address, Headers({"CF-IPCountry": "JP"})).country == "JP"
        assert hops.identify(address, Headers({"CF-IPCountry": "XX"})).country is None
