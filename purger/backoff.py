"""When to try a purge again: pure."""

from dataclasses import dataclass, field

from edge.lifetimes import PLAIN_HOP_MAX_S

_FIRST_PAUSE_S = 0.5
_FIRST_REST_S = 5.0
_LONGEST_S = 60.0

#: The most that a server may ask for. By then every object at a plain hop has expired by itself, so
#: the wait kept nothing lit for longer; after it one request in five minutes harms nobody, and the
#: confirmation is waited for.
LONGEST_WANTED_S = float(PLAIN_HOP_MAX_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_s` to `longest_s`; what a server asks for counts up to five minutes."""

    first_s: float = field(default=_FIRST_PAUSE_S)
    longest_s: float = field(default=_LONGEST_S)

    def delay_s(self, failures: int, *, jitter: float, wanted_s: float | None = None) -> float:
        """Return the seconds to wait.

        Args:
            failures: in a row, from 1.
            jitter: from 0 to 1, drawn by the caller, so that many purgers do not beat as one.
            wanted_s: of `Retry-After`.
        """
        doubled = self.first_s * 2.0 ** min(failures - 1, 30)
        own = min(doubled, self.longest_s) * (0.5 + jitter / 2)
        return max(own, min(wanted_s or 0.0, LONGEST_WANTED_S))


#: After no answer, or "not now": for the batch by its attempts, for its driver by those in a row.
PAUSE = Backoff()
#: After a refusal, which another try will hardly change.
REST = Backoff(first_s=_FIRST_REST_S)
