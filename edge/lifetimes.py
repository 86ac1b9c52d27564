"""How long browsers and caches may keep an answer, and the headers that say it: pure."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

PLAIN_HOP_MAX_S = 300
#: While the purges of a hop are late, it may keep so much.
OVERDUE_MAX_S = 10
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


def whole_seconds(now: datetime, until: datetime) -> int:
    """Return how many are left; 0 once none are."""
    return max(0, math.floor((until - now).total_seconds()))
