"""Leaves a core free of renders while stored pictures are being delivered.

A stored picture then finds a free core. Where nothing stored is asked for nothing is lost, as it
would be by a lower priority of the threads that render.
"""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from imaging.vips import Stop

_ASK_AGAIN_S = 0.05
_ASKED_LATELY_S = 0.1


class RenderSlots:
    """The renders of a pool that run at the same time.

    Args:
        threads: as many run while nothing stored is asked for.
        beside_stored: and as many, where that is fewer, while something is.
    """

    def __init__(
        self,
        threads: int,
        *,
        beside_stored: int,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threads = threads
        self._beside_stored = min(threads, beside_stored)
        self._monotonic_s = monotonic_s
        self._running = 0
        self._changed = threading.Condition()
        self._stored_asked_s = float("-inf")

    def note_stored_request(self) -> None:
        """Note that something stored is being delivered; as cheap as an assignment."""
        self._stored_asked_s = self._monotonic_s()

    @property
    def at_once(self) -> int:
        """Return how many renders may run now."""
        is_asked = self._monotonic_s() < self._stored_asked_s + _ASKED_LATELY_S
        return self._beside_stored if is_asked else self._threads

    @contextmanager
    def take(self, stop: Stop) -> Generator[None]:
        """Wait, on this thread, for a slot for this render, or until it must stop."""
        with self._changed:
            while self._running >= self.at_once and not stop():
                self._changed.wait(_ASK_AGAIN_S)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()
