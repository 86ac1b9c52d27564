"""What every request of this process shares: connections, keys, presets, channels."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from api.answers.answer_memory import Answers
from api.answers.cards import Cards
from api.answers.cdn_headers import CachingHops
from api.documents.trusted import Documents
from api.request.following import LiveChanges, LivePurges
from api.request.rates import Rates
from api.settings import ApiSettings
from catalog.access.recognition import KeptKeys
from catalog.access.sessions import KeptSessions
from catalog.access.uses import KeyUses
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
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.rights.model import NEVER
from catalog.sealing import MasterKeys
from catalog.storage.model import StoreWhenWanted
from catalog.subjects import Subject

_MAX_AGE_S = 1.0
_KINDS = tuple(Subject(f"{kind}:") for kind in ("channel", "market", "locale", "preset", "key"))
_PUBLICATIONS = Subject("publication:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The tiny data that every read needs.

    Attributes:
        presets: the current version of each, by code.
    """

    reference: Reference
    presets: Mapping[str, Preset]
    keys: SigningKeys


def keep_known(
    pool: Pool, *, master_keys: MasterKeys, monotonic_s: Callable[[], float] = time.monotonic
) -> Kept[None, Known]:
    """Return a memory that keeps `Known` for at most a second, or until a part of it changes.

    Args:
        pool: to the primary.
        master_keys: open the signing keys.
        monotonic_s: a clock; the age runs from the question, not from its answer.
    """

    async def load(_: None) -> Known:
        async with pool.acquire() as conn:
            return Known(
                reference=await load_reference(conn),
                presets={
                    preset.code: preset
                    for preset in await presets_store.presets(conn)
                    if preset.state == "current"
                },
                keys=await load_signing_keys(conn, master_keys),
            )

    lease = Lease(lease_s=_MAX_AGE_S, monotonic_s=monotonic_s)
    return Kept(1, rests_on=lambda _, __: _KINDS, load=load, lease=lease)


class Boundary(NamedTuple):
    """When the next publication begins or ends, after an instant."""

    after: datetime
    at: datetime


def keep_boundary() -> Kept[None, Boundary]:
    """Return a memory that keeps the boundary that was found last, until a publication changes."""
    return Kept(1, rests_on=lambda _, __: (_PUBLICATIONS,))


async def next_boundary_after(
    kept: Kept[None, Boundary], conn: Connection, now: datetime
) -> datetime:
    """Return when the next publication begins or ends; `NEVER` where that is not known.

    Args:
        kept: the one that was found last.
        conn: that the caller has: to wait for another while holding one could wait forever.
        now: of the answer.
    """
    known = kept.get(None)
    if known is None or not known.after <= now < known.at:
        with kept.reading() as reading:
            known = Boundary(now, await next_boundary(conn, now) or NEVER)
            kept.put(None, known, reading)
    return known.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once by `app.py`.

    Attributes:
        now: the local clock corrected by the database's, as gateways decide by it.
    """

    now: Clock
    settings: ApiSettings
    pool: Pool
    objects: StoreWhenWanted
    changes: Changes
    keys: KeptKeys
    sessions: KeptSessions
    key_uses: KeyUses
    known: Kept[None, Known]
    boundary: Kept[None, Boundary]
    published: PublishedDocuments
    media: LiveMedia
    categories: CategoryPaths
    filter_codes: FilterCodes
    cards: Cards | None
    documents: Documents
    answers: Answers
    caching_hops: CachingHops
    rates: Rates
    live_changes: LiveChanges
    live_purges: LivePurges
