"""What was found while an answer was made: when time ends it, and what rights left out."""

from dataclasses import dataclass, field
from datetime import datetime

from catalog.rights.model import NEVER, Reason


@dataclass(slots=True)
class Findings:
    """The findings of one request, or of a part of its answer.

    Attributes:
        holds_until: the earliest instant at which time alone changes one of the decisions.
        tokens_until: until then a new request would get the same tokens.
        urls_valid_until: the first expiry of all URLs that were written.
        absent: public ids of assets that were left out, with the reason.
    """

    holds_until: datetime = NEVER
    tokens_until: datetime = NEVER
    urls_valid_until: datetime = NEVER
    absent: dict[str, Reason] = field(default_factory=dict[str, Reason])

    @property
    def good_until(self) -> datetime:
        """Return until when the same would be found again."""
        return min(self.holds_until, self.tokens_until)

    def signed(self, *, expires_at: datetime, fresh_until: datetime) -> None:
        """Note a token."""
        self.urls_valid_until = min(self.urls_valid_until, expires_at)
        self.tokens_until = min(self.tokens_until, fresh_until)

    def add(self, other: "Findings") -> None:
        """Note all that was found elsewhere."""
        self.holds_until = min(self.holds_until, other.holds_until)
        if other.urls_valid_until < NEVER:
            self.signed(expires_at=other.urls_valid_until, fresh_until=other.tokens_until)
        if other.absent:
            self.absent.update(other.absent)

    def taken(self) -> "Findings":
        """Return what was found so far, and begin anew."""
        so_far = Findings(self.holds_until, self.tokens_until, self.urls_valid_until, self.absent)
        self.holds_until = self.tokens_until = self.urls_valid_until = NEVER
        self.absent = {}
        return so_far
