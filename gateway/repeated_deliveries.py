"""Repeats deliveries from memory, without waiting for anything.

A first delivery goes through the pipeline in `service.py`: the token is verified, the right is
decided, the bytes are found. The results stay true until an instant that is known (a right or a
token ends) or until the feed names something that they rest on. Until then the same request is
answered here, within one step of the event loop, since most deliveries of a shop are repetitions.

That is no cache of answers: at each repetition the authoriser proves anew that the former decision
holds at this instant, and the bytes have to be in memory still. Whatever cannot be proven at once
goes through the pipeline, which may wait for the database.
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
from gateway.answer_recorder import AnswerRecorder, RepeatedRecord, repeated_record_of
from gateway.authorise import Authoriser, Permission
from gateway.delivery_request import DeliveryRequest
from gateway.find_or_render import ChosenRendition
from gateway.leaves import Leaves
from gateway.lifetime_policy import LifetimePolicy
from gateway.lifetimes import unchanged_until
from imaging.stored_renditions import StoredRendition, StoredRenditions
from serving.at_once import PlainRequest, RawAnswer, head_of, target_of
from serving.etags import matches
from serving.middleware import id_line, record_at_once

_REMEMBERED = 16_384  # requests, some KB each
_METHODS = ("GET", "HEAD")
_NEGOTIATED = b".auto?"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LEAVE = 204
_UNCONDITIONAL = Headers({})
_HAS_IT = Headers({"If-None-Match": "*"})

#: All of a request that its answer may depend on, but for its method and validators: its target,
#: who asks, and what they accept, where that matters.
RequestKey: TypeAlias = tuple[bytes, Viewer, bytes]


@dataclass(slots=True, kw_only=True)
class _RememberedDelivery:
    """A delivery that was made.

    Attributes:
        content_key: of the rendition.
        repeated: what is recorded each time.
        heads: by status, as they go out, without what belongs to one request.
        etag: that they state.
        is_overdue: whether they are for a hop whose purges are late.
        unchanged_until: when the lifetimes that they state begin to shrink, as the right is about
            to end.
    """

    wanted: DeliveryRequest
    allowed: Permission
    content_key: str
    repeated: RepeatedRecord
    heads: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    etag: str = ""
    is_overdue: bool = False
    unchanged_until: datetime = _LONG_AGO


class RepeatedDeliveries:
    """The deliveries that a gateway repeats from memory.

    Args:
        hops: identify the viewer by address and headers.
        authoriser: proves that a decision still holds.
        leaves: repeats those that are known by the same keys.
        renditions: hold the bytes.
        recorder: records each delivery.
        lifetime_policy: gives the lifetimes of each.
    """

    def __init__(
        self,
        *,
        hops: Hops,
        authoriser: Authoriser,
        leaves: Leaves,
        renditions: StoredRenditions,
        recorder: AnswerRecorder,
        lifetime_policy: LifetimePolicy,
    ) -> None:
        self._hops = hops
        self._authoriser = authoriser
        self._leaves = leaves
        self._renditions = renditions
        self._recorder = recorder
        self._lifetime_policy = lifetime_policy
        # No event ends a delivery here, and no lease: each is proven anew when it is repeated, by
        # what the index and the memory of renditions hold at that instant.
        self._known: Kept[RequestKey, _RememberedDelivery] = Kept(_REMEMBERED)

    def remember(
        self, scope: Scope, wanted: DeliveryRequest, allowed: Permission, content_key: str
    ) -> None:
        """Remember a delivery that was made; those to staff are never repeated from memory."""
        asked = self.asked(scope, wanted)
        if asked is None:
            return
        known = _RememberedDelivery(
            wanted=wanted,
            allowed=allowed,
            content_key=content_key,
            repeated=repeated_record_of(wanted, allowed),
        )
        self._known.put(asked, known)

    def asked(self, scope: Scope, wanted: DeliveryRequest) -> RequestKey | None:
        """Return the key by which a request is found again; None: it never is."""
        headers = dict(scope["headers"])
        # A header that came twice means what the pipeline makes of both, and `answer` sees one.
        if wanted.is_staff or len(headers) < len(scope["headers"]):
            return None
        client = scope["client"]
        return self._key(target_of(scope), client[0] if client else "", headers)

    def answer(self, asked: PlainRequest) -> RawAnswer | None:
        """Repeat a delivery or a leave; None: none is remembered, or it is not proven at once."""
        started = time.perf_counter()
        method, headers = asked.method, asked.headers
        if method not in _METHODS:
            return None
        key = self._key(asked.target, asked.address, headers)
        known = self._known.get(key)
        if known is None:  # or it is leave
            return self._leave(asked, key, started)
        # One instant for all that follows: decision, record and lifetimes must agree, or a replay
        # of the log would judge another instant than the one that was decided.
        now = self._authoriser.now()
        stored = self._renditions.remembered(known.content_key)
        allowed = self._authoriser.renewed(known.wanted, known.allowed, now)
        if stored is None or allowed is None:
            # Not refused: the delivery may be allowed after the change, too; the pipeline decides.
            self._known.forget(key)
            return None
        # It has the count of changes at which it was proven: the next proof is one comparison.
        known.allowed = allowed
        held = headers.get(b"if-none-match")
        is_held = held is not None and matches(held.decode("latin-1"), stored.etag)
        status = 304 if is_held else 200
        body = b"" if is_held or method == "HEAD" else stored.rendition.body
        head = self._head(known, stored, now, status)
        self._recorder.repeated(known.repeated, now, status=status, size=len(body))
        record_at_once(asked, status, started)
        return RawAnswer(head + id_line(headers), body)

    def _leave(self, asked: PlainRequest, key: RequestKey, started: float) -> RawAnswer | None:
        head = self._leaves.again(key)
        if head is None:
            return None
        record_at_once(asked, _LEAVE, started)
        return RawAnswer(head + id_line(asked.headers), b"")

    def _key(self, target: bytes, address: str, headers: Mapping[bytes, bytes]) -> RequestKey:
        # `Accept` only where it decides: browsers have a hundred spellings of it, and each would be
        # another delivery.
        viewer = self._hops.viewer_by_headers(address, headers)
        if viewer.asks_leave_only or _NEGOTIATED not in target:
            return target, viewer, b""
        return target, viewer, headers.get(b"accept", b"")

    def _head(
        self, known: _RememberedDelivery, stored: StoredRendition, now: datetime, status: int
    ) -> bytes:
        # Heads are written again only once the lifetimes in them are others: those shrink when the
        # right is about to end, and are short while the purges of the hop are late.
        is_overdue = self._lifetime_policy.is_overdue(known.wanted.viewer)
        is_unchanged = now < known.unchanged_until and is_overdue == known.is_overdue
        if not is_unchanged or stored.etag != known.etag:
            self._write_heads(known, stored, now)
            known.is_overdue = is_overdue
        return known.heads[status]

    def _write_heads(
        self, known: _RememberedDelivery, stored: StoredRendition, now: datetime
    ) -> None:
        allowed, found = replace(known.allowed, at=now), ChosenRendition(stored=stored)
        lifetimes = self._lifetime_policy.of(known.wanted, allowed)
        known.heads = {
            answer.status_code: head_of(answer)
            for asked in (_UNCONDITIONAL, _HAS_IT)
            for answer in (respond.image(found, known.wanted, allowed, lifetimes, asked),)
        }
        known.etag = stored.etag
        known.unchanged_until = unchanged_until(lifetimes, allowed.ends)
