"""How long what was read may be used without asking again."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


def _never() -> float:
    return -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """By the feed, which brings every change; or by the instant of the question itself.

    Attributes:
        left_s: how long the feed goes on vouching for everything that is kept; negative: it does
            not.
        lease_s: how long what was read is proven without the feed, from its question on (not from
            its answer, which may tell of any instant between the two); by default not at all.
        absent_for_s: how long an absence (`None`, or what is empty) is kept at the most, since
            something else may come to be there that nothing kept is found by; 0: not at all.
        refuses_late: whether an answer that took longer than it is proven is of no use to whoever
            asked either, and is asked for again.
        monotonic_s: the clock that ages are measured by.
    """

    left_s: Callable[[], float] = _never
    lease_s: float = -math.inf
    absent_for_s: float = 0.0
    refuses_late: bool = False
    monotonic_s: Callable[[], float] = time.monotonic

    def left_of(self, asked_at_s: float, *, is_absence: bool) -> float:
        """Return for how many seconds what was asked for at an instant is proven from now on."""
        age_s = self.monotonic_s() - asked_at_s
        left_s = max(self.left_s(), self.lease_s - age_s)
        return min(left_s, self.absent_for_s - age_s) if is_absence else left_s
