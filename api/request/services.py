"""What every request of this process shares: connections, keys, presets, channels."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.answers.at_cdns import Edges
from api.answers.cards import Cards
from api.answers.kept import Answers
from api.documents.needs import Selections
from api.documents.trusted import Documents
from api.request.following import LiveChanges, LivePurges
from api.request.rates import Rates
from api.settings import ApiSettings
from catalog.access.keyring import Keyring
from catalog.changes import Changes
from catalog.clock import Clock
from catalog.db import Connection, Pool
from catalog.delivery import store as presets_store
from catalog.delivery.keys import SigningKeys, load_signing_keys
from catalog.delivery.model import Preset
from catalog.graph.category_paths import CategoryPaths
from catalog.graph.filter_codes import FilterCodes
from catalog.graph.live_media import LiveMedia
from catalog.graph.products import next_boundary
from catalog.graph.published_documents import PublishedDocuments
from catalog.graph.reference import Reference, load_reference
from catalog.rights.model import NEVER
from catalog.subjects import Subject

_MAX_AGE_S = 1.0
_KINDS = ("channel:", "market:", "locale:", "preset:", "key:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The tiny data that every read needs.

    Attributes:
        presets: the current version of each, by code.
    """

    reference: Reference
    presets: Mapping[str, Preset]
    keys: SigningKeys


class KnownCache:
    """Keeps `Known` for at most a second, and drops it when the event log names a part of it.

    Args:
        pool: to the primary.
        master_key: unseals the signing keys.
        monotonic: seconds; the age runs from the question, not from its answer.
    """

    def __init__(
        self, pool: Pool, *, master_key: bytes, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._master_key = master_key
        self._monotonic = monotonic
        self._loading = asyncio.Lock()
        self._known: Known | None = None
        self._asked_at = 0.0
        self._drops = 0

    async def get(self) -> Known:
        """Return what is known, at most a second old."""
        if self._known is None or self._monotonic() - self._asked_at > _MAX_AGE_S:
            async with self._loading:  # whoever waited finds what the first one loaded
                if self._known is None or self._monotonic() - self._asked_at > _MAX_AGE_S:
                    return await self._load()
        return self._known

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget, if new events name a part of it."""
        if any(subject.startswith(_KINDS) for subject in subjects):
            self.reset()

    def reset(self) -> None:
        """Forget."""
        self._known = None
        self._drops += 1

    async def _load(self) -> Known:
        asked_at, drops = self._monotonic(), self._drops
        async with self._pool.acquire() as conn:
            known = Known(
                reference=await load_reference(conn),
                presets={
                    preset.code: preset
                    for preset in await presets_store.presets(conn)
                    if preset.state == "current"
                },
                keys=await load_signing_keys(conn, self._master_key),
            )
        if drops != self._drops:  # an event came meanwhile: the next request loads again
            return known
        self._asked_at = asked_at
        if self._known is None or known != self._known:  # equal ones stay one object: quickly told
            self._known = known
        return self._known


class NextBoundary:
    """Knows when the next publication begins or ends, until an event names a publication."""

    def __init__(self) -> None:
        self._next: datetime | None = None
        self._found_for = NEVER
        self._drops = 0

    async def after(self, conn: Connection, now: datetime) -> datetime:
        """Return the first boundary after an instant; `NEVER` where none is known.

        Args:
            conn: that the caller has: to wait for another while holding one could wait forever.
            now: of the answer.
        """
        if self._next is None or not self._found_for <= now < self._next:
            drops = self._drops
            found = await next_boundary(conn, now) or NEVER
            if drops != self._drops:  # an event came meanwhile: the next request looks again
                return found
            self._next, self._found_for = found, now
            return found
        return self._next

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget, if new events name a publication."""
        if any(subject.startswith("publication:") for subject in subjects):
            self.reset()

    def reset(self) -> None:
        """Forget."""
        self._next = None
        self._drops += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once by `app.py`.

    Attributes:
        now: the local clock corrected by the database's, as gateways decide by it.
    """

    now: Clock
    settings: ApiSettings
    pool: Pool
    changes: Changes
    keyring: Keyring
    known: KnownCache
    boundaries: NextBoundary
    published: PublishedDocuments
    media: LiveMedia
    categories: CategoryPaths
    filter_codes: FilterCodes
    cards: Cards | None
    documents: Documents
    selections: Selections
    answers: Answers
    edges: Edges
    rates: Rates
    live_changes: LiveChanges
    live_purges: LivePurges
