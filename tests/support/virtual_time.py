"""An event loop whose time passes only while everyone waits: hours take milliseconds."""

import asyncio
import selectors


class WaitsForEverError(RuntimeError):
    """Nobody has anything to do, no timer is set, and what is awaited has not come."""


class _JumpingSelector(selectors.SelectSelector):
    """Waits for no descriptor: it jumps to the next timer instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise WaitsForEverError("nothing is left to do, and something is still awaited")
        self.now_s += max(0.0, timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs timers in order, at once, the same way each time; no sockets, no threads.

    `asyncio.Runner(loop_factory=VirtualTimeLoop)` runs coroutines on it one after the other, and
    between two of them its time stands still. `time()` begins at 0, so two runs of the same code
    give the same instants.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds since the loop was made."""
        return self._jumping.now_s
