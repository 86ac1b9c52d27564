"""Recognises the keys that clients present, without asking PostgreSQL at every request."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from catalog.access import store
from catalog.access.model import ApiKey, api_key_subject, hash_of
from catalog.db import Pool
from catalog.errors import UnauthenticatedError
from catalog.subjects import Subject

_MAX_AGE_S = 1.0
_MAX_KEYS = 1_000


class Keyring:
    """Remembers a verified key for at most a second, and forgets it when the event log names it.

    Args:
        pool: to the primary.
        monotonic: seconds; an entry's age runs from the question, not from its answer.
    """

    def __init__(self, pool: Pool, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._monotonic = monotonic
        self._verified: OrderedDict[bytes, tuple[float, ApiKey]] = OrderedDict()

    async def recognise(self, secret: str) -> ApiKey:
        """Return the key that a secret belongs to.

        Raises:
            UnauthenticatedError: there is none, or it was revoked.
        """
        digest = hash_of(secret)
        asked_at = self._monotonic()
        remembered = self._verified.get(digest)
        if remembered is not None and asked_at - remembered[0] <= _MAX_AGE_S:
            return remembered[1]
        async with self._pool.acquire() as conn:
            key = await store.find(conn, digest=digest)
        if key is None:
            self._verified.pop(digest, None)
            raise UnauthenticatedError("this API key does not exist or was revoked")
        self._verified[digest] = (asked_at, key)
        self._verified.move_to_end(digest)
        if len(self._verified) > _MAX_KEYS:
            self._verified.popitem(last=False)
        return key

    def has_met(self, secret: str) -> bool:
        """Return whether a secret was a key's when it was asked for last, not long ago."""
        return hash_of(secret) in self._verified

    def reset(self) -> None:
        """Forget every key."""
        self._verified.clear()

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget the keys among the subjects of new events."""
        named = set(subjects)
        for digest, (_, key) in list(self._verified.items()):
            if api_key_subject(key.id) in named:
                del self._verified[digest]
