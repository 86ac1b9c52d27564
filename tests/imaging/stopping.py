"""A switch that ends a render after so many steps of libvips, and says how many there were."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from imaging.model import RenderDeadlineError
from imaging.vips import Image, Stop


class StopAfter(Stop):
    """Counts the steps of what it watches, and is set after so many."""

    def __init__(self, allowed: int | None) -> None:
        super().__init__()
        self.steps = 0
        self._allowed = allowed

    @contextmanager
    def watching(self, image: Image) -> Generator[None]:
        image.set_progress(True)
        image.signal_connect("eval", self._count)
        with super().watching(image):
            yield

    def _count(self, _image: Image, _progress: object) -> None:
        self.steps += 1
        if self.steps == self._allowed:
            self.set()


def steps_of(work: Callable[[Stop], object], allowed: int | None) -> int:
    """Return how many steps work takes that is stopped after so many."""
    stop = StopAfter(allowed)
    if allowed is None:
        work(stop)
    else:
        with pytest.raises(RenderDeadlineError):
            work(stop)
    return stop.steps
