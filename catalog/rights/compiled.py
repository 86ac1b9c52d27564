"""The rights of one asset, compiled for deciding at every delivery.

Between two boundaries nothing but the country matters on a channel for a use. So each span of
time has one set of countries in which it may be shown: what is granted there without what is
restricted. An allowance is then a search among the boundaries and one operation on bits; why it is
denied somewhere is asked of `decide` once in a span. The answers are the same.
"""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from catalog.rights.model import NEVER, Decision, Question, Rights, Status, Window
from catalog.rights.rules import allowed_countries, decide
from catalog.rights.territory import UNKNOWN, whole_world


class _Span(NamedTuple):
    """From one boundary up to the next.

    Attributes:
        countries: bits of the countries in which it may be shown.
        allowed: the answer there, made once.
        denied: the answers elsewhere, by the bits that were asked for.
    """

    countries: int
    allowed: Decision
    denied: dict[int, Decision]


_DENIALS = 512  # more than there are countries; a market may ask for several at once


class CompiledRights:
    """Answers as `decide` does, from spans that are compiled when they are first asked for.

    Bounded by the channels and uses that tokens name, which only who signs may name.
    """

    __slots__ = ("_everywhere", "_rights", "_spans")

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._everywhere = whole_world() | UNKNOWN
        self._spans: dict[tuple[str, str], tuple[_Span, ...]] = {}

    def decide(self, asked: Question) -> Decision:
        """Decide for every asked country together, as the rule does."""
        rights = self._rights
        if rights.status is not Status.APPROVED or rights.legal_demand:
            return decide(rights, asked)
        span = self._span(asked.channel, asked.usage, asked.now)
        is_dark = (asked.countries or UNKNOWN) & ~span.countries
        answer = self._denied(span, asked) if is_dark else span.allowed
        if asked.windows is None:
            return answer
        return _bounded(answer, asked.windows, asked.now) or decide(rights, asked)

    def is_same_everywhere(self, *, channel: str, usage: str, now: datetime) -> bool:
        """Return whether the answer is one and the same for every country and the unknown one.

        Only then may a cache that does not ask keep it under a key without the country. A lifetime
        never crosses the next boundary, so what is in force now is all that counts.
        """
        return self._span(channel, usage, now).countries in (0, self._everywhere)

    def _denied(self, span: _Span, asked: Question) -> Decision:
        known = span.denied.get(asked.countries)
        if known is None:
            known = decide(self._rights, replace(asked, windows=None))
            if len(span.denied) < _DENIALS:
                span.denied[asked.countries] = known
        return known

    def _span(self, channel: str, usage: str, now: datetime) -> _Span:
        spans = self._spans.get((channel, usage))
        if spans is None:
            spans = self._compile(channel, usage)
            self._spans[channel, usage] = spans
        return spans[bisect_right(self._rights.boundaries, now)]

    def _compile(self, channel: str, usage: str) -> tuple[_Span, ...]:
        starts = (datetime.min.replace(tzinfo=NEVER.tzinfo), *self._rights.boundaries)
        ends = (*self._rights.boundaries, NEVER)
        return tuple(
            _Span(
                allowed_countries(self._rights, channel=channel, usage=usage, now=start),
                Decision(reason=None, holds_until=end),
                {},
            )
            for start, end in zip(starts, ends, strict=True)
        )


def _bounded(answer: Decision, windows: tuple[Window, ...], now: datetime) -> Decision | None:
    """Return an answer that holds no longer than the windows do; None: none is open."""
    earliest, is_open = answer.holds_until, False
    for window in windows:
        if window.start <= now:
            if now < window.end:
                is_open = True
                earliest = min(earliest, window.end)
        elif window.start < earliest:
            earliest = window.start
    if not is_open:
        return None
    if earliest == answer.holds_until:
        return answer
    return Decision(reason=answer.reason, holds_until=earliest)
