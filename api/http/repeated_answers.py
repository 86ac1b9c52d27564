"""Repeats kept answers from memory, as soon as a request is read.

The first answer finds out what a request means: its document is found and parsed, its operation
chosen. The same query string or body means the same while no document is removed. What is in
doubt, and whoever has a key or comes from another origin, is left to `endpoint.py`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from weakref import ref

from starlette.datastructures import Headers
from starlette.types import Scope

from api.answers.answer_memory import Answer, Answers, Key, weight_of
from api.answers.cdn_headers import CachingHops
from api.http.answer import sent
from api.identity.site import SESSION_COOKIE
from api.request.rates import RateLimitedError, Rates
from api.request.stated_context import RAW_HEADERS
from catalog.clock import Clock
from catalog.memory.kept import Kept, Reading
from catalog.subjects import Subject
from edge.addresses import counted
from edge.edges import TrustedHop
from serving.at_once import PlainRequest, RawAnswer, head_of, target_of
from serving.etags import matches
from serving.middleware import id_line, record_at_once

MAX_KEPT_BYTES = 16 * 1_048_576
_OVERHEAD_BYTES = 2_048  # the heads of an answer
_LONGEST = 262_144  # bytes of a request that is remembered, with what it means
_DOCUMENTS = Subject("document:")
_METHODS = ("GET", "POST")
_SESSION = f"{SESSION_COOKIE}=".encode()
#: Whose answers differ: who asks with a key, and from which origin.
_NOT_HERE = frozenset({b"authorization", b"origin"})


class _Head(NamedTuple):
    """Status line and headers, as they go out, without what belongs to one request.

    Attributes:
        unchanged_until, is_overdue: as long as they are right for a hop; None: for as long as the
            answer is.
    """

    text: bytes
    unchanged_until: datetime | None = None
    is_overdue: bool = False


@dataclass(slots=True)
class _RememberedRequest:
    """A request that was answered, and may be again.

    Attributes:
        key: that its answer is kept under.
        answer: that `heads` are of; what it weighs is counted where it is kept.
        heads: by status, and the name of the hop that they are for, if for one.
    """

    key: Key
    answer: "ref[Answer] | None" = None
    heads: dict[tuple[int, str | None], _Head] = field(
        default_factory=dict[tuple[int, str | None], _Head]
    )


class RepeatedAnswers:
    """Repeats kept answers.

    Args:
        answers: that are kept.
        caching_hops: in front of the api, that may keep answers too.
        rates: count what each costs.
        limit: cost by the minute for an address; 0: none.
        now: of the clock that lifetimes are counted from.
        varies_by_origin: whether pages of some origins may read answers, so that caches have to
            tell them apart.
    """

    def __init__(
        self,
        answers: Answers,
        caching_hops: CachingHops,
        rates: Rates,
        *,
        limit: int,
        now: Clock,
        varies_by_origin: bool,
    ) -> None:
        self._answers = answers
        self._caching_hops = caching_hops
        self._rates = rates
        self._limit = limit
        self._now = now
        self._varies_by_origin = varies_by_origin
        #: What requests mean; all of it is dropped when a document is removed, since a request does
        #: not say which document it led to.
        self.kept: Kept[_RequestKey, _RememberedRequest] = Kept(
            MAX_KEPT_BYTES, rests_on=lambda _, __: (_DOCUMENTS,)
        )

    def remember(self, scope: Scope, body: bytes, key: Key, reading: Reading) -> None:
        """Remember what a request without an API key means.

        Args:
            scope: of the request.
            body: of it.
            key: that its answer is kept under.
            reading: since before its document was looked for, which may be trusted no more.
        """
        headers = dict(scope["headers"])
        asked = _question_of(PlainRequest(scope["method"], target_of(scope), headers, "", body))
        weight = sum(map(len, asked)) + weight_of(key) + _OVERHEAD_BYTES
        is_plain = len(headers) == len(scope["headers"]) and weight < _LONGEST
        if is_plain:
            self.kept.put(asked, _RememberedRequest(key), reading, weight=weight)

    def answer(self, asked: PlainRequest) -> RawAnswer | None:
        """Repeat an answer; None: none is kept, or the pipeline has to decide."""
        started = time.perf_counter()
        headers = asked.headers
        if asked.method not in _METHODS or not _NOT_HERE.isdisjoint(headers):
            return None
        if b"cookie" in headers and _SESSION in headers[b"cookie"]:
            return None  # of somebody who may see more
        question = _question_of(asked)
        known = self.kept.get(question)
        answer = None if known is None else self._answers.kept(known.key)
        if known is None or answer is None:
            return None
        limits = self._spend(asked.address)
        if limits is None:
            return None
        held = headers.get(b"if-none-match") if question.is_get else None
        is_held = held is not None and matches(held.decode("latin-1"), answer.etag)
        status = 304 if is_held else 200
        hop = self._caching_hops.hop_of(asked.address, headers) if question.is_get else None
        head = self._head(known, answer, question, status, hop)
        record_at_once(asked, status, started)
        limits = b"" if hop else limits  # what is left to a CDN is not for those who ask it
        return RawAnswer(head + limits + id_line(headers), b"" if is_held else answer.body)

    def _spend(self, address: str) -> bytes | None:
        """Return the fields that say what is left; None: the pipeline has to count."""
        if not self._limit:
            return b""
        client = f"address:{counted(address)}"
        try:
            spent = self._rates.spend_at_once(client, 1, limit=self._limit)
        except RateLimitedError:
            return None  # said there
        return b"".join(f"{name}: {text}\r\n".encode() for name, text in spent.headers.items())

    def _head(
        self,
        known: _RememberedRequest,
        answer: Answer,
        asked: "_RequestKey",
        status: int,
        hop: TrustedHop | None,
    ) -> bytes:
        if known.answer is None or known.answer() is not answer:
            known.answer, known.heads = ref(answer), {}  # the same bytes may rest on other things
        which = status, hop and hop.name
        head = known.heads.get(which)
        if head is None or (hop is not None and not self._is_unchanged(head, hop)):
            head = known.heads[which] = self._written(answer, asked, status, hop)
        return head.text

    def _is_unchanged(self, head: _Head, hop: TrustedHop) -> bool:
        until = head.unchanged_until
        is_in_time = until is not None and self._now() < until
        return is_in_time and head.is_overdue == self._caching_hops.is_overdue(hop)

    def _written(
        self, answer: Answer, asked: "_RequestKey", status: int, hop: TrustedHop | None
    ) -> _Head:
        headers = {"accept": asked.accept.decode("latin-1")}
        if status == 304:  # noqa: PLR2004 - RFC 9110
            headers["if-none-match"] = answer.etag
        now = self._now()
        terms = None
        if hop is not None:
            may_be_kept = hop.honours_vary or not asked.context
            terms = self._caching_hops.terms(hop, answer, now=now, is_kept=may_be_kept)
        for_hop: Mapping[str, str] = terms.headers if terms else {}
        response = sent(answer, Headers(headers), by_get=asked.is_get, now=now, for_hop=for_hop)
        if self._varies_by_origin:
            response.headers.add_vary_header("Origin")
        text = head_of(response)
        return _Head(text, terms.unchanged_until, terms.is_overdue) if terms else _Head(text)


class _RequestKey(NamedTuple):
    """All of a request that its answer may depend on, but for validators."""

    method: str
    target: bytes
    body: bytes
    content_type: bytes
    accept: bytes
    context: bytes

    @property
    def is_get(self) -> bool:
        return self.method == "GET"


def _question_of(asked: PlainRequest) -> _RequestKey:
    headers = asked.headers
    accept = headers.get(b"accept", b"")
    context = b"" if RAW_HEADERS.isdisjoint(headers) else _context(headers)
    if asked.method == "GET":
        return _RequestKey("GET", asked.target, b"", b"", accept, context)
    content_type = headers.get(b"content-type", b"")
    return _RequestKey(asked.method, asked.target, asked.body, content_type, accept, context)


def _context(headers: Mapping[bytes, bytes]) -> bytes:
    stated = sorted(RAW_HEADERS.intersection(headers))
    return b"\n".join(name + b":" + headers[name] for name in stated)
