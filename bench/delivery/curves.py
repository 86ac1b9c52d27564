"""What a format takes for how good it looks: a few measured qualities, and what lies between."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Point(NamedTuple):
    """Pictures of one quality.

    Attributes:
        score: their mean.
        size: their mean, in bytes.
    """

    quality_percent: int
    score: float
    size: float


class Curve(NamedTuple):
    """Two points or more, of ascending quality and score."""

    points: Sequence[Point]

    def size_at(self, score: float) -> float:
        """Return the bytes that look like this: they grow exponentially from point to point."""
        below, above, share = self._around(score)
        return math.exp(_between(math.log(below.size), math.log(above.size), share))

    def quality_at(self, score: float) -> float:
        """Return the quality in percent that looks like this."""
        below, above, share = self._around(score)
        return _between(below.quality_percent, above.quality_percent, share)

    def _around(self, score: float) -> tuple[Point, Point, float]:
        """Return the points on both sides, or the two outermost, and how far it is between them."""
        pairs = list(pairwise(self.points))
        below, above = next((pair for pair in pairs if score <= pair[1].score), pairs[-1])
        return below, above, (score - below.score) / (above.score - below.score)


def _between(below: float, above: float, share: float) -> float:
    return below + (above - below) * share
