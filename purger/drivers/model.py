"""What the purger needs of a CDN, and the two ways in which a CDN can say no."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.errors import VitrineError


class PurgeRejectedError(VitrineError):
    """The CDN refuses this request as it is: a wrong secret, a tag that it does not take.

    Trying again soon will not help, so the batch rests longer; others go on.
    """

    code = "PURGE_REJECTED"


class PurgeUnavailableError(VitrineError):
    """The CDN does not answer, or asks to be left alone for a while.

    Attributes:
        retry_after_s: what it asked for; None: it did not say.
    """

    code = "PURGE_UNAVAILABLE"

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the CDN said to a purge that it has done.

    Attributes:
        nodes: how many caches answered.
    """

    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often a CDN may be asked.

    Attributes:
        per_s: requests a second, in the long run.
        burst: as many at once, after a time without any.
    """

    per_s: float
    burst: int = 1


class Driver(Protocol):
    """One CDN, or one tier of caches."""

    @property
    def name(self) -> str:
        """The name in the settings and in the queue."""
        ...

    @property
    def max_batch(self) -> int:
        """The most tags of one request."""
        ...

    @property
    def limit(self) -> RateLimit:
        """How often it may be asked."""
        ...

    async def purge(self, tags: Sequence[str], idempotency_id: uuid.UUID) -> Receipt:
        """Remove at once, never softly, every object that has one of the tags.

        Args:
            tags: 1 to `max_batch`.
            idempotency_id: of this request; the same when it is tried again.

        Raises:
            PurgeRejectedError: the request is refused as it is.
            PurgeUnavailableError: no answer, or not now.
        """
        ...
