"""What a CDN in front of the api may keep of an answer, for how long, and by which tags it goes.

Only trusted hops that set `answers` get such headers; everyone else gets those of a browser.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import prometheus_client

from api.answers.answer_memory import Answer
from catalog.purges.rules import tags_of_answer
from edge.edges import TrustedHop
from edge.hops import Hops
from edge.lifetimes import AGE_ROUNDED_OFF_S, OVERDUE_MAX_S, Lifetimes, whole_seconds
from edge.purge_drivers import PurgeDriver
from edge.tags import tag_headers

_UNTAGGABLE = prometheus_client.Counter(
    "vitrine_graphql_answers_untaggable",
    "Answers that no CDN may keep, since it does not take all of their tags.",
    ("driver",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HopHeaders:
    """The headers for a hop.

    Attributes:
        headers: in place of those for a browser.
        unchanged_until: up to when they are right, as long as the same purges are late.
        is_overdue: whether the purges of the hop were late.
    """

    headers: Mapping[str, str]
    unchanged_until: datetime
    is_overdue: bool


class CachingHops:
    """The hops that may keep answers.

    Args:
        hops: all trusted ones, so that each is recognised as at the gateway.
        drivers: that clear them.
        max_age_s: the longest lifetime; 0: nothing is kept.
        overdue_drivers: those whose oldest purge is over a minute late.
    """

    def __init__(
        self,
        hops: Sequence[TrustedHop],
        drivers: Sequence[PurgeDriver],
        *,
        max_age_s: int,
        overdue_drivers: Callable[[], Collection[str]],
    ) -> None:
        are_there = any(hop.answers != "bypass" for hop in hops)
        self._hops = Hops(hops, demo_country=None) if are_there else None
        self._drivers = {driver.name: driver for driver in drivers}
        self._max_age_s = max_age_s
        self._overdue_drivers = overdue_drivers

    def hop_of(self, address: str, headers: Mapping[bytes, bytes]) -> TrustedHop | None:
        """Return the hop that asks, if it is one that may keep answers.

        Args:
            address: of the peer; empty: it has none.
            headers: of the request, the first of each name.
        """
        if self._hops is None:
            return None
        hop = self._hops.viewer_by_headers(address, headers).hop
        return None if hop is None or hop.answers == "bypass" else hop

    def is_overdue(self, hop: TrustedHop) -> bool:
        """Return whether the hop's oldest purge is over a minute late."""
        return hop.driver in self._overdue_drivers()

    def terms(self, hop: TrustedHop, answer: Answer, *, now: datetime, is_kept: bool) -> HopHeaders:
        """Return the headers of an answer for a hop.

        Args:
            hop: that asks.
            answer: to a GET without an API key.
            now: of sending it.
            is_kept: whether it is true at this instant, as one is that this process keeps, and is
                told apart from others. What took long to make may not be true any more, and its
                purges may be over when it arrives; headers that state the context tell answers
                apart only where `Vary` is honoured.
        """
        is_overdue = self.is_overdue(hop)
        tags = self._tags(hop, answer) if is_kept and self._max_age_s else ()
        left_s = whole_seconds(now, answer.good_until) - AGE_ROUNDED_OFF_S
        limit_s = min(self._max_age_s, OVERDUE_MAX_S) if is_overdue else self._max_age_s
        lifetimes = Lifetimes(
            browser_s=0,
            edge_s=max(0, min(limit_s, left_s)) if tags else 0,
            reads_targeted=hop.reads_targeted,
        )
        headers = {"Cache-Control": lifetimes.cache_control}
        if hop.reads_targeted:
            headers["CDN-Cache-Control"] = lifetimes.edge_cache_control
        if lifetimes.edge_s > 0:
            headers |= tag_headers(tags)
        shrinks_after_s = lifetimes.edge_s + AGE_ROUNDED_OFF_S
        return HopHeaders(
            headers=headers,
            unchanged_until=answer.good_until - timedelta(seconds=shrinks_after_s),
            is_overdue=is_overdue,
        )

    def _tags(self, hop: TrustedHop, answer: Answer) -> tuple[str, ...]:
        """Return all tags of the answer; none where not all of them fit."""
        driver = self._drivers[hop.driver or ""]
        tags = tags_of_answer(answer.rests_on or ())
        if (
            tags is not None
            and len(tags) <= driver.max_tags
            and len(" ".join(tags)) <= driver.max_tag_bytes
        ):
            return tags
        _UNTAGGABLE.labels(driver.name).inc()
        return ()
