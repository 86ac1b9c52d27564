"""Whether a driver's CDN is asked, left alone for a while, or tried: pure.

Closed: it is asked. Open: it did not answer, or asked to be left alone, and is until its time. Half
open: the one request is out that tries it. An answer closes it, a refusal too: whoever refuses one
batch can be asked for the next.
"""

from dataclasses import dataclass, replace

from catalog.purges.driver_store import CircuitState, StoredCircuit
from purger.backoff import LONGEST_WANTED_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A state; each transition returns the next one.

    Attributes:
        failures: in a row.
        next_try_s: when it is tried, where it is open, on the caller's monotonic clock.
        last_error: the last refusal or failure, however long ago.
    """

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    next_try_s: float | None = None
    last_error: str | None = None

    def wait_s(self, now_s: float) -> float:
        """Return the seconds for which it is left alone."""
        return 0.0 if self.next_try_s is None else max(0.0, self.next_try_s - now_s)

    def asked(self) -> "Circuit":
        """A request goes out: one to an open circuit is the one that tries it."""
        if self.state is CircuitState.CLOSED:
            return self
        return replace(self, state=CircuitState.HALF_OPEN, next_try_s=None)

    def answered(self) -> "Circuit":
        """It did what it was asked."""
        return replace(self, state=CircuitState.CLOSED, failures=0, next_try_s=None)

    def refused(self, error: str) -> "Circuit":
        """It refused this one request."""
        return replace(self.answered(), last_error=error)

    def failed(self, error: str, *, next_try_s: float) -> "Circuit":
        """It did not answer, or not now."""
        return Circuit(
            state=CircuitState.OPEN,
            failures=self.failures + 1,
            next_try_s=next_try_s,
            last_error=error,
        )

    def stored(self, now_s: float) -> StoredCircuit:
        """Return what others may know of it."""
        is_open = self.state is CircuitState.OPEN
        return StoredCircuit(
            state=self.state,
            failures=self.failures,
            next_try_in_s=self.wait_s(now_s) if is_open else None,
            last_error=self.last_error,
        )


def resumed(stored: StoredCircuit | None, *, now_s: float) -> Circuit:
    """Take over from the holder before, so that a restart does not forget what a CDN asked for.

    Nobody knows what came of a request that was trying it: it is tried again, now.
    """
    if stored is None:
        return Circuit()
    if stored.state is CircuitState.CLOSED:
        return Circuit(last_error=stored.last_error)
    left_s = min(max(stored.next_try_in_s or 0.0, 0.0), LONGEST_WANTED_S)
    return Circuit(
        state=CircuitState.OPEN,
        failures=stored.failures,
        next_try_s=now_s + left_s,
        last_error=stored.last_error,
    )
