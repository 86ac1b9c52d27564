"""Passwords by Argon2id, and one-time codes with the values of RFC 6238."""

import pytest

from catalog.access.credentials import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    hash_password,
    is_password,
    step_of_code,
    totp_text,
)
from catalog.errors import InvalidInputError

SECRET = b"12345678901234567890"  # of RFC 6238, appendix B; the last six of its eight digits


def test_a_password_is_known_again_however_it_was_typed() -> None:
    stored = hash_password("Grüße aus Köln")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password("Gru\u0308ße aus Ko\u0308ln", stored)
    assert not is_password("Grüße aus Köln ", stored)
    assert not is_password("Grüße aus Köln", None)


@pytest.mark.parametrize("length", [MIN_PASSWORD - 1, MAX_PASSWORD + 1])
def test_a_password_has_bounds(length: int) -> None:
    with pytest.raises(InvalidInputError):
        hash_password("x" * length)


@pytest.mark.parametrize(
    ("now_s", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_rfc(now_s: int, code: str) -> None:
    assert step_of_code(SECRET, code, now_s=now_s) == now_s // 30
    assert step_of_code(SECRET, f" {code[:3]} {code[3:]} ", now_s=now_s) == now_s // 30


def test_a_clock_may_be_off_by_one_step_and_no_more() -> None:
    at_s = 1111111109
    steps = [step_of_code(SECRET, "081804", now_s=at_s + off * 30) for off in (-2, -1, 0, 1, 2)]
    assert steps == [None, at_s // 30, at_s // 30, at_s // 30, None]


@pytest.mark.parametrize("code", ["", "08180", "0818044", "०८१८०४", "\0\0\0\0\0\0"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of_code(SECRET, code, now_s=1111111109) is None


def test_apps_take_the_secret_in_base_32() -> None:
    assert totp_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
