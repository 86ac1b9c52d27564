"""Passwords by Argon2id (RFC 9106) and one-time codes (RFC 6238): pure, and slow on purpose."""

import base64
import os
import threading
import unicodedata
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from catalog.errors import InvalidInputError

#: Characters of a password (NIST SP 800-63B-4, 3.1.1.2, asks for 8 beside a second factor).
MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200
#: The second recommended choice of RFC 9106, 4: 64 MiB of memory.
_PASSES, _LANES, _MEMORY_KIB, _SALT_BYTES, _HASH_BYTES = 3, 4, 65_536, 16, 32
#: Two that compute several lanes at once wait in OpenSSL for each other, for good.
_ONE_AT_A_TIME = threading.Lock()
_STEP_S = 30
_DIGITS = 6
#: The code before and the one after: clocks of telephones differ (RFC 6238, 5.2).
_SKEW = (0, -1, 1)


def hash_password(password: str) -> str:
    """Return what is stored of a password; takes 0.1 s and 64 MiB.

    Raises:
        InvalidInputError: it is too short or too long.
    """
    text = _normal(password)
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise InvalidInputError(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", field="password"
        )
    with _ONE_AT_A_TIME:
        return Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_HASH_BYTES,
            iterations=_PASSES,
            lanes=_LANES,
            memory_cost=_MEMORY_KIB,
        ).derive_phc_encoded(text.encode())


def is_password(password: str, stored: str | None) -> bool:
    """Return whether a password is the stored one; as slow where nothing is stored."""
    text = _normal(password)[:MAX_PASSWORD]
    try:
        known = stored or _nobodys()
        with _ONE_AT_A_TIME:
            Argon2id.verify_phc_encoded(text.encode(), known)
    except InvalidKey:
        return False
    return stored is not None


def totp_text(secret: bytes) -> str:
    """Write a secret as authenticator apps take it: base 32."""
    return base64.b32encode(secret).decode()


def step_of_code(secret: bytes, code: str, *, now_s: float) -> int | None:
    """Return of which step of 30 s a code is, the present one or one beside it; None: of none.

    Args:
        secret: of the person's codes.
        code: that was typed; spaces in it mean nothing.
        now_s: seconds since 1970.
    """
    totp = TOTP(secret, _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - what authenticator apps do
    given = "".join(code.split()).encode()
    for skew in _SKEW:
        at_s = int(now_s) + skew * _STEP_S
        try:
            totp.verify(given, at_s)
        except InvalidToken:
            continue
        return at_s // _STEP_S
    return None


def _normal(password: str) -> str:
    """Return a password as every keyboard gives it (RFC 8265, 4.2.2)."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody knows, made once."""
    return hash_password(os.urandom(_HASH_BYTES).hex())
