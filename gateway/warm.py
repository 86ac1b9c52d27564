"""What this gateway delivered before, and delivers again without waiting for anything.

A first delivery finds out what a request means: its token is verified, its rights are decided, its
bytes are found. All of that holds until time turns it or the feed names something that it rests
on. Until then the same request is answered from here, by a decision of this very instant: that the
former one still holds. Whatever is in doubt is left to the pipeline in `service.py`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

from catalog.memory import RecentlyUsed
from gateway import respond
from gateway.account import Account, Repeated, repetitions_of
from gateway.authorise import Allowed, Authoriser
from gateway.find_or_render import Found
from gateway.lifetimes import steady_until
from gateway.wanted import Wanted
from imaging.stored import Stored, StoredRenditions
from serving.at_once import Whole, head_of
from serving.etags import matches
from serving.hops import Hops, Viewer
from serving.lifetimes import Lifetimes
from serving.middleware import id_line, record
from serving.tracing import is_traced

_REMEMBERED = 16_384  # requests, some KB each
_NEGOTIATED = b".auto"
_NEVER_STEADY = datetime.min.replace(tzinfo=UTC)
_UNCONDITIONAL = Headers({})
#: What the pipeline has to look at: a precondition; and a host is needed.
_PRECONDITION, _HOST = b"if-match", b"host"
_HAS_IT = Headers({"If-None-Match": "*"})


class _Asked(NamedTuple):
    """All of a request that its answer may depend on, but for its method and validators."""

    path: bytes
    query: bytes
    viewer: Viewer
    accept: bytes


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
    """The deliveries that a gateway knows by heart.

    Args:
        hops: tell who asks.
        authoriser: tells whether a decision still holds.
        renditions: hold the bytes.
        account: takes down what is delivered.
        lifetimes: of an answer that was allowed, for what was wanted.
        is_overdue: whether the purges of a viewer's hop are late.
    """

    def __init__(
        self,
        *,
        hops: Hops,
        authoriser: Authoriser,
        renditions: StoredRenditions,
        account: Account,
        lifetimes: Callable[[Wanted, Allowed], Lifetimes],
        is_overdue: Callable[[Viewer], bool],
    ) -> None:
        self._hops = hops
        self._authoriser = authoriser
        self._renditions = renditions
        self._account = account
        self._lifetimes = lifetimes
        self._is_overdue = is_overdue
        self._known: RecentlyUsed[_Asked, _Known] = RecentlyUsed(_REMEMBERED)

    def remember(self, scope: Scope, wanted: Wanted, allowed: Allowed, content_key: str) -> None:
        """Learn a delivery that was made; those to staff are each looked at anew."""
        headers = dict(scope["headers"])
        if wanted.is_staff or len(headers) < len(scope["headers"]):
            return
        known = _Known(
            wanted=wanted,
            allowed=allowed,
            content_key=content_key,
            repeated=repetitions_of(wanted, allowed),
        )
        self._known.put(self._asked(scope, headers), known)

    def answer(self, scope: Scope) -> Whole | None:
        """Deliver again; None: it is not known, or not beyond doubt."""
        started = time.perf_counter()
        method = scope["method"]
        headers = dict(scope["headers"])
        if method not in ("GET", "HEAD") or len(headers) < len(scope["headers"]):
            return None
        if _PRECONDITION in headers or _HOST not in headers or is_traced(headers):
            return None  # whoever traces it wants to see the steps
        asked = self._asked(scope, headers)
        known = self._known.get(asked)
        if known is None:
            return None
        stored = self._renditions.remembered(known.content_key)
        allowed = self._authoriser.renewed(known.wanted, known.allowed)
        if stored is None or allowed is None:
            self._known.forget(asked)
            return None
        known.allowed = allowed
        held = headers.get(b"if-none-match")
        is_held = held is not None and matches(held.decode("latin-1"), stored.etag)
        status = 304 if is_held else 200
        body = b"" if is_held or method == "HEAD" else stored.rendition.body
        head = self._head(known, allowed, stored, status)
        self._account.repeated(known.repeated, allowed.at, status=status, size=len(body))
        record(scope, status, started)
        return Whole(head + id_line(headers), body)

    def _asked(self, scope: Scope, headers: Mapping[bytes, bytes]) -> _Asked:
        client = scope["client"]
        path = scope["raw_path"]
        return _Asked(
            path,
            scope["query_string"],
            self._hops.viewer_who_said(client[0] if client else "", headers),
            headers.get(b"accept", b"") if path.endswith(_NEGOTIATED) else b"",
        )

    def _head(self, known: _Known, allowed: Allowed, stored: Stored, status: int) -> bytes:
        is_overdue = self._is_overdue(known.wanted.viewer)
        is_steady = allowed.at < known.steady_until and is_overdue == known.is_overdue
        if not is_steady or stored.etag != known.etag:
            lifetimes, found = self._lifetimes(known.wanted, allowed), Found(stored=stored)
            known.heads = {
                answer.status_code: head_of(answer)
                for asked in (_UNCONDITIONAL, _HAS_IT)
                for answer in (respond.image(found, known.wanted, allowed, lifetimes, asked),)
            }
            known.etag, known.is_overdue = stored.etag, is_overdue
            known.steady_until = steady_until(lifetimes, allowed.ends)
        return known.heads[status]
