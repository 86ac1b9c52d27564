"""When to try a purge again: pure."""

from dataclasses import dataclass, field

_FIRST_PAUSE_S = 0.5
_FIRST_REST_S = 5.0
_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_s` to `longest_s`.

    Also what a server asks for ends at `longest_s`: one request a minute harms nobody, and an
    image that should be dark harms somebody.
    """

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
        return min(max(own, wanted_s or 0.0), self.longest_s)


#: After no answer, or "not now": for the batch by its attempts, for its driver by those in a row.
PAUSE = Backoff()
#: After a refusal, which another try will hardly change.
REST = Backoff(first_s=_FIRST_REST_S)
