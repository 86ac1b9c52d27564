"""What the rights of an asset come to now, in a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

#: A grant or a restriction as the graph answers it.
Term = Mapping[str, Any]

_TONES = {"draft": "warn", "withdrawn": "bad", "quarantined": "bad"}


@dataclass(frozen=True, slots=True)
class RightsNow:
    """What the rights of something come to.

    Attributes:
        code: of the word for it, `rights_CODE`.
        tone: of its badge.
        where: while it is allowed anywhere, countries and their sets, those without which, and the
            channels.
        at: until when it is allowed, since when not any more, or from when on; None: no end.
        is_restricted: restrictions take some of it away.
    """

    code: str
    tone: str
    where: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    at: str | None = None
    is_restricted: bool = False


def rights_of(asset: Mapping[str, Any], now: datetime) -> RightsNow:
    """Return what the rights of an asset come to, as far as whoever looks may know them."""
    if asset["legalDemand"]:
        return RightsNow("held", "bad")
    status: str | None = asset["status"]
    if status is not None and status != "APPROVED":
        return RightsNow(status.lower(), _TONES.get(status.lower(), "calm"))
    if "rights" not in asset:
        return RightsNow("shown", "good", at=asset["availableUntil"])
    rights = asset["rights"]
    found = granted(rights["grants"], now)
    restrictions = [each for each in rights["restrictions"] if not _is_over(each, now)]
    return replace(found, is_restricted=found.code == "allowed" and bool(restrictions))


def granted(grants: Sequence[Term], now: datetime) -> RightsNow:
    """Return what grants come to by time; restrictions may take some of it away."""
    current = [each for each in grants if _begins(each) <= now and not _is_over(each, now)]
    if current:
        ends = [each["validUntil"] for each in current]
        return RightsNow(
            "allowed",
            "good",
            where=tuple(dict.fromkeys(map(_place_of, current))),
            at=None if None in ends else max(ends),
        )
    if coming := [each for each in grants if _begins(each) > now]:
        return RightsNow("not_yet", "warn", at=min(each["validFrom"] for each in coming))
    if grants:
        return RightsNow("over", "bad", at=max(each["validUntil"] for each in grants))
    return RightsNow("no_grant", "bad")


def _place_of(term: Term) -> tuple[str, str, tuple[str, ...]]:
    territory = term["territory"]
    return " ".join(territory["include"]), " ".join(territory["exclude"]), tuple(term["channels"])


def _begins(term: Term) -> datetime:
    return datetime.fromisoformat(term["validFrom"])


def _is_over(term: Term, now: datetime) -> bool:
    until: str | None = term["validUntil"]
    return until is not None and datetime.fromisoformat(until) <= now
