"""What this gateway delivered before, and delivers again without waiting for anything.

A first delivery finds out what a request means: its token is verified, its rights are decided, its
bytes are found. All of that holds until time turns it or the feed names something that it rests
on. Until then the same request is answered from here, by a decision of this very instant: that the
former one still holds. Whatever is in doubt is left to the pipeline in `service.py`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Scope

from catalog.memory.kept import Kept
from edge.hops import Hops, Viewer
from gateway import respond
from gateway.account import Account, Repeated, repetitions_of
from gateway.authorise import Allowed, Authoriser
from gateway.find_or_render import Found
from gateway.leaves import Leaves
from gateway.lifespans import Lifespans
from gateway.lifetimes import steady_until
from gateway.wanted import Wanted
from imaging.stored import Stored, StoredRenditions
from serving.at_once import Incoming, Whole, head_of, target_of
from serving.etags import matches
from serving.middleware import id_line, record_at_once

_REMEMBERED = 16_384  # requests, some KB each
_METHODS = ("GET", "HEAD")
_NEGOTIATED = b".auto?"
_NEVER_STEADY = datetime.min.replace(tzinfo=UTC)
_LEAVE = 204
_UNCONDITIONAL = Headers({})
_HAS_IT = Headers({"If-None-Match": "*"})

#: All of a request that its answer may depend on, but for its method and validators: its target,
#: who asks, and what they accept, where that matters.
Asked: TypeAlias = tuple[bytes, Viewer, bytes]


@dataclass(slots=True, kw_only=True)
class _Known:
    """A delivery that was made.

    Attributes:
        content_key: of the rendition.
        repeated: what is put down each time.
        heads: by status, as they go out, without what belongs to one request.
        etag: that they state.
        is_overdue: whether they are for a hop whose purges are late.
        steady_until: when the lifetimes that they state begin to shrink.
    """

    wanted: Wanted
    allowed: Allowed
    content_key: str
    repeated: Repeated
    heads: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    etag: str = ""
    is_overdue: bool = False
    steady_until: datetime = _NEVER_STEADY


class Warm:
    """The deliveries that a gateway repeats from memory.

    Args:
        hops: tell who asks.
        authoriser: tells whether a decision still holds.
        leaves: are given again too.
        renditions: hold the bytes.
        account: records what is delivered.
        lifespans: tell for how long what is delivered may live.
    """

    def __init__(
        self,
        *,
        hops: Hops,
        authoriser: Authoriser,
        leaves: Leaves,
        renditions: StoredRenditions,
        account: Account,
        lifespans: Lifespans,
    ) -> None:
        self._hops = hops
        self._authoriser = authoriser
        self._leaves = leaves
        self._renditions = renditions
        self._account = account
        self._lifespans = lifespans
        self._overdue_drivers = lifespans.overdue_drivers
        # No event ends a delivery here, and no lease: each is proven anew when it is repeated, by
        # what the index and the memory of renditions hold at that instant.
        self._known: Kept[Asked, _Known] = Kept(_REMEMBERED)

    def remember(self, scope: Scope, wanted: Wanted, allowed: Allowed, content_key: str) -> None:
        """Learn a delivery that was made; those to staff are each looked at anew."""
        asked = self.asked(scope, wanted)
        if asked is None:
            return
        known = _Known(
            wanted=wanted,
            allowed=allowed,
            content_key=content_key,
            repeated=repetitions_of(wanted, allowed),
        )
        self._known.put(asked, known)

    def asked(self, scope: Scope, wanted: Wanted) -> Asked | None:
        """Return by what a request is known again; None: it is looked at anew each time."""
        headers = dict(scope["headers"])
        # A header that came twice means what the pipeline makes of both, and `answer` sees one.
        if wanted.is_staff or len(headers) < len(scope["headers"]):
            return None
        client = scope["client"]
        return self._key(target_of(scope), client[0] if client else "", headers)

    def answer(self, asked: Incoming) -> Whole | None:
        """Deliver again; None: it is not known, or not beyond doubt."""
        started = time.perf_counter()
        method, headers = asked.method, asked.headers
        if method not in _METHODS:
            return None
        key = self._key(asked.target, asked.address, headers)
        known = self._known.get(key)
        if known is None:  # or it is leave
            return self._leave(asked, key, started)
        # One instant for all that follows: the decision, what is put down of it, and the lifetimes.
        now = self._authoriser.now()
        stored = self._renditions.remembered(known.content_key)
        allowed = self._authoriser.renewed(known.wanted, known.allowed, now)
        if stored is None or allowed is None:
            # Not refused: what has changed may allow it still, and the pipeline finds that out.
            self._known.forget(key)
            return None
        # With the changes that it was renewed after, so that the next one need not look again.
        known.allowed = allowed
        held = headers.get(b"if-none-match")
        is_held = held is not None and matches(held.decode("latin-1"), stored.etag)
        status = 304 if is_held else 200
        body = b"" if is_held or method == "HEAD" else stored.rendition.body
        head = self._head(known, stored, now, status)
        self._account.repeated(known.repeated, now, status=status, size=len(body))
        record_at_once(asked, status, started)
        return head + id_line(headers), body

    def _leave(self, asked: Incoming, key: Asked, started: float) -> Whole | None:
        head = self._leaves.again(key)
        if head is None:
            return None
        record_at_once(asked, _LEAVE, started)
        return head + id_line(asked.headers), b""

    def _key(self, target: bytes, address: str, headers: Mapping[bytes, bytes]) -> Asked:
        # `Accept` only where it decides: browsers have a hundred spellings of it, and each would be
        # another delivery.
        viewer = self._hops.viewer_by_headers(address, headers)
        if viewer.asks_leave_only or _NEGOTIATED not in target:
            return target, viewer, b""
        return target, viewer, headers.get(b"accept", b"")

    def _head(self, known: _Known, stored: Stored, now: datetime, status: int) -> bytes:
        # Heads are written again only once the lifetimes in them are others: those shrink when the
        # right is about to end, and are short while the purges of the hop are late.
        overdue = self._overdue_drivers()
        hop = known.wanted.viewer.hop if overdue else None
        is_overdue = hop is not None and hop.driver in overdue
        is_steady = now < known.steady_until and is_overdue == known.is_overdue
        if not is_steady or stored.etag != known.etag:
            self._write_heads(known, stored, now)
            known.is_overdue = is_overdue
        return known.heads[status]

    def _write_heads(self, known: _Known, stored: Stored, now: datetime) -> None:
        allowed, found = replace(known.allowed, at=now), Found(stored=stored)
        lifetimes = self._lifespans.of(known.wanted, allowed)
        known.heads = {
            answer.status_code: head_of(answer)
            for asked in (_UNCONDITIONAL, _HAS_IT)
            for answer in (respond.image(found, known.wanted, allowed, lifetimes, asked),)
        }
        known.etag = stored.etag
        known.steady_until = steady_until(lifetimes, allowed.ends)
