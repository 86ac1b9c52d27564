"""`vitrine vcl` refuses what would leave a door open."""

from typing import Any

import pytest
from pydantic import SecretStr

from catalog.errors import SettingsError
from edge.vcl import vcl
from tests.gateway.varnish_rig import HOP_SECRET, PURGE_SECRET, settings
from vitrine.settings import Settings


def without(hop: str | None, secret: str | None, *, driver_secret: str = PURGE_SECRET) -> Settings:
    """Return settings whose hop and driver have these secrets, past their own validation."""
    known = settings()
    changed: Any = SecretStr(secret) if secret is not None else None
    hops = tuple(
        each.model_copy(update={"secret": changed}) if each.name == hop else each
        for each in known.trusted_hops
    )
    drivers = tuple(
        each.model_copy(update={"secret": SecretStr(driver_secret)}) for each in known.purge_drivers
    )
    return known.model_copy(update={"trusted_hops": hops, "purge_drivers": drivers})


@pytest.mark.parametrize("secret", [None, ""])
def test_a_hop_without_secret_gets_no_vcl(secret: str | None) -> None:
    with pytest.raises(SettingsError, match="hop edge"):
        vcl(without("edge", secret), "authorise", hop="edge")


def test_an_empty_purge_secret_gets_no_vcl() -> None:
    with pytest.raises(SettingsError, match="purge driver edge"):
        vcl(without("edge", HOP_SECRET, driver_secret=""), "authorise", hop="edge")


@pytest.mark.parametrize("secret", ['0123456789abcdef"', "0123456789abcdef\n", "0123456789%abcdef"])
def test_a_secret_that_could_end_its_string_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SettingsError) as raised:
        vcl(without("edge", secret), "authorise", hop="edge")
    assert secret not in raised.value.message


def test_the_hop_must_be_the_only_one_that_fits() -> None:
    with pytest.raises(SettingsError, match="edge, outer"):
        vcl(settings(), "authorise")
    with pytest.raises(SettingsError, match="found: none"):
        vcl(settings(), "authorise", hop="cdn")
    assert vcl(settings(), "plain") == vcl(settings(), "plain", hop="cache")


def test_nothing_of_a_mode_is_left_unfilled() -> None:
    assert "%%" not in vcl(settings(), "authorise", hop="edge")
    assert "%%" not in vcl(settings(), "plain")
    assert "%%" not in vcl(keeping_answers(), "answers")


def keeping_answers() -> Settings:
    known = settings()
    hops = tuple(
        each.model_copy(update={"answers": "vary"}) if each.name == "cache" else each
        for each in known.trusted_hops
    )
    return known.model_copy(update={"trusted_hops": hops})


def test_answers_are_kept_by_a_hop_that_says_so_in_front_of_the_api() -> None:
    with pytest.raises(SettingsError, match=r"that keeps `answers`.*found: none"):
        vcl(settings(), "answers")
    known = keeping_answers()
    assert f'.port = "{known.api_port}"' in vcl(known, "answers")
    assert f'.port = "{known.gateway_port}"' in vcl(known, "plain")
