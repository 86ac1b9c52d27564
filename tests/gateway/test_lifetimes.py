"""Lifetimes: none crosses the end of the right, and no cache keeps what is not for all of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from pydantic import SecretStr

from catalog.rights.model import NEVER
from edge.edges import TrustedHop
from edge.lifetimes import Lifetimes
from gateway.lifetimes import LifetimeInputs, lifetimes_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = LifetimeInputs(
    now=NOW,
    holds_until=NEVER,
    token_ends=NOW + timedelta(days=1),
    preset_s=86_400,
    is_same_everywhere=True,
    is_negotiated=False,
)
PLAIN = TrustedHop(name="cdn", networks=(ip_network("10.0.0.0/8"),))
VARYING = PLAIN.model_copy(update={"territory": "vary", "honours_vary": True})
KEYED = PLAIN.model_copy(update={"territory": "key"})
UNTARGETED = PLAIN.model_copy(update={"reads_targeted": False})
EDGE = PLAIN.model_copy(update={"kind": "authorising", "secret": SecretStr("x" * 16)})


def lifetimes(
    hop: TrustedHop | None,
    moment: LifetimeInputs = MOMENT,
    *,
    overdue: bool = False,
    browser_s: int = 60,
) -> Lifetimes:
    return lifetimes_for(hop, moment, browser_max_age_s=browser_s, is_overdue=overdue)


@pytest.mark.parametrize("hop", [None, PLAIN, VARYING, KEYED, UNTARGETED, EDGE])
@pytest.mark.parametrize("left_s", [0.0, 0.4, 0.999, 1.0, 59.5, 301.0])
def test_nothing_lives_longer_than_the_right(hop: TrustedHop | None, left_s: float) -> None:
    found = lifetimes(hop, replace(MOMENT, holds_until=NOW + timedelta(seconds=left_s)))

    assert found.browser_s <= left_s
    assert found.edge_s <= left_s
    if left_s < 1:
        assert found.edge_cache_control == "no-store"
        assert found.cache_control == "private, no-cache"


@pytest.mark.parametrize("hop", [None, PLAIN, VARYING, KEYED])
def test_what_a_plain_cache_hands_out_ends_with_the_right_though_its_age_is_rounded_down(
    hop: TrustedHop | None,
) -> None:
    ends = NOW + timedelta(seconds=20)
    found = lifetimes(hop, replace(MOMENT, holds_until=ends, token_ends=ends))

    assert (found.browser_s, found.edge_s) == (19, 19)
    token = lifetimes(hop, replace(MOMENT, token_ends=ends))
    assert (token.browser_s, token.edge_s) == (60, 19)


def test_a_plain_hop_keeps_at_most_five_minutes_and_ten_seconds_while_its_purges_are_late() -> None:
    assert lifetimes(PLAIN).edge_s == 300
    assert lifetimes(PLAIN, overdue=True).edge_s == 10
    assert lifetimes(None).edge_s == 300
    assert lifetimes(EDGE, overdue=True).edge_s == 86_400


def test_the_token_and_the_preset_end_what_an_edge_keeps() -> None:
    assert lifetimes(EDGE, replace(MOMENT, preset_s=600)).edge_s == 600
    soon = replace(MOMENT, token_ends=NOW + timedelta(seconds=90))
    assert lifetimes(EDGE, soon).edge_s == 90


@pytest.mark.parametrize(
    ("hop", "stored", "varies_by"),
    [
        (None, False, None),
        (PLAIN, False, None),
        (KEYED, True, None),
        (VARYING, True, "CF-IPCountry"),
    ],
)
def test_what_differs_by_country_is_stored_only_where_countries_are_told_apart(
    hop: TrustedHop | None, *, stored: bool, varies_by: str | None
) -> None:
    found = lifetimes(hop, replace(MOMENT, is_same_everywhere=False))

    assert (found.edge_s > 0, found.varies_by) == (stored, varies_by)
    assert found.cache_control.startswith("public" if stored else "private")
    assert lifetimes(hop).varies_by is None


def test_what_is_negotiated_is_stored_only_where_vary_is_honoured() -> None:
    negotiated = replace(MOMENT, is_negotiated=True)

    assert lifetimes(PLAIN, negotiated).edge_s == 0
    assert lifetimes(VARYING, negotiated).edge_s == 300
    assert lifetimes(EDGE, negotiated).edge_s == 86_400


def test_a_browser_may_be_told_to_ask_every_time() -> None:
    assert lifetimes(PLAIN, browser_s=0).cache_control == "public, no-cache"
    assert lifetimes(PLAIN).cache_control == "public, max-age=60, must-revalidate"
    assert lifetimes(PLAIN).capped(20).cache_control == "public, max-age=20, must-revalidate"


def test_a_hop_that_reads_no_targeted_header_finds_its_lifetime_in_cache_control() -> None:
    found = lifetimes(UNTARGETED)
    assert found.cache_control == "public, max-age=60, must-revalidate, s-maxage=300"
    assert found.capped(60).cache_control == "public, max-age=60, must-revalidate, s-maxage=60"
    overdue = lifetimes(UNTARGETED, overdue=True)
    assert overdue.cache_control == "public, max-age=60, must-revalidate, s-maxage=10"
    edge = lifetimes(EDGE.model_copy(update={"reads_targeted": False}))
    assert edge.cache_control.endswith(", s-maxage=86400")


def test_a_browser_that_asks_every_time_does_not_keep_such_a_hop_from_storing() -> None:
    found = lifetimes(UNTARGETED, browser_s=0)
    assert found.cache_control == "public, max-age=0, must-revalidate, s-maxage=300"


@pytest.mark.parametrize("change", [{"is_same_everywhere": False}, {"is_negotiated": True}])
def test_what_such_a_hop_may_not_store_is_private_and_has_no_s_maxage(
    change: dict[str, bool],
) -> None:
    found = lifetimes(UNTARGETED, replace(MOMENT, **change))
    assert found.cache_control == "private, max-age=60, must-revalidate"


@pytest.mark.parametrize("hop", [None, PLAIN, VARYING, KEYED, EDGE])
def test_nobody_else_is_told_an_s_maxage(hop: TrustedHop | None) -> None:
    assert "s-maxage" not in lifetimes(hop).cache_control


@pytest.mark.parametrize("hop", [None, PLAIN, VARYING, KEYED, UNTARGETED, EDGE])
def test_what_stands_in_for_a_better_format_lives_ten_seconds_anywhere(
    hop: TrustedHop | None,
) -> None:
    found = lifetimes(hop, replace(MOMENT, is_stand_in=True))
    assert (found.browser_s, found.edge_s) == (10, 10)
    ending = replace(MOMENT, is_stand_in=True, holds_until=NOW + timedelta(seconds=3))
    assert lifetimes(hop, ending).browser_s <= 3
