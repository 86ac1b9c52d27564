"""Frozen values of rights: what was licensed, what forbids, what was asked, what was decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.clock import FAR_FUTURE

#: An answer that time alone never changes.
NEVER = FAR_FUTURE

ALL = "*"


class Status(StrEnum):
    """The state of an asset's approval."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"


class Reason(StrEnum):
    """Why an image may not be delivered; raised by `decide`, but for those of the token."""

    TOKEN_MISSING = "TOKEN_MISSING"  # noqa: S105 - reasons, not secrets
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - as above
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - as above
    TOKEN_NOT_YET = "TOKEN_NOT_YET"  # noqa: S105 - as above
    TOKEN_SCOPE = "TOKEN_SCOPE"  # noqa: S105 - as above
    NOT_FOUND = "NOT_FOUND"
    LEGAL_DEMAND = "LEGAL_DEMAND"
    NOT_APPROVED = "NOT_APPROVED"
    WITHDRAWN = "WITHDRAWN"
    UNPUBLISHED = "UNPUBLISHED"
    RESTRICTED = "RESTRICTED"
    EMBARGOED = "EMBARGOED"
    LICENCE_EXPIRED = "LICENCE_EXPIRED"
    TERRITORY = "TERRITORY"
    CHANNEL = "CHANNEL"
    USAGE = "USAGE"
    NO_GRANT = "NO_GRANT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open interval `[start, end)`."""

    start: datetime
    end: datetime = NEVER

    def contains(self, instant: datetime) -> bool:
        """Return whether the instant lies in it."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A grant or a restriction, compiled for deciding.

    Attributes:
        territory: bits of `catalog.rights.territory`.
        channels: codes; None: all.
        usages: codes; None: all.
    """

    territory: int
    channels: frozenset[str] | None
    usages: frozenset[str] | None
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Everything stored about one asset that the rule decides by.

    Attributes:
        boundaries: every start and end of grants and restrictions, ascending.
    """

    status: Status
    legal_demand: bool = False
    authority_url: str | None = None
    grants: tuple[Term, ...] = ()
    restrictions: tuple[Term, ...] = ()
    boundaries: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May it be shown there, on that channel, for that use, at that instant?

    Attributes:
        countries: bits: the viewer's country, or every country of a territory or market.
        windows: publications of the owner and what is below it; None: not bound to an owner.
    """

    now: datetime
    countries: int
    channel: str
    usage: str
    windows: tuple[Window, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer.

    Attributes:
        reason: why not; None: allowed.
        holds_until: time alone cannot change the answer before.
    """

    reason: Reason | None
    holds_until: datetime

    @property
    def is_allowed(self) -> bool:
        """Whether the image may be shown."""
        return self.reason is None


class TermKind(StrEnum):
    """Whether terms permit or forbid; the value names their list, in records and in events."""

    GRANTS = "grants"
    RESTRICTIONS = "restrictions"

    @property
    def noun(self) -> str:
        """What one of them is called."""
        return self.value.removesuffix("s")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermInput:
    """A grant or restriction as a person states it.

    Attributes:
        include, exclude: ISO countries, territory sets, or `WORLD`.
        channels, usages: codes, or `*` for all; an empty list grants nothing.
        valid_until: None: it never ends.
        licence: public id or code of the licence that says so; grants only.
        note: restrictions only.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    channels: tuple[str, ...]
    usages: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime | None = None
    licence: str | None = None
    note: str | None = None
