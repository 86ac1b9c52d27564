"""Recognises the keys that clients present, without asking PostgreSQL at every request."""

import time
from collections.abc import Callable
from typing import TypeAlias

from catalog.access import store
from catalog.access.model import ApiKey, api_key_subject, hash_of
from catalog.db import Pool
from catalog.errors import UnauthenticatedError
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.principal import principal_subject

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
        rests_on=lambda _, key: (
            () if key is None else (api_key_subject(key.id), principal_subject(key.principal.id))
        ),
        load=find,
        lease=Lease(lease_s=_MAX_AGE_S, monotonic_s=monotonic_s),
    )


async def recognise(keys: KeptKeys, secret: str) -> ApiKey:
    """Return the key that a secret belongs to.

    Raises:
        UnauthenticatedError: there is none, or it was revoked.
    """
    key = await keys.of(hash_of(secret))
    if key is None:
        raise UnauthenticatedError("this API key does not exist or was revoked")
    return key


def is_met(keys: KeptKeys, secret: str) -> bool:
    """Return whether a secret was a key's when it was asked for last, not long ago."""
    return hash_of(secret) in keys
