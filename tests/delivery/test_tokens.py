"""Tokens: one canonical spelling, no grace at the end, and a grid that keeps URLs equal."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from catalog.delivery.model import Claims
from catalog.delivery.tokens import (
    SigningKey,
    TokenExpiredError,
    TokenInvalidError,
    TokenNotYetError,
    key_id,
    sign,
    staff_window,
    verify,
    web_window,
)

KEY = SigningKey("k1", b"0123456789abcdef0123456789abcdef")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLAIMS = Claims(
    kid="k1",
    asset="7f3k2cq9",
    channel="d2c",
    usage="web",
    market="DE",
    owner="p1234567",
    audience="web",
    not_before=NOW - timedelta(hours=1),
    expires_at=NOW + timedelta(hours=1),
)
STAFF = replace(
    CLAIMS,
    audience="staff",
    actor="Ada",
    not_before=NOW - timedelta(minutes=4),
    expires_at=NOW + timedelta(minutes=1),
)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def read(token: str, now: datetime = NOW, key: SigningKey | None = KEY) -> Claims:
    return verify(token, lambda kid: key if key and kid == key.kid else None, now)


@pytest.mark.parametrize(
    "claims",
    [
        CLAIMS,
        replace(CLAIMS, market=None, owner=None),
        replace(STAFF, actor="Zoë <zoe@shop.example>"),
    ],
)
def test_a_token_says_what_was_signed(claims: Claims) -> None:
    token = sign(claims, KEY)

    assert read(token) == claims
    assert key_id(token) == "k1"


def test_the_mac_is_that_of_itsdangerous() -> None:
    payload, _, mac = sign(CLAIMS, KEY).rpartition(".")
    signer = Signer(
        KEY.secret, salt=b"vitrine.media.1", digest_method=hashlib.sha256, key_derivation="hmac"
    )

    assert mac == signer.get_signature(payload).decode()


def test_a_token_is_refused_from_its_expiry_on() -> None:
    token = sign(CLAIMS, KEY)

    assert read(token, CLAIMS.expires_at - timedelta(microseconds=1))
    with pytest.raises(TokenExpiredError):
        read(token, CLAIMS.expires_at)


def test_a_token_is_accepted_thirty_seconds_early_and_no_sooner() -> None:
    token = sign(CLAIMS, KEY)

    assert read(token, CLAIMS.not_before - timedelta(seconds=30))
    with pytest.raises(TokenNotYetError):
        read(token, CLAIMS.not_before - timedelta(seconds=31))


@given(st.integers(min_value=0), st.characters(codec="utf-8"))
def test_no_other_spelling_of_a_token_verifies(place: int, character: str) -> None:
    token = sign(CLAIMS, KEY)
    place %= len(token)
    altered = token[:place] + character + token[place + 1 :]

    if altered != token:
        with pytest.raises(TokenInvalidError):
            read(altered)


def test_loose_trailing_bits_of_the_mac_do_not_verify() -> None:
    token = sign(CLAIMS, KEY)
    last = BASE64URL.index(token[-1])

    for loose in range(1, 4):
        with pytest.raises(TokenInvalidError):
            read(token[:-1] + BASE64URL[last ^ loose])
    with pytest.raises(TokenInvalidError):
        read(token + "=")


def test_a_key_that_is_not_in_use_verifies_nothing() -> None:
    with pytest.raises(TokenInvalidError):
        read(sign(CLAIMS, KEY), key=None)
    with pytest.raises(TokenInvalidError):
        read(sign(CLAIMS, KEY), key=SigningKey("k1", b"another secret of another key...."))


@given(
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(60, 400 * 86_400),
    st.integers(60, 400 * 86_400),
)
def test_the_window_of_a_web_token_is_a_grid_and_never_shorter_than_promised(
    now: datetime, window_s: int, min_life_s: int
) -> None:
    begins, ends = web_window("7f3k2cq9", now, window_s=window_s, min_life_s=min_life_s)

    assert begins <= now
    assert timedelta(seconds=min_life_s) <= ends - now
    assert ends - now <= timedelta(seconds=min_life_s + window_s)
    again = web_window("7f3k2cq9", begins, window_s=window_s, min_life_s=min_life_s)
    later = web_window("7f3k2cq9", ends, window_s=window_s, min_life_s=min_life_s)
    assert (later[1] - again[1]).total_seconds() % window_s == 0


def test_the_urls_of_different_assets_do_not_change_together() -> None:
    ends = {web_window(f"asset{n}", NOW, window_s=86_400, min_life_s=43_200)[1] for n in range(50)}

    assert len(ends) > 40


@pytest.mark.parametrize("instants", ["0a.tox3i0", "tox3i0.zzzzzzzz", "tox3i0.0"])
def test_instants_that_are_no_instants_are_refused_though_they_are_signed(instants: str) -> None:
    payload = f"k1.7f3k2cq9.d2c.web...w.{instants}"

    with pytest.raises((TokenInvalidError, TokenExpiredError)):
        read(f"{payload}.{KEY.mac(payload)}")


def test_a_staff_token_lives_five_minutes_from_its_second() -> None:
    begins, ends = staff_window(NOW + timedelta(microseconds=5))

    assert (begins, ends) == (NOW, NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    "claims",
    [
        replace(STAFF, actor=None),
        replace(STAFF, expires_at=STAFF.expires_at + timedelta(seconds=1)),
        replace(STAFF, not_before=STAFF.not_before - timedelta(days=400)),
        replace(CLAIMS, actor="Ada"),
    ],
)
def test_a_token_has_the_form_of_its_audience_however_well_it_is_signed(claims: Claims) -> None:
    with pytest.raises(TokenInvalidError):
        read(sign(claims, KEY))


@pytest.mark.parametrize("text", ["", "k1", "K1.a.b.c....w.0.1.x", "x" * 600])
def test_what_has_no_form_of_a_token_names_no_key(text: str) -> None:
    assert key_id(text) is None
