"""Recognises the keys that clients present, without asking PostgreSQL at every request."""

import time
from collections.abc import Callable
from typing import TypeAlias

from catalog.access import store
from catalog.access.assignments import subjects_of
from catalog.access.model import ApiKey, api_key_subject, hash_of
from catalog.clock import Clock, utc_now
from catalog.db import Pool
from catalog.errors import UnauthenticatedError
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease

_MAX_AGE_S = 1.0
_MAX_KEYS = 1_000

#: Keys by the hash of their secrets; what is no key is not kept.
KeptKeys: TypeAlias = Kept[bytes, ApiKey | None]


def keep_keys(pool: Pool, *, monotonic_s: Callable[[], float] = time.monotonic) -> KeptKeys:
    """Return a memory that keeps a key for at most a second, or until the event log names it.

    Args:
        pool: to the primary.
        monotonic_s: a clock; the age runs from the question, not from its answer.
    """

    async def find(digest: bytes) -> ApiKey | None:
        async with pool.acquire() as conn:
            return await store.find(conn, digest=digest)

    return Kept(
        _MAX_KEYS,
        rests_on=lambda _, key: subjects_of(key, named_by=api_key_subject),
        load=find,
        lease=Lease(lease_s=_MAX_AGE_S, monotonic_s=monotonic_s),
    )


async def recognise(keys: KeptKeys, secret: str, *, now: Clock = utc_now) -> ApiKey:
    """Return the key that a secret belongs to.

    Args:
        keys: those that are remembered.
        secret: that was sent.
        now: a key that is remembered is refused from the instant on at which it expires.

    Raises:
        UnauthenticatedError: there is none, it was revoked, or it has expired.
    """
    key = await keys.of(hash_of(secret))
    if key is None or (key.expires_at is not None and key.expires_at <= now()):
        raise UnauthenticatedError("this API key does not exist, has expired, or was revoked")
    return key


def is_met(keys: KeptKeys, secret: str) -> bool:
    """Return whether a secret was a key's when it was asked for last, not long ago."""
    return hash_of(secret) in keys
