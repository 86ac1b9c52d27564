"""The rights rule, as `decide`: pure, the same in the graph and at every delivery.

Allow <=> no legal demand, and approved, and the owner is live (when bound), and no restriction
matches, and some grant covers. Inside a grant the dimensions are AND; grants are OR and are never
combined across; restrictions win; no grant means deny.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from catalog.rights.model import NEVER, Decision, Question, Reason, Rights, Status, Term, Window
from catalog.rights.territory import UNKNOWN


def decide(rights: Rights, asked: Question) -> Decision:
    """Decide for every asked country together: allowed only if allowed in each.

    The first failure in the order legal demand, status, publication, restrictions, grants is the
    reason. Nowhere in particular is nowhere known.
    """
    if not asked.countries:
        asked = replace(asked, countries=UNKNOWN)
    if rights.legal_demand:
        return Decision(reason=Reason.LEGAL_DEMAND, holds_until=NEVER)
    if rights.status is not Status.APPROVED:
        withdrawn = rights.status is Status.WITHDRAWN
        reason = Reason.WITHDRAWN if withdrawn else Reason.NOT_APPROVED
        return Decision(reason=reason, holds_until=NEVER)
    holds_until = _next_boundary(rights.boundaries, asked)
    if asked.windows is not None and not any(w.contains(asked.now) for w in asked.windows):
        return Decision(reason=Reason.UNPUBLISHED, holds_until=holds_until)
    if any(applies(term, asked) for term in rights.restrictions):
        return Decision(reason=Reason.RESTRICTED, holds_until=holds_until)
    covering = [grant for grant in rights.grants if applies(grant, asked)]
    missing = asked.countries
    for grant in covering:
        missing &= ~grant.territory
    if missing:
        reason, _ = why_not(rights.grants, asked, missing & -missing)
        return Decision(reason=reason, holds_until=holds_until)
    return Decision(reason=None, holds_until=holds_until)


def available_until(rights: Rights, asked: Question, allowed: Decision) -> datetime | None:
    """Return when an allowance ends by time alone, through every boundary until then.

    Returns:
        The first boundary at which the answer is no longer yes; None: none of them ends it.
    """
    instant = allowed.holds_until
    while instant < NEVER:
        later = decide(
            rights,
            Question(
                now=instant,
                countries=asked.countries,
                channel=asked.channel,
                usage=asked.usage,
                windows=None,  # the end of the right, whatever is published
            ),
        )
        if not later.is_allowed:
            return instant
        instant = later.holds_until
    return None


def allowed_countries(rights: Rights, *, channel: str, usage: str, now: datetime) -> int:
    """Return bits of the countries, also the unknown one, in which terms let it be shown."""
    granted = _bits(rights.grants, channel, usage, now)
    return granted & ~_bits(rights.restrictions, channel, usage, now)


def boundaries_of(terms: Iterable[Term]) -> tuple[datetime, ...]:
    """Return every start and end, ascending; an end that is never is none."""
    instants = {instant for t in terms for instant in (t.window.start, t.window.end)}
    return tuple(sorted(instants - {NEVER}))


def _bits(terms: Iterable[Term], channel: str, usage: str, now: datetime) -> int:
    bits = 0
    for term in terms:
        if term.window.contains(now) and _is_for(term, channel, usage):
            bits |= term.territory
    return bits


def _next_boundary(boundaries: Sequence[datetime], asked: Question) -> datetime:
    place = bisect_right(boundaries, asked.now)
    earliest = boundaries[place] if place < len(boundaries) else NEVER
    for window in asked.windows or ():
        for instant in (window.start, window.end):
            if asked.now < instant < earliest:
                earliest = instant
    return earliest


def _is_for(term: Term, channel: str, usage: str) -> bool:
    return (term.channels is None or channel in term.channels) and (
        term.usages is None or usage in term.usages
    )


def applies(term: Term, asked: Question) -> bool:
    """Return whether a grant covers, or a restriction matches, one of the asked countries."""
    return (
        term.window.contains(asked.now)
        and bool(term.territory & asked.countries)
        and _is_for(term, asked.channel, asked.usage)
    )


def why_not(grants: Sequence[Term], asked: Question, country: int) -> tuple[Reason, Sequence[int]]:
    """Say why no grant covers one country, and by which grants, as their places."""
    if not grants:
        return Reason.NO_GRANT, ()
    if not any(grant.window.contains(asked.now) for grant in grants):
        later = [n for n, grant in enumerate(grants) if _starts_later(grant.window, asked.now)]
        if later:
            return Reason.EMBARGOED, sorted(later, key=lambda n: grants[n].window.start)
    failures = [_failed_dimensions(grant, asked, country) for grant in grants]
    fewest = min(map(len, failures))
    nearest = {n: failed[0] for n, failed in enumerate(failures) if len(failed) == fewest}
    reason = next(reason for reason in _PRECEDENCE if reason in nearest.values())
    return reason, [n for n, first in nearest.items() if first is reason]


#: A grant that fails only because it has not begun is an embargo, not an expired licence: 410
#: would say of a picture that is to come that it is gone for good.
_PRECEDENCE = (
    Reason.EMBARGOED,
    Reason.LICENCE_EXPIRED,
    Reason.TERRITORY,
    Reason.CHANNEL,
    Reason.USAGE,
)


def _starts_later(window: Window, now: datetime) -> bool:
    return window.start > now


def _failed_dimensions(grant: Term, asked: Question, country: int) -> list[Reason]:
    failed: list[Reason] = []
    if not grant.territory & country:
        failed.append(Reason.TERRITORY)
    if grant.channels is not None and asked.channel not in grant.channels:
        failed.append(Reason.CHANNEL)
    if grant.usages is not None and asked.usage not in grant.usages:
        failed.append(Reason.USAGE)
    if not grant.window.contains(asked.now):
        later = _starts_later(grant.window, asked.now)
        failed.append(Reason.EMBARGOED if later else Reason.LICENCE_EXPIRED)
    return failed
