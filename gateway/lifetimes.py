"""How long a picture may live, and in which caches: pure.

No lifetime crosses the end of the right, and nothing that depends on the viewer's country is
stored where someone else could hit it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.edges import TrustedHop
from edge.lifetimes import (
    AGE_ROUNDED_OFF_S,
    OVERDUE_MAX_S,
    PLAIN_HOP_MAX_S,
    Lifetimes,
    whole_seconds,
)

STAND_IN_MAX_S = 10
REDIRECT_MAX_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimeInputs:
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
    hop: TrustedHop | None, inputs: LifetimeInputs, *, browser_max_age_s: int, is_overdue: bool
) -> Lifetimes:
    """Compute the lifetimes of an answer to a hop.

    Args:
        hop: None: a browser, or a cache that nobody vouches for: stored only if it is for all.
        inputs: of the decision.
        browser_max_age_s: the setting.
        is_overdue: the hop's oldest purge is more than a minute late.
    """
    lifetimes = _of_the_picture(
        hop, inputs, browser_max_age_s=browser_max_age_s, is_overdue=is_overdue
    )
    return lifetimes.capped(STAND_IN_MAX_S) if inputs.is_stand_in else lifetimes


def _of_the_picture(
    hop: TrustedHop | None, inputs: LifetimeInputs, *, browser_max_age_s: int, is_overdue: bool
) -> Lifetimes:
    right_s = whole_seconds(inputs.now, inputs.holds_until)
    browser_s = min(browser_max_age_s, right_s)
    edge_s = min(inputs.preset_s, right_s, whole_seconds(inputs.now, inputs.token_ends))
    if not inputs.is_taggable:
        edge_s = 0
    reads_targeted = hop is None or hop.reads_targeted
    if hop is not None and hop.kind == "authorising":
        return Lifetimes(browser_s=browser_s, edge_s=edge_s, reads_targeted=reads_targeted)
    browser_s = min(browser_s, max(0, right_s - AGE_ROUNDED_OFF_S))
    edge_s = max(0, edge_s - AGE_ROUNDED_OFF_S)
    limit_s = OVERDUE_MAX_S if is_overdue else PLAIN_HOP_MAX_S
    territory = "bypass" if hop is None else hop.territory
    honours_vary = hop is not None and hop.honours_vary
    may_store = (inputs.is_same_everywhere or territory != "bypass") and (
        not inputs.is_negotiated or honours_vary
    )
    varies_by = None
    if hop is not None and territory == "vary" and not inputs.is_same_everywhere:
        varies_by = hop.country_header
    return Lifetimes(
        browser_s=browser_s,
        edge_s=min(edge_s, limit_s) if may_store else 0,
        varies_by=varies_by,
        reads_targeted=reads_targeted,
    )


def unchanged_until(
    lifetimes: Lifetimes, ends: datetime, *, browser_alone: bool = False
) -> datetime:
    """Return up to when the same lifetimes are right, as long as no driver falls behind.

    Args:
        lifetimes: of an answer.
        browser_alone: `edge_s` goes to no cache; it decides only whether one may store, which is so
            until less than two seconds are left.
        ends: the first instant at which right or token end. Until the longest lifetime no longer
            fits before it, nothing but the settings limits them.
    """
    stated_s = lifetimes.browser_s if browser_alone else max(lifetimes.browser_s, lifetimes.edge_s)
    return ends - timedelta(seconds=stated_s + AGE_ROUNDED_OFF_S + 1)
