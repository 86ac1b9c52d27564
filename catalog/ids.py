"""Identifiers: UUIDv7 inside, short opaque public ids in URLs, cache tags and GraphQL."""

import os
import secrets
import time
import uuid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_PUBLIC_ID_LENGTH = 10  # 50 random bits; a unique constraint settles the rest
_MAX_BASE36_DIGITS = 12
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_id() -> uuid.UUID:
    """Make a UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | random_bits
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return uuid.UUID(int=value)


def new_public_id() -> str:
    """Make a public id: 10 characters of lower-case base 32, `[a-z0-9]`."""
    bits = secrets.randbits(5 * _PUBLIC_ID_LENGTH)
    return "".join(_ALPHABET[bits >> 5 * i & 31] for i in range(_PUBLIC_ID_LENGTH))


def to_base36(number: int) -> str:
    """Write a number >= 0 in base 36, lower case, without leading zeros."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
        if number == 0:
            return digits


def from_base36(text: str) -> int:
    """Read what `to_base36` wrote.

    Raises:
        ValueError: any other spelling (upper case, leading zeros, over 12 digits).
    """
    if not 0 < len(text) <= _MAX_BASE36_DIGITS:
        raise ValueError(text)
    number = int(text, 36)
    if to_base36(number) != text:
        raise ValueError(text)
    return number
