"""How long an answer may live, and in which caches: pure.

No lifetime crosses the end of the right, and nothing that depends on the viewer's country is
stored where someone else could hit it.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from serving.edges import TrustedHop

PLAIN_HOP_MAX_S = 300
OVERDUE_MAX_S = 10
STAND_IN_MAX_S = 10
REDIRECT_MAX_S = 60
#: A cache counts from when an answer reached it, and rounds its `Age` down: a copy that it hands
#: out is up to a second older than it says.
AGE_ROUNDED_OFF_S = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """Whole seconds.

    Attributes:
        browser_s: in the browser's own cache; 0: it asks every time.
        edge_s: in the cache in front; 0: it may not store.
        varies_by: the country header that the stored copy is for, where it is for one.
        reads_targeted: whether the cache in front obeys `edge_cache_control`.
    """

    browser_s: int
    edge_s: int
    varies_by: str | None = None
    reads_targeted: bool = True

    def capped(self, limit_s: int) -> "Lifetimes":
        """Return the same, no longer than a limit."""
        return replace(
            self, browser_s=min(self.browser_s, limit_s), edge_s=min(self.edge_s, limit_s)
        )

    @property
    def cache_control(self) -> str:
        """Return what browsers obey, and caches that read nothing else."""
        visibility = "public" if self.edge_s > 0 else "private"
        if self.edge_s > 0 and not self.reads_targeted:
            # `no-cache` would bind the cache too; to a browser `max-age=0` here says the same
            lifetime = f"max-age={max(self.browser_s, 0)}, must-revalidate"
            return f"{visibility}, {lifetime}, s-maxage={self.edge_s}"
        if self.browser_s <= 0:
            return f"{visibility}, no-cache"
        return f"{visibility}, max-age={self.browser_s}, must-revalidate"

    @property
    def edge_cache_control(self) -> str:
        """Return what caches in front obey (RFC 9213)."""
        return f"max-age={self.edge_s}" if self.edge_s > 0 else "no-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When an answer is given, and what ends it.

    Attributes:
        holds_until: the decision's.
        token_ends: the token's expiry.
        preset_s: the lifetime of the preset.
        is_same_everywhere: whether every country gets the same answer.
        is_negotiated: `.auto`: the bytes depend on `Accept`.
        is_taggable: all its tags go out; else nobody could purge it.
        is_stand_in: a better format is being made.
    """

    now: datetime
    holds_until: datetime
    token_ends: datetime
    preset_s: int
    is_same_everywhere: bool
    is_negotiated: bool
    is_taggable: bool = True
    is_stand_in: bool = False


def lifetimes_for(
    hop: TrustedHop | None, moment: Moment, *, browser_max_age_s: int, is_overdue: bool
) -> Lifetimes:
    """Compute the lifetimes of an answer to a hop.

    Args:
        hop: None: a browser, or a cache that nobody vouches for: stored only if it is for all.
        moment: of the decision.
        browser_max_age_s: the setting.
        is_overdue: the hop's oldest purge is more than a minute late.
    """
    lifetimes = _of_the_picture(
        hop, moment, browser_max_age_s=browser_max_age_s, is_overdue=is_overdue
    )
    return lifetimes.capped(STAND_IN_MAX_S) if moment.is_stand_in else lifetimes


def _of_the_picture(
    hop: TrustedHop | None, moment: Moment, *, browser_max_age_s: int, is_overdue: bool
) -> Lifetimes:
    right_s = _whole_seconds(moment.now, moment.holds_until)
    browser_s = min(browser_max_age_s, right_s)
    edge_s = min(moment.preset_s, right_s, _whole_seconds(moment.now, moment.token_ends))
    if not moment.is_taggable:
        edge_s = 0
    reads_targeted = hop is None or hop.reads_targeted
    if hop is not None and hop.kind == "authorising":
        return Lifetimes(browser_s=browser_s, edge_s=edge_s, reads_targeted=reads_targeted)
    browser_s = min(browser_s, max(0, right_s - AGE_ROUNDED_OFF_S))
    edge_s = max(0, edge_s - AGE_ROUNDED_OFF_S)
    limit_s = OVERDUE_MAX_S if is_overdue else PLAIN_HOP_MAX_S
    territory = "bypass" if hop is None else hop.territory
    honours_vary = hop is not None and hop.honours_vary
    may_store = (moment.is_same_everywhere or territory != "bypass") and (
        not moment.is_negotiated or honours_vary
    )
    varies_by = None
    if hop is not None and territory == "vary" and not moment.is_same_everywhere:
        varies_by = hop.country_header
    return Lifetimes(
        browser_s=browser_s,
        edge_s=min(edge_s, limit_s) if may_store else 0,
        varies_by=varies_by,
        reads_targeted=reads_targeted,
    )


def steady_until(lifetimes: Lifetimes, ends: datetime) -> datetime:
    """Return up to when the same lifetimes are right, as long as no driver falls behind.

    Args:
        lifetimes: of an answer.
        ends: the first instant at which right or token end. Until the longest lifetime no longer
            fits before it, nothing but the settings limits them.
    """
    longest_s = max(lifetimes.browser_s, lifetimes.edge_s) + AGE_ROUNDED_OFF_S
    return ends - timedelta(seconds=longest_s + 1)


def _whole_seconds(now: datetime, until: datetime) -> int:
    return max(0, math.floor((until - now).total_seconds()))
